package model

import (
	"go/token"
	"time"
)

// Step is a struct marked //wfe:step.
type Step struct {
	Step   string // name in definitions: name= or the kebab of the type
	Name   string // of the type
	Method string // of the builder: method= or the type's name
	Type   TypeID
	Doc    string
	Pos    token.Position

	Run  RunForm
	Item TypeID // RunBranches: what it branches into
	Undo bool   // its pointer has Undo(context.Context) error
	Asks bool   // compensate=none: it leaves nothing to undo

	Fields  []Field // all but blank ones, in the order of the struct, promoted ones in place of their embedded struct
	Inputs  []Field // those of Fields with RoleIn
	Outputs []Field
	Inject  []Field // dependencies

	Record Object // what is recorded of a run: the inputs, and after it the outputs too
	Codec  string // the variable that holds the codec of Record: codecChargeCard

	Policy     Policy
	Retry      *Retry                    // what Policy comes to; nil when it says nothing about failures
	Keys       map[string]token.Position // where the directive gives a key; for diagnostics only
	Defaults   map[string]token.Position // where the package's //wfe:defaults gives one that the directive does not
	Compensate *Compensation             // compensate=Step; nil without
}

// RunForm is the signature of a step's Run.
type RunForm uint8

// The forms of Run.
const (
	RunNone     RunForm = iota // no usable Run, which is a diagnostic
	RunPlain                   // Run(context.Context) error
	RunSteers                  // Run(wfe.StepContext) (wfe.Result, error)
	RunBranches                // Run(wfe.BranchContext[Item]) (wfe.Result, error)
)

// Policy is what a step's directive, or the package's defaults, say about failures. What was absent is marked so: it is not the same as zero.
type Policy struct {
	Retry      *int // MaxRetries; Unlimited for retry=unlimited
	Backoff    *time.Duration
	Factor     *float64
	MaxBackoff *time.Duration
	Jitter     *float64 // 0 to 1
	OnError    Then
	Timeout    *time.Duration
}

// Set reports whether the directive says anything about what follows a failure (Timeout is not part of that).
func (p Policy) Set() bool {
	return p.Retry != nil || p.Backoff != nil || p.Factor != nil || p.MaxBackoff != nil || p.Jitter != nil || p.OnError != ThenDefault
}

// Retry is a whole policy: what a directive leaves out is as for a step without one. All but Then is zero when there are no
// retries.
type Retry struct {
	MaxRetries  int // or Unlimited
	Interval    time.Duration
	Factor      float64
	MaxInterval time.Duration
	Jitter      float64
	Then        Then
}

// Unlimited is the number of retries of retry=unlimited.
const Unlimited = -1

// Then is what happens when retries are used up: on-error=.
type Then string

// The values of on-error. ThenDefault is what is so without one.
const (
	ThenDefault           Then = ""
	ThenSuspend           Then = "suspend"
	ThenTerminate         Then = "terminate"
	ThenCompensate        Then = "compensate"
	ThenCompensateRetry   Then = "compensate-retry"
	ThenCompensateSuspend Then = "compensate-suspend"
)

// Compensates reports whether t runs the step's compensation.
func (t Then) Compensates() bool {
	return t == ThenCompensate || t == ThenCompensateRetry || t == ThenCompensateSuspend
}

// Compensation is the step that undoes another one.
type Compensation struct {
	Step string         // name of its type, a step of the same package
	By   *Step          // nil when there is no such step, which is a diagnostic
	Pos  token.Position // of the directive's value
	End  token.Position

	Wires []Wire  // inputs of By read from the undone step
	Rest  []Field // inputs of By that the undone step does not have: read from the data, see Method.Undo
}

// Wire copies one field to another of the same name and type.
type Wire struct {
	To, From Field
}

// Dependency is a parameter of NewSteps: one distinct type among the injected fields of a package.
type Dependency struct {
	Param string // name of the parameter
	Type  TypeID
	For   []Injection // the fields that get it, by step and field
}

// Injection is a field that gets a dependency.
type Injection struct {
	Step  *Step
	Field Field
}

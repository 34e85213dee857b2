package host

import (
	"context"
	"reflect"
	"time"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/engine"
	"github.com/wfegen/wfe/runtime/instance"
)

// Workflow is a registered workflow.
type Workflow struct {
	Definition *definition.Definition
	Hash       string // of the definition
	Body       []byte // of the definition, as it is stored
	Settings   []definition.Settings
	// NewCode makes a binding. One is made for each scheduler goroutine.
	NewCode func() (engine.Code, error)
	// Steps and Compensations are the bodies by node index; nil where there is none.
	Steps, Compensations []Body
	Data                 reflect.Type         // of the instances
	Positions            []string             // of the nodes in the source of the workflow; "" where that is not known
	Children             map[int]reflect.Type // the data of what a node starts
}

// Body is what a step runs.
type Body func(ctx context.Context, call Call) Result

// Call is what a body is told.
type Call struct {
	engine.Run
	Workflow *Workflow
	Instance string
	Trace    []byte // in which the instance was started
}

// Timeout is how long one run of the body may take; 0 is for ever.
func (c *Call) Timeout() time.Duration {
	set := &c.Workflow.Settings[c.Node]
	if c.Compensation {
		return set.UndoTimeout
	}
	return set.Timeout
}

// Result is how a run of a body ended: with Err, or with the rest.
type Result struct {
	Kind    instance.ResultKind
	Value   []byte // the step's value after the run
	Outcome string
	Event   string // WaitFor: its name
	Key     string // WaitFor
	Persist []byte
	Items   [][]byte // Branch: the encoded elements
	Until   instance.Instant
	After   time.Duration // instead of Until: so long after the body returned
	Err     *instance.StepError
}

package wfe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/wfegen/wfe/runtime/codec"
	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/internal/host"
	"github.com/wfegen/wfe/runtime/internal/probe"
	"github.com/wfegen/wfe/runtime/internal/secret"
)

// Step describes a step type to the runtime. Generated code makes one for each
// step of its package.
type Step[S any] struct {
	Name   string
	Codec  codec.Codec[S] // of inputs and outputs
	Inject func(s *S)     // sets the dependencies; nil if it has none
	// Run, Steer or Branch is the body.
	Run    func(s *S, ctx context.Context) error
	Steer  func(s *S, ctx StepContext) (Result, error)
	Branch *Branching[S]
	// Undo, if set, is the compensation.
	Undo func(s *S, ctx context.Context) error
	// UndoneBy is the step that is the compensation instead, where its directive
	// names one; see UndoBy. Direct runs go by it.
	UndoneBy reflect.Type
	Retry    *RetryPolicy  // nil is the default: 3 retries from 1 s, doubling
	Timeout  time.Duration // of one run of the body; 0 is none
}

// stepType is a Step without its type parameter.
type stepType interface {
	name() string
	goType() reflect.Type
	schema() uint64
	settings() (retry *RetryPolicy, timeout time.Duration)
	body(in surroundings) host.Body
	undo(in surroundings) host.Body           // nil if the step has no Undo
	undoneBy() reflect.Type                   // nil if no other step undoes it
	branches() *elements                      // nil if it does not branch
	write(b []byte, step any) ([]byte, error) // appends the payload of a *S
	read(value []byte, step any) error
	double(d *probe.Double) stepType // the same step with bodies of package wfetest
}

var _ stepType = Step[struct{}]{}

func (t Step[S]) name() string                            { return t.Name }
func (t Step[S]) goType() reflect.Type                    { return reflect.TypeFor[S]() }
func (t Step[S]) undoneBy() reflect.Type                  { return t.UndoneBy }
func (t Step[S]) schema() uint64                          { return t.Codec.Schema }
func (t Step[S]) settings() (*RetryPolicy, time.Duration) { return t.Retry, t.Timeout }

func (t Step[S]) write(b []byte, step any) ([]byte, error) {
	return t.Codec.AppendPayload(b, step.(*S))
}

func (t Step[S]) read(value []byte, step any) error { return t.Codec.Unmarshal(value, step.(*S)) }

func (t Step[S]) body(in surroundings) host.Body {
	switch {
	case t.Branch != nil:
		return t.call(in, func(s *S, ctx StepContext) (Result, error) {
			ctx.elem = t.Branch.elements.codec
			return t.Branch.run(s, ctx)
		})
	case t.Steer != nil:
		return t.call(in, t.Steer)
	}
	return t.call(in, plain(t.Run))
}

func (t Step[S]) undo(in surroundings) host.Body {
	if t.Undo == nil {
		return nil
	}
	return t.call(in, plain(t.Undo))
}

// plain makes a steering body of one that only works.
func plain[S any](run func(s *S, ctx context.Context) error) func(s *S, ctx StepContext) (Result, error) {
	return func(s *S, ctx StepContext) (Result, error) {
		return ctx.Next(), run(s, ctx)
	}
}

// call decodes the recorded inputs into a step of its own, runs the body on it,
// and encodes what it left.
func (t Step[S]) call(in surroundings, run func(s *S, ctx StepContext) (Result, error)) host.Body {
	return func(ctx context.Context, c host.Call) (out host.Result) {
		s := new(S)
		info := newStepContext(ctx, in, c)
		if err := t.Codec.Unmarshal(c.Input, s); err != nil {
			return host.Result{Err: &instance.StepError{Message: fmt.Sprintf("its inputs do not decode: %v", err), Permanent: true}}
		}
		if step := unboxed(s); secret.Has(reflect.TypeOf(step)) {
			copied := new(S) // the body may change s
			_ = t.Codec.Unmarshal(c.Input, copied)
			given := unboxed(copied)
			info.secrets.Values = []any{step, given}
			defer func() {
				if out.Err != nil {
					out.Err.Message = info.Redact(out.Err.Message)
				}
			}()
			defer host.Recover(&out)
		}
		if t.Inject != nil {
			t.Inject(s)
		}
		result, err := in.run(info, func(ctx StepContext) (Result, error) { return run(s, ctx) })
		if err == nil {
			err = result.err
		}
		if err != nil {
			return host.Result{Err: recorded(err)}
		}
		value, err := t.Codec.AppendPayload(make([]byte, 0, len(c.Input)+outputsRoom), s)
		if err != nil {
			return host.Result{Err: &instance.StepError{Message: fmt.Sprintf("its outputs do not encode: %v", err), Permanent: true}}
		}
		return result.of(value)
	}
}

// outputsRoom is about how many bytes more a step is after its run.
const outputsRoom = 64

// StepContext is the context of a steering step. It carries the facts of the run
// and makes results.
type StepContext struct {
	context.Context
	StepInfo
	log     *slog.Logger
	secrets secret.Source
	persist []byte // of an earlier run of this activation
	types   *types // nil where no host runs it
	event   takenEvent
	volume  *Volume
	input   []byte
	elem    any      // of a step that branches: the codec.Codec of what it branches into
	body    StepFunc // of this run; nil for a Poll
}

func newStepContext(ctx context.Context, in surroundings, c host.Call) StepContext {
	def := c.Workflow.Definition
	node := &def.Nodes[c.Node]
	position := ""
	if c.Node < len(c.Workflow.Positions) {
		position = c.Workflow.Positions[c.Node]
	}
	info := StepInfo{Workflow: def.Name, Version: def.Version, Instance: c.Instance, Node: node.ID, Position: position, Step: node.Step,
		Pointer: uint64(c.Ptr), Attempt: int(c.Attempt), Index: c.Index, IdempotencyKey: key(c.Instance, c.Ptr)}
	if c.Undoes != 0 {
		info.Undoes = key(c.Instance, c.Undoes)
	}
	return StepContext{Context: ctx, StepInfo: info, log: in.log, secrets: secret.Source{Known: c.Secrets}, persist: c.Persist, types: in.types,
		event: takenEvent{c.Event, c.Taken, c.Payload}, input: c.Input}
}

func key(id string, ptr instance.PtrID) string {
	return id + "/" + strconv.FormatUint(uint64(ptr), 10)
}

// Value returns what context.Context does; Info and VolumeOf work on a StepContext too.
func (c StepContext) Value(key any) any {
	switch key {
	case infoKey{}:
		return c.StepInfo
	case volumeKey{}:
		return c.volume
	case probe.InputsKey{}:
		_, text, _ := codec.SplitHeader(c.input)
		return text
	}
	return c.Context.Value(key)
}

// Logger returns the host's logger with the facts of the run, and of the span that
// the context carries. It takes out secrets, as Redact does.
func (c StepContext) Logger() *slog.Logger {
	log := secret.Logger(c.log, c.secrets).With("workflow", c.Workflow, "instance", c.Instance, "node", c.Node, "attempt", c.Attempt)
	if span := trace.SpanContextFromContext(c.Context); span.IsValid() {
		log = log.With("trace_id", span.TraceID().String(), "span_id", span.SpanID().String())
	}
	return log
}

// Redact returns text without the secrets of the step and of the workflow's data, as
// errors are recorded and as the Logger logs: for middleware that shows errors to
// people. docs/semantics.md, "Secrets".
func (c StepContext) Redact(text string) string { return c.secrets.Redact(text) }

// Persisted decodes the persistence data of an earlier run of this activation
// into v, as encoding/json does; false when there is none.
func (c StepContext) Persisted(v any) (bool, error) {
	if c.persist == nil {
		return false, nil
	}
	if err := json.Unmarshal(c.persist, v); err != nil {
		return false, Permanent(fmt.Errorf("wfe: decoding persistence data: %w", err))
	}
	return true, nil
}

// Next ends the step; the flow goes on after it.
func (c StepContext) Next() Result { return Result{} }

// Outcome ends the step; the flow goes on in the block that When gave for v, or
// after the step if there is none. Values are compared as text: strings as they
// are, others as JSON.
func (c StepContext) Outcome(v any) Result {
	text, err := outcomeText(v)
	return Result{kind: instance.Outcome, outcome: text, err: err}
}

// Persist keeps v, as encoding/json encodes it, and runs the step again at once.
func (c StepContext) Persist(v any) Result { return Result{kind: instance.Persist}.keep(v) }

// Sleep runs the step again after d. It holds nothing meanwhile.
func (c StepContext) Sleep(d time.Duration) Result {
	if d < 0 {
		d = 0
	}
	return Result{kind: instance.SleepUntil, after: d}
}

// SleepUntil runs the step again at t.
func (c StepContext) SleepUntil(t time.Time) Result {
	return Result{kind: instance.SleepUntil, until: instance.At(t)}
}

// Result is how a steering step goes on. StepContext makes them.
type Result struct {
	kind    instance.ResultKind
	outcome string
	event   string
	key     string
	persist []byte
	items   [][]byte
	until   instance.Instant
	after   time.Duration
	err     error
}

// String says how the step goes on: "next", "outcome left", "branch 3", "persist",
// "sleep" or "wait for paid".
func (r Result) String() string {
	switch r.kind {
	case instance.Outcome:
		return "outcome " + r.outcome
	case instance.Branch:
		return "branch " + strconv.Itoa(len(r.items))
	case instance.Persist:
		return "persist"
	case instance.SleepUntil:
		return "sleep"
	case instance.WaitFor:
		return "wait for " + r.event
	}
	return "next"
}

// of is r as the host takes it, with the step's value after the run.
func (r Result) of(value []byte) host.Result {
	return host.Result{Kind: r.kind, Value: value, Outcome: r.outcome, Event: r.event, Key: r.key,
		Persist: r.persist, Items: r.items, Until: r.until, After: r.after}
}

// Keep keeps v for the next run of a step that sleeps or waits, as Persist does.
func (r Result) Keep(v any) Result {
	if r.kind != instance.SleepUntil && r.kind != instance.WaitFor {
		r.err = Permanent(errors.New("wfe: only a step that sleeps or waits can keep persistence data; use Persist"))
		return r
	}
	return r.keep(v)
}

func (r Result) keep(v any) Result {
	b, err := json.Marshal(v)
	if err != nil {
		r.err = Permanent(fmt.Errorf("wfe: encoding persistence data: %w", err))
	}
	r.persist = b
	return r
}

// outcomeText is how an outcome is compared and stored.
func outcomeText(v any) (string, error) {
	if s, ok := v.(string); ok {
		return s, nil
	}
	b, err := json.Marshal(v)
	if err != nil {
		return "", Permanent(fmt.Errorf("wfe: encoding an outcome: %w", err))
	}
	return string(b), nil
}

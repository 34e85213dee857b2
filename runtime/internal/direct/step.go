package direct

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/internal/host"
)

// Step is a call that runs a step.
type Step struct {
	Node     string // the segment of its id
	Name     string
	Body     host.Body
	Input    []byte
	Err      error // why there is no Input
	Settings definition.Settings
	// Undo is its compensation; nil if there is none. UndoInput makes its inputs of
	// the run that is undone, and UndoDone takes its outputs; nil: it is Undo of the
	// step itself.
	Undo      host.Body
	UndoInput func(done []byte) ([]byte, error)
	UndoDone  func(value []byte) error
	// Branch runs the block of the step for an item; nil if it has none.
	Branch     func(item []byte)
	Sequential bool // one item after the other
	Cancel     Cancel
}

// try is one activation of a step, or of its compensation.
type try struct {
	*Step
	node
	used   int // attempts of earlier activations
	number int // of the attempt, from 1
	undoes instance.PtrID
	input  []byte
	// What an earlier run of this activation left.
	persist []byte
	event   string
	taken   bool
	payload []byte
}

// Step runs a step until it has ended. It returns the step's value, nil if the step
// was undone by its policy, or cancelled, and the flow goes on after it.
func (r *Run) Step(s Step) (value []byte, outcome string) {
	n := r.enter(s.Node)
	var done host.Result
	settle := func(cause *instance.Failure) { r.final(cause, s.Settings.Retry.Then, nil) }
	r.cancellable(n, s.Cancel, settle, func() {
		if s.Err == nil {
			s.Err = bounded("its inputs are", len(s.Input))
		}
		if s.Err != nil {
			settle(r.failure(n.id, s.Name, s.Err.Error(), 1))
			return
		}
		t := &try{Step: &s, node: n, number: 1, input: s.Input}
		if done = r.forward(t); done.Err != nil {
			return // its policy has undone it, and goes on
		}
		if s.Undo != nil {
			r.note(t.ptr, false, func() { r.undo(t, done.Value) })
		}
		if s.Branch != nil {
			r.items(n, done.Items, s.Sequential, s.Branch)
		}
	})
	r.leave(n)
	return done.Value, done.Outcome
}

// forward runs a step until it has completed. Err of its result says that its
// policy has compensated it, and that the flow goes on after it.
func (r *Run) forward(t *try) host.Result {
	for {
		res := r.call(t, t.Body)
		if res.Err == nil {
			res.Err = r.mayEnd(t, res)
		}
		if res.Err == nil {
			if ends(res.Kind) {
				return res
			}
			if res.Err = r.pause(t, res); res.Err == nil {
				continue
			}
		}
		if !r.failed(t, res.Err) {
			return res
		}
	}
}

// ends reports whether a result of that kind ends the step.
func ends(k instance.ResultKind) bool {
	return k != instance.Persist && k != instance.SleepUntil && k != instance.WaitFor
}

// mayEnd reports why a result is none that a step may have.
func (r *Run) mayEnd(t *try, res host.Result) *instance.StepError {
	err := bounded("its persistence data is", len(res.Persist))
	switch {
	case err != nil || !ends(res.Kind):
	case res.Kind == instance.Branch && t.undoes != 0:
		err = errors.New("it branches, which a compensation cannot")
	case res.Kind == instance.Branch && t.Branch == nil:
		err = errors.New("it branches, and has no block for that in this workflow")
	case res.Kind == instance.Branch:
		err = boundedItems("it branches into", res.Items)
	}
	if err == nil {
		err = bounded("its outputs are", len(res.Value))
	}
	return permanent(err)
}

// pause has a step run again when that is to be: at once, at a time, or when an
// event is there.
func (r *Run) pause(t *try, res host.Result) *instance.StepError {
	t.number, t.event, t.taken, t.payload = 1, "", false, nil
	if res.Persist != nil {
		t.persist = res.Persist
	}
	switch res.Kind {
	case instance.SleepUntil:
		if res.After > 0 {
			r.skip(res.After)
		} else {
			r.until(res.Until.Time())
		}
	case instance.WaitFor:
		if err := definition.CheckName(res.Key); err != nil {
			return permanent(fmt.Errorf("it waits for event %s, whose key %w", res.Event, err))
		}
		var within *time.Duration
		if res.After > 0 {
			within = &res.After
		}
		t.event = res.Event
		t.payload, t.taken = r.await(t.id, res.Event, res.Key, within)
	}
	return nil
}

// failed takes a failed attempt: true if another one is to follow.
func (r *Run) failed(t *try, err *instance.StepError) bool {
	attempt := t.used + t.number
	cause := r.failure(t.id, t.Name, err.Message, attempt)
	cause.Ptr = t.ptr
	policy := t.Settings.Retry
	if err.Permanent || attempt > policy.MaxRetries {
		r.final(cause, policy.Then, t)
		return false
	}
	if policy.Then == definition.CompensateThenRetry {
		r.compensateAlone(t)
		*t = try{Step: t.Step, node: node{t.id, r.pointer()}, used: attempt, input: t.input}
	}
	r.skip(retryWait(policy, attempt, err))
	t.number++
	return true
}

func retryWait(policy definition.RetryPolicy, attempt int, err *instance.StepError) time.Duration {
	if err.After > 0 {
		return time.Duration(err.After)
	}
	return policy.Wait(attempt, 0)
}

// final settles what has failed for good. It returns where the flow goes on after
// the step. t is nil for what is no step, or has not run.
func (r *Run) final(cause *instance.Failure, then definition.Action, t *try) {
	saga, compensating := r.around()
	switch {
	case then == definition.CompensateThenSuspend:
		r.compensateAlone(t)
		r.suspend(cause)
	case then == definition.Suspend || compensating:
		r.suspend(cause)
	case then == definition.Compensate && t != nil:
		r.compensateAlone(t)
		return
	case saga != nil:
		if t != nil && t.Undo != nil {
			r.note(t.ptr, true, func() { r.undo(t, t.input) })
		}
		if then != definition.Terminate {
			then = definition.Default
		}
		panic(&stop{kind: failed, cause: cause, then: then})
	case then == definition.Terminate:
		r.terminate(cause)
	}
	r.suspend(cause)
}

// compensateAlone undoes a failed step by itself, in no roll back.
func (r *Run) compensateAlone(t *try) {
	if t != nil && t.Undo != nil {
		r.compensate(func() { r.undo(t, t.input) })
	}
}

// undo runs the compensation of t until it has succeeded.
func (r *Run) undo(t *try, done []byte) {
	u := &try{Step: t.Step, node: node{t.id, r.pointer()}, number: 1, undoes: t.ptr, input: done}
	if t.UndoInput != nil {
		var err error
		if u.input, err = t.UndoInput(done); err != nil {
			r.suspend(r.failure(t.id, t.Name, err.Error(), 1))
		}
	}
	for {
		res := r.call(u, t.Undo)
		if res.Err == nil {
			res.Err = r.mayEnd(u, res)
		}
		switch {
		case res.Err != nil:
			r.undoFailed(u, res.Err)
			continue
		case !ends(res.Kind):
			if err := r.pause(u, res); err != nil {
				r.undoFailed(u, err)
			}
			continue
		}
		if t.UndoDone != nil {
			if err := t.UndoDone(res.Value); err != nil {
				r.suspend(r.failure(t.id, t.Name, err.Error(), u.number))
			}
		}
		return
	}
}

// undoFailed returns when the compensation is to be tried again.
func (r *Run) undoFailed(u *try, err *instance.StepError) {
	policy := u.Settings.Undo
	if err.Permanent || u.number > policy.MaxRetries {
		r.suspend(r.failure(u.id, u.Name, err.Message, u.number))
	}
	r.skip(retryWait(policy, u.number, err))
	u.number++
}

// grace is how long a body whose time is up is awaited.
const grace = 10 * time.Second

var errTimeout = errors.New("the step's timeout is over")

// call runs a body once, in a goroutine of its own: it may end that, and it may not
// come back in time.
func (r *Run) call(t *try, body host.Body) host.Result {
	c := host.Call{Instance: r.Instance, Workflow: &host.Workflow{
		Definition: &definition.Definition{Name: r.Workflow, Version: r.Version, Nodes: []definition.Node{{ID: t.id, Kind: definition.Step, Step: t.Name}}},
		Settings:   []definition.Settings{t.Settings}}}
	c.Ptr, c.Attempt, c.Compensation, c.Undoes = t.ptr, uint32(t.used+t.number), t.undoes != 0, t.undoes
	c.Input, c.Persist, c.Event, c.Taken, c.Payload, c.Index = t.input, t.persist, t.event, t.taken, t.payload, r.index
	r.At = r.position.forks
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	var late <-chan time.Time
	if d := c.Timeout(); d > 0 {
		defer time.AfterFunc(d, func() { cancel(errTimeout) }).Stop()
		timer := time.NewTimer(d + grace)
		defer timer.Stop()
		late = timer.C
	}
	answer := make(chan host.Result, 1)
	go func() {
		res := host.Result{Err: &instance.StepError{Message: "the body ended its goroutine (runtime.Goexit)"}}
		defer func() { answer <- res }()
		res = run(ctx, body, c)
	}()
	var res host.Result
	select {
	case res = <-answer:
	case <-late:
		res.Err = &instance.StepError{Message: "it did not return"}
	}
	if res.Err != nil && errors.Is(context.Cause(ctx), errTimeout) {
		err := *res.Err
		err.Message = fmt.Sprintf("timed out after %s: %s", c.Timeout(), err.Message)
		res.Err = &err
	}
	return res
}

func run(ctx context.Context, body host.Body, c host.Call) (res host.Result) {
	defer host.Recover(&res)
	return body(ctx, c)
}

func permanent(err error) *instance.StepError {
	if err == nil {
		return nil
	}
	return &instance.StepError{Message: err.Error(), Permanent: true}
}

// fault fails what has no policy.
func (r *Run) fault(cause *instance.Failure) { r.final(cause, definition.Default, nil) }

package host

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/wfegen/wfe/runtime/engine"
	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/internal/tracing"
)

// run runs one body; false when the worker has no place any more.
func (p *pool) run(r *run) bool {
	if !p.h.mayStart() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.leave(r)
		p.workers--
		return false
	}
	ctx, cancel := context.WithCancelCause(p.base)
	defer cancel(nil)
	p.mu.Lock()
	if r.settled { // stopped in the meantime
		p.leave(r)
		p.mu.Unlock()
		return true
	}
	r.began, r.cancel = true, cancel
	p.beginTrial(r)
	p.mu.Unlock()
	if d := r.call.Timeout(); d > 0 {
		stop := p.h.Clock.AfterFunc(d, func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			cancel(errTimeout)
			p.loseLater(r)
		})
		defer stop()
	}
	returned := false
	defer func() {
		if !returned && p.finish(ctx, r, Result{Err: &instance.StepError{Message: "the body ended its goroutine (runtime.Goexit)"}}) {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.workers--
			p.call()
		}
	}()
	result := call(ctx, r)
	returned = true
	return p.finish(ctx, r, result)
}

// call calls a body.
func call(ctx context.Context, r *run) (result Result) {
	defer Recover(&result)
	bodies := r.call.Workflow.Steps
	if r.call.Compensation {
		bodies = r.call.Workflow.Compensations
	}
	return bodies[r.call.Node](tracing.With(ctx, r.call.Trace), r.call)
}

// Recover, deferred, makes a panic in a body an error of its step.
func Recover(result *Result) {
	if v := recover(); v != nil {
		*result = Result{Err: &instance.StepError{Message: fmt.Sprintf("panic: %v\n%s", v, debug.Stack())}}
	}
}

// finish hands on how a body ended; false when that came too late.
func (p *pool) finish(ctx context.Context, r *run, result Result) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r.settled {
		if r.left {
			p.returned()
		}
		return false
	}
	defer p.leave(r)
	if r.leak != nil {
		r.leak()
	}
	if result.Err != nil && errors.Is(context.Cause(ctx), errTimeout) {
		err := *result.Err
		err.Message = r.timeoutMessage() + ": " + err.Message
		result.Err = &err
	}
	if result.Err != nil && p.base.Err() != nil {
		r.settled = true // the host ends: the next one runs the body again
		return true
	}
	if result.After > 0 {
		result.Until = p.h.Clock.Now().Add(result.After)
	}
	p.settle(r, r.input(result))
	return true
}

func (r *run) timeoutMessage() string {
	if d := r.call.Timeout(); d > 0 {
		return fmt.Sprintf("timed out after %s", d)
	}
	return "stopped"
}

// input is what the instance is told of a result.
func (r *run) input(res Result) instance.Input {
	in := instance.Input{Kind: instance.StepDone, Ptr: r.call.Ptr, Gen: r.call.Gen, Payload: res.Value,
		Result: res.Kind, Outcome: res.Outcome, Event: res.Event, Key: res.Key, Persist: res.Persist, Items: res.Items, Until: res.Until}
	if res.Err != nil {
		in = instance.Input{Kind: instance.StepFailed, Ptr: r.call.Ptr, Gen: r.call.Gen, Err: res.Err}
	}
	return in
}

// bodyWanted counts a body that is about to be queued; false when how it ended is
// in the mail already.
func (h *Host) bodyWanted(a *actor, r engine.Run) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := range a.mail {
		in := &a.mail[i].in
		if in.Ptr == r.Ptr && in.Gen == r.Gen && (in.Kind == instance.StepDone || in.Kind == instance.StepFailed) {
			return false
		}
	}
	a.bodies++
	return true
}

// bodyDone posts what became of a body.
func (h *Host) bodyDone(a *actor, l letter) {
	l.in.At = h.Clock.Now()
	h.mu.Lock()
	defer h.mu.Unlock()
	a.bodies--
	a.mail = append(a.mail, l)
	h.rouse(a)
}

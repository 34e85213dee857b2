package direct

import (
	"cmp"
	"slices"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/instance"
)

// scope is the innermost saga, or the compensation that runs.
type scope struct {
	undoing bool // a compensation: what fails in it suspends
	entries []entry
}

// entry is something to undo.
type entry struct {
	seq    int
	ptr    instance.PtrID
	inPart bool
	undo   func()
}

// before is the order of undoing: first what was done in part, highest pointer
// first, then what was completed, newest first.
func (e entry) before(f entry) int {
	switch {
	case e.inPart && f.inPart:
		return cmp.Compare(f.ptr, e.ptr)
	case e.inPart:
		return -1
	case f.inPart:
		return 1
	}
	return cmp.Compare(f.seq, e.seq)
}

// around returns the saga of which the present place is a part. compensating is
// true in a compensation: a failure there rolls nothing back.
func (r *Run) around() (saga *scope, compensating bool) {
	if r.scope == nil || r.scope.undoing {
		return nil, r.scope != nil
	}
	return r.scope, false
}

// Saga is a call of Saga or Try.
type Saga struct {
	Node   string
	Body   func()
	Try    bool
	Policy *definition.RetryPolicy
	Cancel Cancel
}

// Saga runs a saga. It returns the failure that a Try hands on.
func (r *Run) Saga(s Saga) (cause *instance.Failure) {
	n := r.enter(s.Node)
	r.cancellable(n, s.Cancel, func(cause *instance.Failure) { r.outward(cause, definition.Default) }, func() {
		for used := 0; ; used++ {
			var again bool
			if cause, again = r.saga(n, s, used); !again {
				return
			}
		}
	})
	r.leave(n)
	return cause
}

// saga runs the body once. used is how often the policy has had it run again.
func (r *Run) saga(n node, s Saga, used int) (cause *instance.Failure, again bool) {
	own := &scope{}
	stopped := r.body(func() {
		r.inside(n)
		r.scope = own
		s.Body()
		r.save(n.id)
	})
	switch {
	case stopped == nil:
		r.adopt(own)
		return nil, false
	case stopped.kind == over:
		panic(stopped)
	}
	r.rollBack(own)
	if stopped.kind == cancelled {
		panic(stopped)
	}
	then := stopped.then
	if then == definition.Default && s.Policy != nil {
		if used < s.Policy.MaxRetries {
			r.skip(s.Policy.Wait(used+1, 0))
			return nil, true
		}
		then = s.Policy.Then
	}
	switch {
	case then == definition.Suspend || then == definition.CompensateThenSuspend:
		r.suspend(stopped.cause)
	case s.Try && then != definition.Terminate:
		return stopped.cause, false
	}
	r.outward(stopped.cause, then)
	return nil, false
}

// outward makes a saga that is undone a failed step of the saga around it.
func (r *Run) outward(cause *instance.Failure, then definition.Action) {
	switch saga, compensating := r.around(); {
	case compensating:
		r.suspend(cause)
	case saga != nil:
		panic(&stop{kind: failed, cause: cause, then: then})
	}
	r.terminate(cause)
}

// adopt hands the entries of a saga that has ended to the one around it.
func (r *Run) adopt(inner *scope) {
	if saga, _ := r.around(); saga != nil {
		saga.entries = append(saga.entries, inner.entries...)
	}
}

// note records what is to be undone if the saga around it fails.
func (r *Run) note(ptr instance.PtrID, inPart bool, undo func()) {
	if saga, _ := r.around(); saga != nil {
		index, forks := r.index, r.position.forks
		saga.entries = append(saga.entries, entry{r.next(), ptr, inPart, func() {
			r.index, r.position.forks = index, forks
			undo()
		}})
	}
}

// rollBack undoes what a saga has done.
func (r *Run) rollBack(saga *scope) {
	slices.SortFunc(saga.entries, entry.before)
	for _, e := range saga.entries {
		r.compensate(e.undo)
	}
}

// compensate runs a compensation. It is never skipped: where it fails for good the
// instance is suspended.
func (r *Run) compensate(undo func()) {
	s := r.body(func() {
		r.scope, r.watches = &scope{undoing: true}, nil
		undo()
	})
	switch {
	case s == nil:
	case s.kind == failed: // a panic in plain code
		r.suspend(s.cause)
	default:
		panic(s)
	}
	r.save("")
}

// Undo records that body is to run if the saga around it is rolled back.
func (r *Run) Undo(segment string, body func()) {
	n := r.enter(segment)
	if saga, _ := r.around(); saga == nil {
		Misused("node %q: wfe.Undo stands outside of wfe.Saga and wfe.Try, where nothing is ever rolled back; put it into one, or do at once what it is to do", n.id)
	}
	r.note(n.ptr, false, func() {
		r.prefix = n.id + "/"
		body()
		r.save(n.id)
	})
	r.leave(n)
}

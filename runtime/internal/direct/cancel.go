package direct

import (
	"fmt"

	"github.com/wfegen/wfe/runtime/instance"
)

// Cancel is the condition that cancels a node; Cond is nil for none.
type Cancel struct {
	Cond    func() bool
	Proceed bool
}

// watch is a condition that is asked after each change of the data.
type watch struct {
	node
	cond func() bool
}

// cancellable runs the body of node n, unless its condition cancels it. fail
// settles a condition that has panicked.
func (r *Run) cancellable(n node, c Cancel, fail func(cause *instance.Failure), body func()) {
	if c.Cond == nil {
		body()
		return
	}
	w := &watch{n, c.Cond}
	s := r.attempt(func() {
		r.ask(w)
		r.watches = append(r.watches[:len(r.watches):len(r.watches)], w)
		body()
	})
	switch {
	case s == nil:
	case s.kind != cancelled || s.watch != w:
		panic(s)
	case s.cause != nil:
		fail(s.cause)
	case !c.Proceed:
		panic(&stop{kind: left})
	}
}

// askAll asks the conditions around, outer ones first.
func (r *Run) askAll() {
	for _, w := range r.watches {
		r.ask(w)
	}
}

// ask leaves for the node of w if its condition holds, or fails.
func (r *Run) ask(w *watch) {
	holds := false
	s := r.attempt(func() { holds = w.cond() })
	switch {
	case s != nil:
		s.cause.Node = w.id
		s.cause.Message = fmt.Sprintf("the condition that cancels it: %s", s.cause.Message)
		panic(&stop{kind: cancelled, watch: w, cause: s.cause})
	case holds:
		panic(&stop{kind: cancelled, watch: w})
	}
}

package wfe

import (
	"time"

	"github.com/wfegen/wfe/runtime/definition"
)

// Option says something about one call of a workflow function: [Name], [OnError],
// [CancelWhen], [AsOf], of a loop [Limit] and [Sequential], of a child [Version] and
// [Abandon]. One that does not fit its call is an error.
type Option interface{ set(o *flowOptions) }

// flowOptions are those of one call.
type flowOptions struct {
	loop
	child    definition.Node // Version and Abandon
	policy   *RetryPolicy
	asOf     time.Time
	cancel   func() bool
	proceed  bool
	repeated bool // one of them was given twice
}

var (
	_ Option = LoopOption(nil)
	_ Option = ChildOption(nil)
)

func (l LoopOption) set(o *flowOptions)  { l(&o.loop) }
func (c ChildOption) set(o *flowOptions) { c(&o.child) }

type flowOption func(o *flowOptions)

func (f flowOption) set(o *flowOptions) { f(o) }

// OnError gives a step, a wait, a child or a poll a policy of its own here. For a saga,
// or a [Try], MaxRetries runs the whole of it again, and Then says what follows.
func OnError(p RetryPolicy) Option {
	return flowOption(func(o *flowOptions) { o.repeated, o.policy = o.repeated || o.policy != nil, &p })
}

// AsOf has a wait take what was published at t or later, in place of what came after
// the start. t may lie before the start.
func AsOf(t time.Time) Option { return flowOption(func(o *flowOptions) { o.asOf = t }) }

// CancelWhen cancels the call that it is given to, with all that is in it, when cond
// holds. It is asked when that is reached and, as long as that has not ended, after
// each change of the data. Then the branch in which it stands has ended or, with
// [Proceed], the workflow goes on after it; what the call returns is as it was given, or
// zero. The rules: docs/semantics.md, "Cancel conditions".
func CancelWhen(cond func() bool, opts ...CancelOption) Option {
	return flowOption(func(o *flowOptions) {
		o.repeated, o.cancel = o.repeated || o.cancel != nil, cond
		var n definition.Node
		for _, c := range opts {
			c(&n)
		}
		o.proceed = n.Proceed
	})
}

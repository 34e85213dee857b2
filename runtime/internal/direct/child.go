package direct

import (
	"fmt"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/engine"
	"github.com/wfegen/wfe/runtime/instance"
)

// Child is a call that runs another workflow.
type Child struct {
	Node     string
	Workflow string
	Retry    definition.RetryPolicy
	Cancel   Cancel
	// Start returns a run of the child under r, with data of its own, and the
	// function to run. Take is called when it is complete.
	Start func() (*Run, func())
	Take  func()
}

// Child runs a child to its end.
func (r *Run) Child(c Child) {
	n := r.enter(c.Node)
	final := func(cause *instance.Failure) { r.final(cause, c.Retry.Then, nil) }
	r.cancellable(n, c.Cancel, final, func() {
		if depth := r.Depth + 1; depth > engine.MaxDepth {
			final(r.failure(n.id, "", fmt.Sprintf("workflow %s is not started: there are %d instances above it, and at most %d are allowed", c.Workflow, depth, engine.MaxDepth), 1))
			return
		}
		for attempt := 1; ; attempt++ {
			run, main := c.Start()
			run.position.forks = r.position.forks
			run.World, run.Depth, run.Instance = r.World, r.Depth+1, engine.ChildID(r.Instance, n.ptr, attempt)
			o := run.Main(main)
			switch o.Status {
			case instance.Complete:
				c.Take()
				return
			case instance.Suspended:
				r.stuck(Outcome{Stuck: fmt.Sprintf("node %s awaits child %s of workflow %s, which is suspended: node %s: %s", n.id, run.Instance, run.Workflow, o.Failure.Node, o.Failure.Message)})
			case instance.Runnable:
				r.stuck(o)
			}
			cause := r.failure(n.id, "", run.ending(o), attempt)
			if attempt > c.Retry.MaxRetries {
				final(cause)
				return
			}
			r.skip(c.Retry.Wait(attempt, 0))
		}
	})
	r.leave(n)
}

// ending says how the instance, which is Terminated, has ended.
func (r *Run) ending(o Outcome) string {
	return fmt.Sprintf("child %s of workflow %s is %s (%s): node %s: %s", r.Instance, r.Workflow, o.Status, o.Reason, o.Failure.Node, o.Failure.Message)
}

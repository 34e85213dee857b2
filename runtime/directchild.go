package wfe

import (
	"github.com/wfegen/wfe/runtime/internal/direct"
	"github.com/wfegen/wfe/runtime/internal/poll"
)

func (d *directRun) poll(e Endpoint, opts []Option) Response {
	o := d.node("Poll", opts, "Name OnError CancelWhen")
	id := o.id("poll")
	endpoint, err := poll.Compile(e, d.saved.has)
	if err != nil {
		direct.Misused("node %q: %v", id, err)
	}
	return d.run.Poll(direct.Poll{Node: id, Endpoint: endpoint, Data: d.saved.text, Retry: o.onError(RetryPolicy{}), Cancel: o.cancels()})
}

func (d *directRun) child(c childCall) {
	o := d.node(c.call, c.opts, "Name OnError Version Abandon CancelWhen")
	run := c.run
	id, version, in := c.id, 1, d.in
	if c.fn != nil {
		id, version = directIdentity(d.test, c.fn)
		in = d.ofChild(packageOf(c.fn))
	} else if stand := d.test.Children[id]; stand == nil {
		direct.Misused("workflow %s is known by its Ref alone, which does not run directly: give its function to wfe.SubWorkflow, where it is in plain Go; else give the test a stand-in for it, by wfetest.Child", id)
	} else {
		run = func(w *Flow, data any) {
			if err := stand(data); err != nil {
				Fail(w, err)
			}
		}
	}
	// Each child begins with data of its own, and none shares memory with its parent.
	var last func()
	d.run.Child(direct.Child{Node: o.id(id), Workflow: id, Retry: o.onError(RetryPolicy{}), Cancel: o.cancels(),
		Start: func() (*direct.Run, func()) {
			child, data, take := c.start(d, id, version)
			child.in, last = in, take
			return child.run, func() { run(&Flow{child}, data) }
		},
		Take: func() { last() },
	})
}

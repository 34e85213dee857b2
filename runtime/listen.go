package wfe

import "github.com/wfegen/wfe/runtime/internal/host"

// Notice tells a listener of Config.Listeners what has happened to an instance. It
// is durable by then. Each listener gets the notices of one instance in order, in a
// goroutine of its own; it holds nothing up. One that is slower than what happens,
// by more than some thousand notices, misses some; one that panics goes on with the
// next. A notice is lost with the process: what must be done once an instance has
// ended belongs in an EndMiddleware.
type Notice struct {
	Workflow string // id of the workflow
	Version  int
	Instance string
	Record
	Missed uint64 // notices just before this one that the listener was too slow for
}

// hostListeners are the listeners as the host calls them.
func hostListeners(all []func(Notice)) []func(host.Notice) {
	out := make([]func(host.Notice), len(all))
	for i, f := range all {
		out[i] = func(n host.Notice) {
			d := n.Workflow.Definition
			f(Notice{d.Name, d.Version, n.Instance, record(d, n.Record), n.Missed})
		}
	}
	return out
}

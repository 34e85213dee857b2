package host

import (
	"github.com/wfegen/wfe/runtime/engine"
	"github.com/wfegen/wfe/runtime/store"
)

// A transition is made of a row and several slices. Those of one that is over are
// used again by the next one, of any instance.

// spare returns a pending for a transition of a, with an empty row.
func (h *Host) spare(a *actor) *pending {
	p, _ := h.spares.Get().(*pending)
	if p == nil {
		p = &pending{}
	}
	p.actor = a
	if p.item.Instance == nil {
		p.item.Instance = &store.Row{}
	}
	return p
}

// What is larger than this is not kept: elements of a slice, bytes of a head.
const (
	spareMax      = 64
	spareMaxBytes = 64 << 10
)

// over takes back the pending of a transition. Nobody may look at it any more.
func (h *Host) over(p *pending) {
	r := p.item.Instance
	if cap(p.mail) > spareMax || cap(p.fx.Run) > spareMax || cap(p.fx.Log) > spareMax || r != nil && (cap(r.Head) > spareMaxBytes || cap(r.Cells) > spareMax) {
		return
	}
	clear(p.mail)
	clear(p.in)
	clear(p.fx.Run)
	clear(p.fx.Log)
	fx := &p.fx
	*p = pending{mail: p.mail[:0], in: p.in[:0], fx: engine.Effects{Put: fx.Put[:0], Del: fx.Del[:0],
		Timers: fx.Timers[:0], Waits: fx.Waits[:0], Run: fx.Run[:0], Stop: fx.Stop[:0], Took: fx.Took[:0], Log: fx.Log[:0]}}
	if r != nil {
		clear(r.Cells)
		*r = store.Row{Head: r.Head[:0], Cells: r.Cells[:0], Timers: r.Timers[:0], Waits: r.Waits[:0], Took: r.Took[:0]}
		p.item.Instance = r
	}
	h.spares.Put(p)
}

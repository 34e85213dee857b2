package engine

import (
	"bytes"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/primitives"
)

// machine moves one instance during one Advance.
type machine struct {
	*Program
	s     *instance.State
	env   Env
	fx    *Effects
	queue []task
	homes []instance.CellID // cells of pointers that were touched
	fresh []instance.PtrID  // steps that were reached in this Advance: no body of theirs ever began
	err   error             // a fault that makes the transition unusable
}

// task is something that follows from what was done: a pointer has reached its
// node, or a block under it has ended.
type task struct {
	p     *instance.Pointer
	ended bool
}

// settle works until nothing follows any more. No condition is evaluated and
// nothing starts while the instance is suspended: what was about to happen then
// stays in the pointers and goes on with Resume.
func (m *machine) settle() {
	for len(m.queue) > 0 && m.err == nil {
		t := m.queue[0]
		m.queue = m.queue[1:]
		if m.s.Status.Ended() || m.s.Pointer(t.p.ID) != t.p {
			continue
		}
		if m.s.Status == instance.Suspended {
			m.s.Later = append(m.s.Later, instance.Later{Ptr: t.p.ID, Ended: t.ended})
			continue
		}
		m.step(t)
	}
}

func (m *machine) step(t task) {
	node := m.Node(t.p)
	if m.halting(t.p) {
		if t.p.Pending == 0 {
			m.drop(t.p)
		}
		return
	}
	if t.ended {
		m.ended(t.p)
		return
	}
	if node.Kind == definition.Step {
		m.enterStep(t.p)
		return
	}
	b, err := primitives.For(node.Kind)
	if err != nil {
		m.err = err
		return
	}
	if node.Kind == definition.Saga {
		t.p.Mark = m.sequence()
	}
	b.Enter(m, t.p)
}

// ended tells a container that one of its blocks has ended.
func (m *machine) ended(p *instance.Pointer) {
	if m.Node(p).Kind == definition.Step {
		m.Leave(p)
		return
	}
	b, err := primitives.For(m.Node(p).Kind)
	if err != nil {
		m.err = err
		return
	}
	c, ok := b.(primitives.Container)
	if !ok {
		m.err = fmt.Errorf("node %s has no blocks, and one of them ended", m.Node(p).ID)
		return
	}
	c.Ended(m, p)
}

// spawn puts a new pointer at a node.
func (m *machine) spawn(p *instance.Pointer) *instance.Pointer {
	m.s.Add(p)
	m.touch(p)
	return p
}

// touch marks the cell in which p lies as changed.
func (m *machine) touch(p *instance.Pointer) {
	if p.Home != (instance.CellID{}) && !slices.Contains(m.homes, p.Home) {
		m.homes = append(m.homes, p.Home)
	}
}

// remove forgets p and all that it awaits.
func (m *machine) remove(p *instance.Pointer) {
	m.forget(p)
	m.touch(p)
	m.s.Remove(p)
	if _, ok := m.s.Items[p.ID]; ok {
		delete(m.s.Items, p.ID)
		m.fx.Del = append(m.fx.Del, instance.CellID{Kind: instance.ItemsCell, Ptr: p.ID})
	}
}

// forget ends what p awaits: from here on inputs for it are stale.
func (m *machine) forget(p *instance.Pointer) {
	if p.Due != 0 {
		m.fx.Timers = append(m.fx.Timers, Timer{Due: p.Due, Ptr: p.ID, Gen: p.Gen})
		p.Due = 0
	}
	if p.Status == instance.Waiting && !p.Held {
		m.fx.Waits = append(m.fx.Waits, Wait{Name: m.Node(p).Event, Key: p.Key, Ptr: p.ID, Gen: p.Gen})
	}
	m.fx.Run = slices.DeleteFunc(m.fx.Run, func(r Run) bool { return r.Ptr == p.ID })
	p.Gen++
}

// await makes p await something new, until due if that is set.
func (m *machine) await(p *instance.Pointer, status instance.PointerStatus, due instance.Instant) {
	m.forget(p)
	p.Status, p.Due = status, due
	if due != 0 {
		m.fx.Timers = append(m.fx.Timers, Timer{Due: due, Ptr: p.ID, Gen: p.Gen, Set: true})
	}
	m.touch(p)
}

// cells lists which cells the touched pointers leave to be written or deleted.
func (m *machine) cells() {
	for _, home := range m.homes {
		if slices.ContainsFunc(m.s.Pointers, func(p *instance.Pointer) bool { return p.Home == home }) {
			m.fx.Put = append(m.fx.Put, home)
		} else {
			m.fx.Del = append(m.fx.Del, home)
		}
	}
	m.homes = nil
	m.fx.Put = slices.DeleteFunc(m.fx.Put, func(c instance.CellID) bool { return slices.Contains(m.fx.Del, c) })
}

// scope returns what a closure at p's node sees.
func (m *machine) scope(p *instance.Pointer) Scope {
	var items []instance.Item
	for c := p; c != nil; {
		if c.Role == instance.Undoing {
			if u := m.entry(c.Undo); u != nil {
				slices.Reverse(items)
				return Scope{m.s.Live, append(slices.Clone(u.Items), items...)}
			}
		}
		parent := m.s.Pointer(c.Parent)
		if parent != nil && m.Node(parent).Kind == definition.ForEach {
			items = append(items, instance.Item{Node: parent.Node, Index: c.Index, Value: m.s.Items[parent.ID][c.Index]})
		}
		c = parent
	}
	slices.Reverse(items)
	return Scope{m.s.Live, items}
}

// guard calls f, turning a panic into an error.
func guard(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	return f()
}

// write changes the data by f, wholly or not at all.
func (m *machine) write(f func() error) error {
	err := guard(f)
	var data []byte
	if err == nil {
		err = guard(func() (err error) { data, err = m.Code.Encode(nil, m.s.Live); return err })
	}
	if err == nil && len(data) > MaxPayload {
		err = fmt.Errorf("the data would be %d bytes; at most %d are allowed", len(data), MaxPayload)
	}
	if err != nil {
		if e := m.reload(); e != nil {
			m.err = e
		}
		return err
	}
	if !bytes.Equal(data, m.s.Data) {
		m.s.Data = data
	}
	return nil
}

func (m *machine) reload() error {
	return guard(func() error {
		live, err := m.Code.Decode(m.s.Data)
		if err != nil {
			return err
		}
		m.s.Live = live
		return nil
	})
}

// The methods below are what primitives call.

func (m *machine) Now() instance.Instant { return m.env.Now }

func (m *machine) Node(p *instance.Pointer) *definition.Node { return &m.Definition.Nodes[p.Node] }

func (m *machine) Settings(p *instance.Pointer) *definition.Settings {
	return &m.Program.Settings[p.Node]
}

func (m *machine) Cond(p *instance.Pointer) (holds bool, err error) {
	err = guard(func() (err error) { holds, err = m.Code.Cond(p.Node, m.scope(p)); return err })
	return holds, err
}

func (m *machine) Key(p *instance.Pointer) (key string, err error) {
	err = guard(func() (err error) { key, err = m.Code.Key(p.Node, m.scope(p)); return err })
	if err == nil {
		if e := definition.CheckName(key); e != nil {
			err = fmt.Errorf("the key of event %s %w", m.Node(p).Event, e)
		}
	}
	return key, err
}

// MaxItems is the bound of a ForEach's elements.
const MaxItems = 100_000

func (m *machine) Collect(p *instance.Pointer) (int, error) {
	var items [][]byte
	err := guard(func() (err error) { items, err = m.Code.Items(p.Node, m.scope(p)); return err })
	if err != nil {
		return 0, err
	}
	if len(items) > MaxItems {
		return 0, fmt.Errorf("the collection has %d elements; at most %d are allowed", len(items), MaxItems)
	}
	if len(items) > 0 {
		if m.s.Items == nil {
			m.s.Items = map[instance.PtrID][][]byte{}
		}
		m.s.Items[p.ID] = items
		m.fx.Put = append(m.fx.Put, instance.CellID{Kind: instance.ItemsCell, Ptr: p.ID})
	}
	return len(items), nil
}

func (m *machine) Apply(p *instance.Pointer, payload []byte) error {
	return m.write(func() error { return m.Code.Out(p.Node, m.scope(p), payload) })
}

func (m *machine) Open(p *instance.Pointer, block, index int) {
	p.Status = instance.Open
	p.Pending++
	m.touch(p)
	first := m.Node(p).Blocks[block].First
	if first == definition.None {
		p.Pending--
		m.queue = append(m.queue, task{p, true})
		return
	}
	home := p.Home
	if n := m.Node(p); n.Kind == definition.ForEach && !n.Sequential {
		home = instance.CellID{Kind: instance.BranchCell, Ptr: p.ID, Index: index}
	}
	c := m.spawn(&instance.Pointer{Node: first, Parent: p.ID, Block: block, Index: index, Home: home})
	m.queue = append(m.queue, task{c, false})
}

func (m *machine) Leave(p *instance.Pointer) {
	if m.halting(p) {
		m.drop(p)
		return
	}
	m.remove(p)
	if next := m.Node(p).Next; next != definition.None {
		c := m.spawn(&instance.Pointer{Node: next, Parent: p.Parent, Block: p.Block, Index: p.Index, Home: p.Home})
		m.queue = append(m.queue, task{c, false})
		return
	}
	parent := m.s.Pointer(p.Parent)
	if parent == nil {
		m.finish(instance.Complete)
		return
	}
	parent.Pending--
	m.touch(parent)
	m.queue = append(m.queue, task{parent, true})
}

func (m *machine) SleepUntil(p *instance.Pointer, due instance.Instant) {
	m.await(p, instance.Sleeping, max(due, 1))
}

func (m *machine) Wait(p *instance.Pointer, event, key string, due instance.Instant) {
	m.await(p, instance.Waiting, due)
	p.Key = key
	m.fx.Waits = append(m.fx.Waits, Wait{Name: event, Key: key, Ptr: p.ID, Gen: p.Gen, After: m.s.Cursor(event, key), Set: true})
}

func (m *machine) Fault(p *instance.Pointer, err error) {
	m.failed(p, &instance.StepError{Message: err.Error(), Permanent: true})
}

func (m *machine) End() { m.finish(instance.Complete) }

// finish ends the instance: whatever is left of it is cancelled.
func (m *machine) finish(to instance.Status) {
	for _, p := range slices.Clone(m.s.Pointers) {
		if p.Status == instance.Running || p.Status == instance.Stopping {
			m.fx.Stop = append(m.fx.Stop, p.ID)
		}
		m.remove(p)
	}
	for _, u := range m.s.Undo {
		m.fx.Del = append(m.fx.Del, instance.CellID{Kind: instance.UndoCell, Ptr: u.Ptr})
	}
	m.s.Undo, m.s.Held, m.s.Later, m.s.Cursors = nil, nil, nil, nil
	m.s.Ended = m.env.Now
	if err := m.s.To(to); err != nil {
		m.err = errors.Join(m.err, err)
	}
}

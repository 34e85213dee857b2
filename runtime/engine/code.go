package engine

import (
	"errors"
	"fmt"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/instance"
)

// How the engine calls the workflow's own code: it may fail, panic, and leave the
// data half changed; none of that gets out of here.

// MaxItems is the bound of a loop's elements.
const MaxItems = 100_000

// read calls f, which looks at the data only. After a failure the data is as before it.
func (m *machine) read(f func() error) error {
	err := guard(f)
	if err != nil {
		m.restore()
	}
	return err
}

// write changes the data, and variables around p, by f, wholly or not at all. f says
// what it wrote.
func (m *machine) write(p *instance.Pointer, f func(sc Scope) (Fields, error)) error {
	return m.writeIn(p, m.scope(p), f)
}

func (m *machine) writeIn(p *instance.Pointer, sc Scope, f func(sc Scope) (Fields, error)) error {
	var vars bool
	err := guard(func() error {
		wrote, err := f(sc)
		m.dirty.add(wrote)
		vars = wrote.Vars
		m.changed = m.changed || vars || !wrote.none()
		return err
	})
	if err == nil && vars {
		err = boundedVars(sc.Items)
	}
	if err == nil && !m.lazy && !m.dirty.none() {
		err = m.encode()
	}
	if err != nil {
		m.restore()
		return err
	}
	if vars {
		m.keepVars(p, sc.Items)
	}
	return nil
}

// restore takes back what was done to the data since it was last encoded.
func (m *machine) restore() {
	if m.lazy {
		m.redo = true // from where there is something to restore from
		return
	}
	m.dirty = Fields{}
	m.err = errors.Join(m.err, m.reload())
}

func (m *machine) reload() error {
	return guard(func() (err error) {
		m.s.Live, err = m.Code.Decode(m.s.Data.Whole())
		return err
	})
}

func (m *machine) Cond(p *instance.Pointer, block int) (holds bool, err error) {
	err = m.read(func() (err error) { holds, err = m.Code.Cond(p.Node, block, m.scope(p)); return err })
	return holds, err
}

func (m *machine) cancels(p *instance.Pointer) (holds bool, err error) {
	err = m.read(func() (err error) { holds, err = m.Code.Cancels(p.Node, m.scope(p)); return err })
	return holds, err
}

func (m *machine) Key(p *instance.Pointer) (key string, err error) {
	err = m.read(func() (err error) { key, err = m.Code.Key(p.Node, m.scope(p)); return err })
	if err == nil {
		if e := definition.CheckName(key); e != nil {
			err = fmt.Errorf("the key %q of event %s %w", key, m.Node(p).Event, e)
		}
	}
	return key, err
}

func (m *machine) Time(p *instance.Pointer) (at instance.Instant, err error) {
	err = m.read(func() (err error) { at, err = m.Code.Time(p.Node, m.scope(p)); return err })
	return at, err
}

func (m *machine) Next(p *instance.Pointer, after instance.Instant) instance.Instant {
	return m.Code.Next(p.Node, after)
}

func (m *machine) Since(p *instance.Pointer) (since instance.Instant, err error) {
	err = m.read(func() (err error) { since, err = m.Code.Since(p.Node, m.scope(p)); return err })
	return since, err
}

func (m *machine) Collect(p *instance.Pointer) (int, error) {
	var items [][]byte
	err := m.read(func() (err error) { items, err = m.Code.Items(p.Node, m.scope(p)); return err })
	if err == nil {
		err = boundedItems("the collection has", items)
	}
	if err != nil {
		return 0, err
	}
	m.keepItems(p, items)
	return len(items), nil
}

// keepItems stores the elements of the loop p.
func (m *machine) keepItems(p *instance.Pointer, items [][]byte) {
	if len(items) == 0 {
		return
	}
	if m.s.Items == nil {
		m.s.Items = map[instance.PtrID][][]byte{}
	}
	m.s.Items[p.ID] = items
	m.fx.Put = instance.AppendItemCells(m.fx.Put, p.ID, len(items))
}

// boundedItems reports whether there are at most MaxItems elements, each within MaxPayload.
func boundedItems(what string, items [][]byte) error {
	if len(items) > MaxItems {
		return fmt.Errorf("%s %d elements; at most %d are allowed", what, len(items), MaxItems)
	}
	for i := range items {
		if err := bounded(fmt.Sprintf("element %d is", i), len(items[i])); err != nil {
			return err
		}
	}
	return nil
}

func (m *machine) Apply(p *instance.Pointer, payload []byte) error {
	return m.write(p, func(sc Scope) (Fields, error) { return m.Code.Out(p.Node, sc, payload) })
}

// input returns a step's value with its inputs set.
func (m *machine) input(p *instance.Pointer) (value []byte, err error) {
	err = m.read(func() (err error) { value, err = m.Code.In(p.Node, m.scope(p)); return err })
	if err == nil {
		err = bounded("its inputs are", len(value))
	}
	return value, err
}

// applyOutputs hands a step's value to the data, with its outcome.
func (m *machine) applyOutputs(p *instance.Pointer, in instance.Input) error {
	sc := m.scope(p)
	sc.Outcome = in.Outcome
	return m.writeIn(p, sc, func(sc Scope) (Fields, error) { return m.Code.Out(p.Node, sc, in.Payload) })
}

// undoInput returns the value that the compensation p runs with: the step's own,
// or the one of the step that compensates it.
func (m *machine) undoInput(p *instance.Pointer) (value []byte, err error) {
	undone := m.s.Entry(p.Undo).Value
	if m.Node(p).Compensate == "" {
		return undone, nil
	}
	err = m.read(func() (err error) { value, err = m.Code.UndoIn(p.Node, m.scope(p), undone); return err })
	if err == nil {
		err = bounded("its inputs are", len(value))
	}
	return value, err
}

// storeUndone hands the value of the step that compensated p's to the data.
func (m *machine) storeUndone(p *instance.Pointer, value []byte) error {
	if err := bounded("its outputs are", len(value)); err != nil {
		return err
	}
	return m.write(p, func(sc Scope) (Fields, error) { return m.Code.UndoOut(p.Node, sc, value) })
}

// bounded reports whether n bytes are within MaxPayload.
func bounded(what string, n int) error {
	if n > MaxPayload {
		return fmt.Errorf("%s %d bytes; at most %d are allowed", what, n, MaxPayload)
	}
	return nil
}

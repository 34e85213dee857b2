package engine

import (
	"bytes"
	"slices"

	"github.com/wfegen/wfe/runtime/instance"
)

// How the data gets from memory into the state. A field that is large lies in a cell
// of its own and is encoded again only when it was written.

const (
	maxField = 1 << 10 // bytes: a larger field has a cell of its own
	maxHead  = 4 << 10 // bytes: of all other fields together
	minField = 64      // bytes: a field that has a cell keeps it until it is smaller, so that it does not move back and forth
	growth   = 64      // bytes that the data may grow before its encoding needs another buffer
)

// Fields says which fields of the data were written.
type Fields struct {
	All  bool
	Some []int // by their place in Code.Fields
	Vars bool  // variables in the Items of the Scope were written too
}

func (f *Fields) none() bool { return !f.All && len(f.Some) == 0 }

func (f *Fields) has(n int) bool { return f.All || slices.Contains(f.Some, n) }

// add adds those of g.
func (f *Fields) add(g Fields) {
	f.All = f.All || g.All
	for _, n := range g.Some {
		if !f.has(n) {
			f.Some = append(f.Some, n)
		}
	}
}

// flush encodes what was left for the end.
func (m *machine) flush() {
	if m.lazy && !m.redo && !m.dirty.none() {
		m.redo = m.encode() != nil
	}
}

// encode brings the stored data up to date with what was written to the live data.
// After an error it is as it was.
func (m *machine) encode() error {
	var d instance.Data
	err := guard(func() (err error) { d, err = m.encoded(); return err })
	if err == nil {
		err = bounded("the data would be", d.Size())
	}
	if err != nil {
		return err
	}
	m.s.Data.Head = d.Head
	if len(d.Fat) == len(m.s.Data.Fat) {
		copy(m.s.Data.Fat, d.Fat)
	} else {
		m.s.Data.Fat = slices.Clone(d.Fat)
	}
	clear(d.Fat) // it is lent
	m.dirty = Fields{Some: m.dirty.Some[:0]}
	return nil
}

// encoded returns the data as it is to be stored. Its Fat is lent.
func (m *machine) encoded() (instance.Data, error) {
	old, fields := &m.s.Data, len(m.Code.Fields())
	if fields == 0 {
		return m.undivided()
	}
	if len(old.Fat) == 0 && len(old.Head) <= maxField {
		whole, err := m.Code.Encode(make([]byte, 0, len(old.Head)+growth), m.s.Live)
		if err != nil || len(whole) <= maxField {
			return instance.Data{Head: whole}, err
		}
	}
	c := &m.Program.cut
	if err := c.divide(m, nil); err != nil {
		return instance.Data{}, err
	}
	if len(c.head) > maxHead {
		if err := c.divide(m, c.largest()); err != nil {
			return instance.Data{}, err
		}
	}
	return instance.Data{Head: slices.Clone(c.head), Fat: c.fat}, nil
}

// undivided is the data of which no fields are known.
func (m *machine) undivided() (d instance.Data, err error) {
	c := &m.Program.cut
	if c.head, err = m.Code.Encode(c.head[:0], m.s.Live); err != nil {
		return d, err
	}
	if len(c.head) <= maxHead {
		return instance.Data{Head: slices.Clone(c.head)}, nil
	}
	f := instance.Field{Body: c.head}
	if old := m.s.Data; len(old.Fat) > 0 {
		f.Body = kept(old.Fat[0].Body, f.Body)
	} else {
		f.Body = slices.Clone(f.Body)
	}
	c.fat = append(c.fat[:0], f)
	return instance.Data{Fat: c.fat}, nil
}

// kept returns old, or a copy of body if that is another one.
func kept(old, body []byte) []byte {
	if bytes.Equal(old, body) {
		return old
	}
	return slices.Clone(body)
}

// cut is data in parts. One serves all instances of a Program, one after the other.
type cut struct {
	head  []byte
	fat   []instance.Field
	small []small // the fields in head
}

type small struct{ number, size int }

// divide encodes what is small and what was written. Fields in apart are not small.
func (c *cut) divide(m *machine, apart []int) (err error) {
	old := m.s.Data.Fat
	b := append(m.Code.Envelope(c.head[:0]), '{')
	open := len(b)
	c.fat, c.small = c.fat[:0], c.small[:0]
	for n := range m.Code.Fields() {
		var before *instance.Field
		if len(old) > 0 && old[0].Number == n {
			before, old = &old[0], old[1:]
		}
		at := len(b)
		if before != nil && !m.dirty.has(n) {
			c.fat = append(c.fat, instance.Field{Number: n, At: at, Body: before.Body})
			continue
		}
		if at > open {
			b = append(b, ',')
		}
		start := len(b)
		if b, err = m.Code.EncodeField(b, m.s.Live, n); err != nil {
			return err
		}
		switch size := len(b) - start; {
		case size == 0:
			b = b[:at]
		case size > maxField || before != nil && size >= minField || slices.Contains(apart, n):
			f := instance.Field{Number: n, At: at}
			if before != nil {
				f.Body = kept(before.Body, b[start:])
			} else {
				f.Body = slices.Clone(b[start:])
			}
			c.fat = append(c.fat, f)
			b = b[:at]
		default:
			c.small = append(c.small, small{n, size})
		}
	}
	c.head = append(b, '}')
	return nil
}

// largest lists the largest of the small fields, so many that the others fit in the head.
func (c *cut) largest() (numbers []int) {
	slices.SortStableFunc(c.small, func(a, b small) int { return b.size - a.size })
	left := len(c.head)
	for _, f := range c.small {
		if left <= maxHead {
			break
		}
		numbers = append(numbers, f.number)
		left -= f.size
	}
	return numbers
}

// fits reports whether the stored data is divided as the program would: its fields
// may have changed in the source since.
func (m *machine) fits() bool {
	d, fields := &m.s.Data, m.Code.Fields()
	for _, f := range d.Fat {
		if whole := d.Head == nil; whole || len(fields) == 0 {
			return whole && len(fields) == 0
		}
		if f.Number >= len(fields) || !bytes.HasPrefix(f.Body, []byte(fields[f.Number])) {
			return false
		}
	}
	return true
}

// divideAnew divides data that came as a whole. What does not encode stays whole
// until it is written.
func (m *machine) divideAnew() {
	m.s.Data = instance.Data{Head: m.s.Data.Whole()}
	if len(m.s.Data.Head) > maxField {
		m.dirty.All = true
		_ = m.encode()
		m.dirty = Fields{}
	}
}

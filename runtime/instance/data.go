package instance

import (
	"bytes"
	"slices"
)

// Data is the data of an instance as it is stored: a payload, out of which large
// fields are cut, each of which has a cell of its own. So they cost nothing while
// they do not change.
type Data struct {
	Head []byte  // the payload without the fields in Fat; nil where Fat holds all
	Fat  []Field // by ascending Number
}

// Field is a member of the JSON object that the data is, or, where it is known as a
// whole only, all of the payload.
type Field struct {
	Number int    // of the field among those of the data, and of its cell
	At     int    // where in Head it belongs
	Body   []byte // name, colon, value
}

// Whole returns the payload. It may share memory with d.
func (d *Data) Whole() []byte {
	if len(d.Fat) == 0 {
		return d.Head
	}
	b := make([]byte, 0, d.Size())
	at := 0
	for _, f := range d.Fat {
		b = appendSegment(b, d.Head[at:f.At])
		b = appendSegment(b, f.Body)
		at = f.At
	}
	return appendSegment(b, d.Head[at:])
}

// appendSegment appends a further piece of an object, with the comma that belongs
// between it and what is there. Pieces of the head may bring it along.
func appendSegment(b, piece []byte) []byte {
	if len(b) > 0 && len(piece) > 0 && b[len(b)-1] != '{' && piece[0] == '"' {
		b = append(b, ',')
	}
	return append(b, piece...)
}

// Size is how many bytes Whole returns.
func (d *Data) Size() int {
	n := len(d.Head)
	for _, f := range d.Fat {
		n += len(f.Body) + 1
	}
	if len(d.Fat) > 0 && (d.Head == nil || bytes.HasSuffix(d.Head, []byte("{}"))) {
		n-- // one comma less than fields
	}
	return n
}

// fat returns the field of that number, or nil.
func (d *Data) fat(number int) *Field {
	for i := range d.Fat {
		if d.Fat[i].Number == number {
			return &d.Fat[i]
		}
	}
	return nil
}

// fatWithout returns a field without a body, or nil.
func (d *Data) fatWithout() *Field {
	for i := range d.Fat {
		if len(d.Fat[i].Body) == 0 {
			return &d.Fat[i]
		}
	}
	return nil
}

// cell is the cell of the field.
func (f *Field) cell() CellID { return CellID{Kind: FieldCell, Index: f.Number} }

// DataCells returns the cells of the fields of the data.
func (s *State) DataCells() []Cell {
	var cells []Cell
	for i := range s.Data.Fat {
		id := s.Data.Fat[i].cell()
		cells = append(cells, Cell{ID: id, Body: s.AppendCell(nil, id)})
	}
	return cells
}

// ChangedData appends the cells of fields that changed since it was called last, or
// since s was decoded: those to write to put, those to delete to del.
func (s *State) ChangedData(put, del []CellID) (_, _ []CellID) {
	for i := range s.stored {
		if f := &s.stored[i]; s.Data.fat(f.Number) == nil {
			del = append(del, f.cell())
		}
	}
	stored := Data{Fat: s.stored}
	for i := range s.Data.Fat {
		f := &s.Data.Fat[i]
		if old := stored.fat(f.Number); old == nil || !same(old.Body, f.Body) {
			put = append(put, f.cell())
		}
	}
	clear(s.stored)
	s.stored = append(s.stored[:0], s.Data.Fat...)
	return put, del
}

// same reports whether a and b are the same bytes in memory. Encoded fields are
// never changed in place.
func same(a, b []byte) bool { return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0]) }

// clone returns a copy of d that shares the bytes.
func (d *Data) clone() Data { return Data{Head: d.Head, Fat: slices.Clone(d.Fat)} }

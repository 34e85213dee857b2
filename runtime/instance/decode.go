package instance

import (
	"errors"
	"fmt"
	"slices"
	"sort"
)

// Decode reads what AppendHead and AppendCell wrote into s, whose own row
// fields (ID, Definition, Status, Born, Rev, Created, Ended) the caller sets.
// It keeps no reference to head or the cells, and leaves archived ones aside.
func (s *State) Decode(head []byte, cells []Cell) error {
	r := &reader{b: head}
	s.decodeHead(r)
	if err := r.end(); err != nil {
		return fmt.Errorf("instance %s: decoding its head: %w", s.ID, err)
	}
	byID := func(a, b Cell) int { return a.ID.Compare(b.ID) }
	if !slices.IsSortedFunc(cells, byID) {
		cells = slices.SortedFunc(slices.Values(cells), byID)
	}
	for _, c := range cells {
		if c.ID.Kind >= Archive {
			continue
		}
		r := &reader{b: c.Body}
		s.decodeCell(r, c.ID)
		if err := r.end(); err != nil {
			return fmt.Errorf("instance %s: decoding cell %s: %w", s.ID, c.ID, err)
		}
	}
	if f := s.Data.fatWithout(); f != nil {
		return fmt.Errorf("instance %s: field %d of its data is not stored", s.ID, f.Number)
	}
	s.stored = slices.Clone(s.Data.Fat)
	sort.Slice(s.Pointers, func(i, j int) bool { return s.Pointers[i].ID < s.Pointers[j].ID })
	sort.Slice(s.Undo, func(i, j int) bool { return s.Undo[i].Ptr < s.Undo[j].Ptr })
	return nil
}

func (s *State) decodeHead(r *reader) {
	r.format()
	s.Reason = Reason(r.string())
	s.Parent = r.parent()
	s.Trace = r.bytes()
	s.NextPtr = PtrID(r.uint())
	s.NextSeq = Seq(r.uint())
	s.decodeData(r)
	s.decodePointers(r, CellID{})
	r.each(func() {
		s.Cursors = append(s.Cursors, Cursor{Name: r.string(), Key: r.string(), Seq: Seq(r.uint())})
	})
	s.Failure = r.failure()
	s.Cancel, s.Note = Phase(r.byte()), r.string()
	r.each(func() { s.Held = append(s.Held, r.input()) })
	r.each(func() { s.Later = append(s.Later, Later{Ptr: PtrID(r.uint()), Ended: r.bool()}) })
	s.Log = Log{Last: r.uint(), First: r.uint(), Chunks: r.uint(), Failures: r.uint(), Records: r.bytes()}
}

// decodeData reads the data without what lies in cells.
func (s *State) decodeData(r *reader) {
	s.Data.Head = r.bytes()
	r.each(func() {
		f := Field{Number: int(r.uint()), At: int(r.uint())}
		if last := len(s.Data.Fat) - 1; f.At < 0 || f.At > len(s.Data.Head) || f.Number < 0 ||
			last >= 0 && (f.Number <= s.Data.Fat[last].Number || f.At < s.Data.Fat[last].At) {
			r.fail(fmt.Errorf("field %d of the data has no place in it", f.Number))
			return
		}
		s.Data.Fat = append(s.Data.Fat, f)
	})
}

func (s *State) decodeCell(r *reader, id CellID) {
	r.format()
	switch id.Kind {
	case BranchCell:
		s.decodePointers(r, id)
	case ItemsCell:
		s.decodeItems(r, id)
	case FieldCell:
		f := s.Data.fat(id.Index)
		if f == nil {
			r.fail(errors.New("the head does not know this field of the data"))
			return
		}
		f.Body, r.b = slices.Clone(r.b), nil
	case UndoCell:
		s.Undo = append(s.Undo, r.undo())
	default:
		r.fail(fmt.Errorf("unknown kind %d", id.Kind))
	}
}

// decodeItems reads a part of a loop's elements, the one after those that are there.
func (s *State) decodeItems(r *reader, id CellID) {
	if s.Items == nil {
		s.Items = map[PtrID][][]byte{}
	}
	items := s.Items[id.Ptr]
	if len(items) != id.Index*cellItems {
		r.fail(errors.New("elements before these are missing"))
		return
	}
	r.b = slices.Clone(r.b) // the elements share it
	r.each(func() { items = append(items, r.raw()) })
	s.Items[id.Ptr] = items
}

func (s *State) decodePointers(r *reader, home CellID) {
	r.each(func() {
		p := r.pointer()
		p.Home = home
		p.Begun = p.Attempt > 0
		s.Pointers = append(s.Pointers, p)
	})
}

func (r *reader) pointer() *Pointer {
	p := &Pointer{
		ID: PtrID(r.uint()), Node: int(r.uint()), Parent: PtrID(r.uint()), Block: int(r.uint()), Index: int(r.uint()),
		Role: Role(r.byte()), Edge: Edge(r.byte()), Status: PointerStatus(r.byte()), Phase: Phase(r.byte()),
		Into: int(r.uint()), Vars: r.bytes(), Held: r.bool(),
		Gen: uint32(r.uint()), Attempt: uint32(r.uint()), Used: uint32(r.uint()),
		Crashes: uint32(r.uint()), Probing: r.bool(), Due: Instant(r.int()),
		Input: r.bytes(), Persist: r.bytes(), Event: r.string(), Key: r.string(), Taken: r.bool(), Payload: r.bytes(), Since: Instant(r.int()),
		Pending: int(r.uint()), Started: int(r.uint()), Total: int(r.uint()), Round: Instant(r.int()), Mark: Seq(r.uint()),
	}
	p.Action = r.string()
	p.Undo = PtrID(r.uint())
	p.Cause = r.failure()
	return p
}

func (r *reader) parent() *Parent {
	if !r.bool() {
		return nil
	}
	return &Parent{ID: r.string(), Ptr: PtrID(r.uint()), Gen: uint32(r.uint()), Depth: int(r.uint())}
}

func (r *reader) failure() *Failure {
	if !r.bool() {
		return nil
	}
	return &Failure{Node: r.string(), Step: r.string(), Message: r.string(), Position: r.string(),
		Attempt: uint32(r.uint()), At: Instant(r.int()), Ptr: PtrID(r.uint()), After: r.int()}
}

func (r *reader) input() Input {
	in := Input{Kind: InputKind(r.byte()), Result: ResultKind(r.byte()), Ptr: PtrID(r.uint()), Gen: uint32(r.uint()),
		At: Instant(r.int()), Payload: r.bytes(), Outcome: r.string(), Event: r.string(), Key: r.string(), Persist: r.bytes()}
	r.each(func() { in.Items = append(in.Items, r.bytes()) })
	in.Until, in.Seq, in.Signal, in.Trace, in.Unbegun = Instant(r.int()), Seq(r.uint()), r.string(), r.bytes(), r.bool()
	if r.bool() {
		in.Err = &StepError{Message: r.string(), Permanent: r.bool(), After: r.int()}
	}
	return in
}

func (r *reader) undo() *UndoEntry {
	u := &UndoEntry{Seq: Seq(r.uint()), Ptr: PtrID(r.uint()), Node: int(r.uint()), Saga: PtrID(r.uint()),
		InPart: r.bool(), Block: r.bool(), Link: r.bool(), Value: r.bytes()}
	r.each(func() {
		u.Items = append(u.Items, Item{Node: int(r.uint()), Index: int(r.uint()), Value: r.bytes(), Done: r.bool(), Vars: r.bytes()})
	})
	u.Cause = r.failure()
	return u
}

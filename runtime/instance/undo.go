package instance

import (
	"cmp"
	"container/heap"
	"slices"
)

// UndoEntry records a step that may have to be undone or is being undone, or, with
// Block or Link set, a saga inside another one. Block is set for a child too.
//
// A saga that ends inside another one hands its entries on. They are not written
// anew for that: the entry of the saga itself, whose Ptr is the saga's, leads from
// it to the other one.
type UndoEntry struct {
	Seq    Seq   // its place in the order of undoing
	Ptr    PtrID // the pointer that ran
	Node   int
	Saga   PtrID    // the innermost saga around it; 0 for a step that is undone by itself
	InPart bool     // it was started and did not complete
	Block  bool     // a saga, or a child, whose compensating block may have to run
	Link   bool     // a saga without one: there is nothing to run
	Value  []byte   // the step's inputs and outputs
	Items  []Item   // of the loops around it, outermost first
	Cause  *Failure // of a step that is undone by itself; what follows needs it
}

// before reports whether u is undone before v: first what was done in part,
// highest pointer first, then what was completed, newest first.
func (u *UndoEntry) before(v *UndoEntry) bool {
	switch {
	case u.InPart != v.InPart:
		return u.InPart
	case u.InPart:
		return u.Ptr > v.Ptr
	}
	return u.Seq > v.Seq
}

// Entry returns the undo entry of the pointer of that id, or nil.
func (s *State) Entry(id PtrID) *UndoEntry {
	if i, ok := s.searchUndo(id); ok {
		return s.Undo[i]
	}
	return nil
}

// Keep keeps u. One of a saga that has ended takes along what that had to undo.
func (s *State) Keep(u *UndoEntry) {
	i, _ := s.searchUndo(u.Ptr)
	s.Undo = slices.Insert(s.Undo, i, u)
	if s.undo != nil {
		s.undo.keep(u, u.Saga)
	}
}

// Rewrite puts v, which differs in its Items alone, in the place of u, which is being
// undone. An entry itself never changes: copies of the state share it.
func (s *State) Rewrite(u, v *UndoEntry) {
	i, ok := s.searchUndo(u.Ptr)
	if !ok || s.Undo[i] != u {
		return
	}
	s.Undo[i] = v
	for _, h := range s.undo {
		if len(*h) > 0 && (*h)[0] == u {
			(*h)[0] = v
			return
		}
	}
	s.undo = nil // it is made anew
}

// Forget forgets the undo entry of the pointer of that id.
func (s *State) Forget(id PtrID) {
	if i, ok := s.searchUndo(id); ok {
		s.Undo = slices.Delete(s.Undo, i, i+1)
	}
}

// NextUndo returns what a saga has to undo next, of its own and of what the sagas
// inside it handed on; nil when all is undone.
func (s *State) NextUndo(saga PtrID) *UndoEntry {
	order := s.undoOrder()
	for h := order[saga]; h != nil && len(*h) > 0; heap.Pop(h) {
		if u := (*h)[0]; s.Entry(u.Ptr) == u {
			return u
		}
	}
	delete(order, saga)
	return nil
}

// ForgetUndo forgets all that a saga has to undo and returns the ids, ascending.
func (s *State) ForgetUndo(saga PtrID) []PtrID {
	order := s.undoOrder()
	h := order[saga]
	delete(order, saga)
	if h == nil {
		return nil
	}
	var ids []PtrID
	for _, u := range *h {
		if s.Entry(u.Ptr) == u {
			ids = append(ids, u.Ptr)
		}
	}
	slices.Sort(ids)
	s.Undo = slices.DeleteFunc(s.Undo, func(u *UndoEntry) bool {
		_, gone := slices.BinarySearch(ids, u.Ptr)
		return gone
	})
	return ids
}

func (s *State) searchUndo(id PtrID) (int, bool) {
	return slices.BinarySearchFunc(s.Undo, id, func(u *UndoEntry, id PtrID) int { return cmp.Compare(u.Ptr, id) })
}

// undoOrder finds the entries of each saga in the order in which they are undone.
// It is made of State.Undo when it is first needed.
type undoOrder map[PtrID]*undoHeap

func (s *State) undoOrder() undoOrder {
	if s.undo != nil {
		return s.undo
	}
	s.undo = undoOrder{}
	for _, u := range s.Undo {
		saga := u.Saga
		for range s.Undo { // as many as sagas are nested
			l := s.Entry(saga)
			if l == nil || !l.Block && !l.Link {
				break
			}
			saga = l.Saga
		}
		s.undo.add(u, saga)
	}
	return s.undo
}

// keep adds a new entry of a saga.
func (o undoOrder) keep(u *UndoEntry, saga PtrID) {
	o.add(u, saga)
	if !u.Block && !u.Link {
		return
	}
	from, to := o[u.Ptr], o[saga]
	delete(o, u.Ptr)
	if from == nil {
		return
	}
	if len(*from) > len(*to) { // each entry moves to a heap of twice the size
		from, to = to, from
		o[saga] = to
	}
	for _, u := range *from {
		heap.Push(to, u)
	}
}

func (o undoOrder) add(u *UndoEntry, saga PtrID) {
	h := o[saga]
	if h == nil {
		h = &undoHeap{}
		o[saga] = h
	}
	heap.Push(h, u)
}

// undoHeap has at its top what is undone next. It may hold entries that were
// forgotten.
type undoHeap []*UndoEntry

var _ heap.Interface = (*undoHeap)(nil)

func (h undoHeap) Len() int           { return len(h) }
func (h undoHeap) Less(i, j int) bool { return h[i].before(h[j]) }
func (h undoHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *undoHeap) Push(u any)        { *h = append(*h, u.(*UndoEntry)) }
func (h *undoHeap) Pop() any {
	last := len(*h) - 1
	u := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return u
}

package instance

import (
	"cmp"
	"fmt"
)

// CellKind is the sort of a cell.
type CellKind uint8

// The kinds of cells. They are stored as numbers: append, never reorder.
const (
	Head       CellKind = iota // not a cell: the head row
	BranchCell                 // pointers of one branch of a parallel loop: Ptr is the loop, Index the element
	ItemsCell                  // a part of the elements of a loop: Ptr is the loop, Index the number of the part
	UndoCell                   // an undo entry: Ptr is the pointer that ran
	FieldCell                  // a large field of the data: Index is its number
)

// Archive is the first of the kinds that are no part of a State: they are written
// and not loaded with it.
const Archive CellKind = 128

// The kinds of archived cells.
const (
	HistoryCell = Archive + iota // records, oldest first: Index is the chunk modulo MaxChunks
	FailureCell                  // a failure: Index is its number modulo MaxFailures
)

// CellID names a part of a State that is stored in a row of its own.
type CellID struct {
	Kind  CellKind
	Ptr   PtrID
	Index int
}

// String returns the id for messages.
func (c CellID) String() string { return fmt.Sprintf("%d/%d/%d", c.Kind, c.Ptr, c.Index) }

// Compare orders ids by Kind, Ptr and Index.
func (c CellID) Compare(d CellID) int {
	return cmp.Or(cmp.Compare(c.Kind, d.Kind), cmp.Compare(c.Ptr, d.Ptr), cmp.Compare(c.Index, d.Index))
}

// Cell is a stored part of a State.
type Cell struct {
	ID   CellID
	Body []byte
}

// cellItems is how many elements of a loop share a cell.
const cellItems = 256

// AppendItemCells appends to ids those of the cells of a loop's n elements.
func AppendItemCells(ids []CellID, loop PtrID, n int) []CellID {
	for i := 0; i*cellItems < n; i++ {
		ids = append(ids, CellID{Kind: ItemsCell, Ptr: loop, Index: i})
	}
	return ids
}

package instance

import "fmt"

// CellKind is the sort of a cell.
type CellKind uint8

// The kinds of cells. They are stored as numbers: append, never reorder.
const (
	Head       CellKind = iota // not a cell: the head row
	BranchCell                 // pointers of one branch of a parallel ForEach: Ptr is the loop, Index the element
	ItemsCell                  // elements of a ForEach: Ptr is the loop
	UndoCell                   // an undo entry: Ptr is the pointer that ran
)

// CellID names a part of a State that is stored in a row of its own.
type CellID struct {
	Kind  CellKind
	Ptr   PtrID
	Index int
}

// String returns the id for messages.
func (c CellID) String() string { return fmt.Sprintf("%d/%d/%d", c.Kind, c.Ptr, c.Index) }

// Cell is a stored part of a State.
type Cell struct {
	ID   CellID
	Body []byte
}

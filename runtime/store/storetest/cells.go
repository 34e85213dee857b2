package storetest

import (
	"fmt"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
)

// cell returns a cell.
func cell(kind instance.CellKind, ptr instance.PtrID, index int, body string) instance.Cell {
	return instance.Cell{ID: instance.CellID{Kind: kind, Ptr: ptr, Index: index}, Body: []byte(body)}
}

func cellTests() []test {
	return []test{
		{"cells are loaded by ascending kind, pointer and index", func(e *env) {
			e.own()
			want := []instance.Cell{
				cell(instance.BranchCell, 1, 0, "a"),
				cell(instance.BranchCell, 1, 2, "b"),
				cell(instance.BranchCell, 1, 10, "c"),
				cell(instance.BranchCell, 300, 1, "d"),
				cell(instance.ItemsCell, 1, 0, "e"),
				cell(instance.UndoCell, 1, 0, "f"),
				cell(instance.UndoCell, 1<<40, 1<<30, "g"),
			}
			row := fresh("a")
			for _, i := range []int{4, 2, 6, 0, 5, 3, 1} {
				row.Cells = append(row.Cells, want[i])
			}
			e.commit(store.Item{Instance: row})
			require.Equal(e, want, e.load("a").Cells)
		}},
		{"a write replaces and drops the cells it names and leaves the others", func(e *env) {
			e.own()
			row := fresh("a")
			row.Cells = []instance.Cell{cell(1, 1, 1, "one"), cell(1, 1, 2, "two"), cell(2, 1, 1, "three")}
			k := e.commit(store.Item{Instance: row})[0].K
			row = next("a", k, 2)
			row.Cells = []instance.Cell{cell(1, 1, 2, "TWO"), cell(1, 1, 3, "four")}
			row.Drop = []instance.CellID{cell(1, 1, 1, "").ID, cell(3, 3, 3, "").ID}
			e.commit(store.Item{Instance: row})
			require.Equal(e, []instance.Cell{cell(1, 1, 2, "TWO"), cell(1, 1, 3, "four"), cell(2, 1, 1, "three")}, e.load("a").Cells)
		}},
		{"cells of one instance are not another's", func(e *env) {
			e.own()
			for _, id := range []string{"a", "b"} {
				row := fresh(id)
				row.Cells = []instance.Cell{cell(1, 1, 1, id)}
				e.commit(store.Item{Instance: row})
			}
			row := next("b", 0, 2)
			row.Drop = []instance.CellID{cell(1, 1, 1, "").ID}
			e.commit(store.Item{Instance: row})
			require.Equal(e, []instance.Cell{cell(1, 1, 1, "a")}, e.load("a").Cells)
			require.Empty(e, e.load("b").Cells)
		}},
		{"a thousand cells in one write are all there", func(e *env) {
			e.own()
			row := fresh("a")
			for i := range 1000 {
				row.Cells = append(row.Cells, cell(1, 7, i, fmt.Sprint("body", i)))
			}
			e.commit(store.Item{Instance: row})
			require.Equal(e, row.Cells, e.load("a").Cells)
		}},
	}
}

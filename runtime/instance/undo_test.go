package instance_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/wfegen/wfe/runtime/instance"
)

// TestNextUndo_IsTheOrderOfUndoing keeps, hands on and forgets entries of some sagas
// at random and compares what is next with a search through all.
func TestNextUndo_IsTheOrderOfUndoing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		const outer = 1
		s := &instance.State{NextPtr: outer}
		inner, mark := instance.PtrID(0), instance.Seq(0)
		owner := map[instance.PtrID]instance.PtrID{} // by entry, the saga that has to undo it
		keep := func(u *instance.UndoEntry) {
			s.Keep(u)
			owner[u.Ptr] = u.Saga
		}
		for range rapid.IntRange(0, 60).Draw(t, "acts") {
			s.NextPtr++
			s.NextSeq++
			u := &instance.UndoEntry{Ptr: s.NextPtr, Seq: s.NextSeq, Saga: outer, InPart: rapid.IntRange(0, 4).Draw(t, "in part") == 0}
			if inner != 0 && rapid.Bool().Draw(t, "inside") {
				u.Saga = inner
			}
			switch rapid.IntRange(0, 5).Draw(t, "act") {
			case 0: // a saga begins in the other one, or ends
				if inner == 0 {
					inner, mark = s.NextPtr, s.NextSeq
					continue
				}
				block := rapid.Bool().Draw(t, "block")
				keep(&instance.UndoEntry{Ptr: inner, Seq: mark, Saga: outer, Block: block, Link: !block})
				for ptr, saga := range owner {
					if saga == inner {
						owner[ptr] = outer
					}
				}
				inner = 0
			case 1:
				if next := s.NextUndo(outer); next != nil {
					s.Forget(next.Ptr)
					delete(owner, next.Ptr)
				}
			case 2: // the order is found anew
				cells := cells(s)
				back := &instance.State{NextPtr: s.NextPtr, NextSeq: s.NextSeq}
				require.NoError(t, back.Decode(s.AppendHead(nil), cells))
				s = back
			default:
				keep(u)
			}
			for _, saga := range []instance.PtrID{outer, inner} {
				require.Equal(t, slowest(s, owner, saga), s.NextUndo(saga), "of saga %d", saga)
			}
		}
		var all []instance.PtrID
		for _, u := range s.Undo {
			if owner[u.Ptr] == outer {
				all = append(all, u.Ptr)
			}
		}
		require.Equal(t, all, s.ForgetUndo(outer))
		require.Nil(t, s.NextUndo(outer))
		for _, u := range s.Undo {
			require.Equal(t, inner, u.Saga)
		}
	})
}

// slowest looks through all entries.
func slowest(s *instance.State, owner map[instance.PtrID]instance.PtrID, saga instance.PtrID) *instance.UndoEntry {
	var of []*instance.UndoEntry
	for _, u := range s.Undo {
		if owner[u.Ptr] == saga {
			of = append(of, u)
		}
	}
	if len(of) == 0 {
		return nil
	}
	return slices.MaxFunc(of, func(a, b *instance.UndoEntry) int {
		switch {
		case a.InPart && b.InPart:
			return int(a.Ptr) - int(b.Ptr)
		case a.InPart:
			return 1
		case b.InPart:
			return -1
		}
		return int(a.Seq) - int(b.Seq)
	})
}

func TestRewrite_ChangesAnEntryForThisStateAlone(t *testing.T) {
	t.Parallel()
	s := &instance.State{}
	for i := range 3 {
		s.Keep(&instance.UndoEntry{Ptr: instance.PtrID(i + 1), Seq: instance.Seq(i + 1), Saga: 9, Items: []instance.Item{{Node: 1}}})
	}
	before := s.Copy()
	for _, ptr := range []instance.PtrID{3, 1} { // what is undone next, and another one
		u := s.NextUndo(9)
		if ptr == 1 {
			u = s.Entry(1)
		}
		v := *u
		v.Items = []instance.Item{{Node: 1, Vars: []byte("x")}}
		s.Rewrite(u, &v)
		require.Same(t, &v, s.Entry(ptr))
		require.Nil(t, before.Entry(ptr).Items[0].Vars)
		s.Rewrite(u, u) // it is not there any more
		require.Same(t, &v, s.Entry(ptr))
	}
	for want := instance.PtrID(3); want > 0; want-- {
		u := s.NextUndo(9)
		require.Equal(t, want, u.Ptr)
		require.Equal(t, want != 2, u.Items[0].Vars != nil)
		s.Forget(u.Ptr)
	}
	require.Nil(t, s.NextUndo(9))
}

package instance_test

import (
	"fmt"
	"math"
	"reflect"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/wfegen/wfe/runtime/instance"
)

// cells encodes all cells that a state needs.
func cells(s *instance.State) []instance.Cell {
	var ids []instance.CellID
	for _, p := range s.Pointers {
		if p.Home.Kind != instance.Head {
			ids = append(ids, p.Home)
		}
	}
	for ptr, items := range s.Items {
		ids = instance.AppendItemCells(ids, ptr, len(items))
	}
	for _, u := range s.Undo {
		ids = append(ids, instance.CellID{Kind: instance.UndoCell, Ptr: u.Ptr})
	}
	l := s.DataCells()
	for _, id := range ids {
		l = append(l, instance.Cell{ID: id, Body: s.AppendCell(nil, id)})
	}
	return l
}

// fill sets every field of v, at any depth, to something that is not zero.
func fill(t *rapid.T, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; name == "Home" || name == "Tag" {
				continue // where it is stored, not what; of commands, which are never stored
			}
			fill(t, v.Field(i))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			fill(t, v.Index(i))
		}
	case reflect.String:
		v.SetString(rapid.StringN(1, 5, -1).Draw(t, "string"))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int64:
		v.SetInt(rapid.SampledFrom([]int64{math.MinInt64, -1, 1, math.MaxInt64}).Draw(t, "int64"))
	case reflect.Int:
		v.SetInt(rapid.Int64Range(1, math.MaxInt64).Draw(t, "int"))
	case reflect.Uint8:
		v.SetUint(rapid.Uint64Range(1, 5).Draw(t, "uint8"))
	case reflect.Uint32:
		v.SetUint(rapid.Uint64Range(1, math.MaxUint32).Draw(t, "uint32"))
	case reflect.Uint64:
		v.SetUint(rapid.Uint64Range(1, math.MaxUint64).Draw(t, "uint64"))
	default:
		panic(fmt.Sprintf("a field of kind %s: teach this test to fill it", v.Kind()))
	}
}

func TestState_DecodesToWhatWasEncoded(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := &instance.State{Items: map[instance.PtrID][][]byte{}}
		for _, field := range []any{&s.Reason, &s.Parent, &s.NextPtr, &s.NextSeq, &s.Data.Head, &s.Pointers, &s.Undo, &s.Cursors, &s.Failure, &s.Cancel, &s.Note, &s.Held, &s.Later, &s.Log} {
			if rapid.Bool().Draw(t, "set") {
				fill(t, reflect.ValueOf(field).Elem())
			}
		}
		for i, p := range s.Pointers {
			p.ID = instance.PtrID(i + 1)
			if rapid.Bool().Draw(t, "in a cell") {
				p.Home = instance.CellID{Kind: instance.BranchCell, Ptr: p.ID, Index: i}
			}
		}
		for i, u := range s.Undo {
			u.Ptr = instance.PtrID(i + 1)
		}
		if rapid.Bool().Draw(t, "items") {
			for i := range rapid.SampledFrom([]int{1, 256, 257, 1000}).Draw(t, "elements") {
				s.Items[7] = append(s.Items[7], []byte{byte(i), 'x'})
			}
		}
		for i := range rapid.IntRange(0, 3).Draw(t, "fields in cells") {
			s.Data.Fat = append(s.Data.Fat, instance.Field{Number: 2 * i, At: min(i, len(s.Data.Head)), Body: []byte{byte(i)}})
		}
		changed, _ := s.ChangedData(nil, nil)
		require.Len(t, changed, len(s.Data.Fat))
		back := &instance.State{Items: map[instance.PtrID][][]byte{}}
		require.NoError(t, back.Decode(s.AppendHead(nil), cells(s)))
		require.Equal(t, s, back)
	})
}

func TestDecode_MarksWhatMayHaveBegun(t *testing.T) {
	t.Parallel()
	s := &instance.State{}
	s.Add(&instance.Pointer{Attempt: 1})
	s.Add(&instance.Pointer{})
	back := &instance.State{}
	require.NoError(t, back.Decode(s.AppendHead(nil), nil))
	require.True(t, back.Pointers[0].Begun)
	require.False(t, back.Pointers[1].Begun)
}

func TestDecode_OrdersPointersAndEntriesOfAllCells(t *testing.T) {
	t.Parallel()
	s := &instance.State{}
	for i := range 4 {
		p := &instance.Pointer{}
		if i%2 == 0 {
			p.Home = instance.CellID{Kind: instance.BranchCell, Ptr: 9, Index: i}
		}
		s.Add(p)
		s.Keep(&instance.UndoEntry{Ptr: instance.PtrID(10 - i)})
	}
	back := &instance.State{}
	require.NoError(t, back.Decode(s.AppendHead(nil), cells(s)))
	for i, p := range back.Pointers {
		require.Equal(t, instance.PtrID(i+1), p.ID)
		require.Equal(t, instance.PtrID(i+7), back.Undo[i].Ptr)
	}
}

func TestDecode_SaysWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	s := &instance.State{ID: "order-7"}
	head := s.AppendHead(nil)
	require.EqualError(t, s.Decode(head, []instance.Cell{{ID: instance.CellID{Kind: instance.ItemsCell, Ptr: 1, Index: 1}, Body: []byte{head[0], 0}}}),
		"instance order-7: decoding cell 2/1/1: elements before these are missing")
	require.EqualError(t, s.Decode(nil, nil), "instance order-7: decoding its head: the bytes end too early")
	require.EqualError(t, s.Decode(append(head, 1), nil), "instance order-7: decoding its head: 1 bytes too many")
	require.EqualError(t, s.Decode([]byte{9}, nil), "instance order-7: decoding its head: format 9 is not known to this program; it knows 11")
	require.EqualError(t, s.Decode(head, []instance.Cell{{ID: instance.CellID{Kind: 9, Ptr: 1}, Body: head[:1]}}),
		"instance order-7: decoding cell 9/1/0: unknown kind 9")
	for n := range head {
		require.Error(t, new(instance.State).Decode(head[:n], nil))
	}
}

func FuzzDecode(f *testing.F) {
	s := &instance.State{Data: instance.Data{Head: []byte("data"), Fat: []instance.Field{{Number: 1, At: 2, Body: []byte("x")}}}, Held: []instance.Input{{Err: &instance.StepError{}}}, Failure: &instance.Failure{}}
	s.Add(&instance.Pointer{Cause: &instance.Failure{}})
	s.Take("name", "key", 3)
	f.Add(s.AppendHead(nil), []byte{5, 1, 1, 'x'}, uint8(instance.ItemsCell))
	f.Add([]byte{5, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x0f}, []byte{5}, uint8(instance.BranchCell))
	f.Fuzz(func(t *testing.T, head, cell []byte, kind uint8) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		s := &instance.State{}
		err := s.Decode(head, []instance.Cell{{ID: instance.CellID{Kind: instance.CellKind(kind)}, Body: cell}})
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20+1000*uint64(len(head)+len(cell)) {
			t.Fatalf("%d bytes allocated for %d", n, len(head)+len(cell))
		}
		if err == nil {
			require.NoError(t, new(instance.State).Decode(s.AppendHead(nil), nil), "what was decoded encodes")
		}
	})
}

func TestTransitions_AreTheOnlyChangesOfStatus(t *testing.T) {
	t.Parallel()
	allowed := map[[2]instance.Status]bool{}
	for _, tr := range instance.Transitions() {
		require.NotEmpty(t, tr.By)
		allowed[[2]instance.Status{tr.From, tr.To}] = true
	}
	all := []instance.Status{instance.Runnable, instance.Suspended, instance.Complete, instance.Terminated}
	for _, from := range all {
		for _, to := range all {
			s := &instance.State{ID: "i", Status: from}
			err := s.To(to)
			if allowed[[2]instance.Status{from, to}] {
				require.NoError(t, err)
				require.Equal(t, to, s.Status)
				continue
			}
			require.EqualError(t, err, fmt.Sprintf("instance i: no transition from %s to %s", from, to))
			require.Equal(t, from, s.Status)
			require.False(t, from.Ended() && allowed[[2]instance.Status{from, to}])
		}
	}
}

func TestState_NeverGivesAPointersIDAgain(t *testing.T) {
	t.Parallel()
	s := &instance.State{}
	one, two := &instance.Pointer{}, &instance.Pointer{}
	s.Add(one)
	s.Add(two)
	s.Remove(two)
	s.Remove(two)
	three := &instance.Pointer{}
	s.Add(three)
	require.Equal(t, instance.PtrID(3), three.ID)
	require.Same(t, one, s.Pointer(1))
	require.Nil(t, s.Pointer(2))
	require.Same(t, three, s.Pointer(3))
}

func TestCursor_StartsAtTheInstancesCreationAndNeverGoesBack(t *testing.T) {
	t.Parallel()
	s := &instance.State{Born: 5}
	require.Equal(t, instance.Seq(5), s.Cursor("paid", "1"))
	s.Take("paid", "1", 9)
	s.Take("paid", "1", 7)
	require.Equal(t, instance.Seq(9), s.Cursor("paid", "1"))
	require.Equal(t, instance.Seq(5), s.Cursor("paid", "2"))
}

func TestInstant_IsATimeInUTCAndDoesNotWrap(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, 1, 2, 3, 4, 5, 6, time.UTC)
	require.Equal(t, now, instance.At(now).Time())
	require.True(t, instance.Instant(0).Time().IsZero())
	require.Equal(t, time.Hour, instance.At(now).Add(time.Hour).Sub(instance.At(now)))
	require.Equal(t, instance.Instant(math.MaxInt64), instance.At(now).Add(math.MaxInt64))
}

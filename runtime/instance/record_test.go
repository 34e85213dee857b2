package instance_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/wfegen/wfe/runtime/instance"
)

func TestHistory_IsWhatWasAppended(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := &instance.State{Created: 5}
		var want []instance.Record
		cells := map[instance.CellID]instance.Cell{}
		for range rapid.IntRange(1, 40).Draw(t, "times") {
			records := make([]instance.Record, rapid.IntRange(1, 8).Draw(t, "records"))
			for i := range records {
				fill(t, reflect.ValueOf(&records[i]).Elem())
				if rapid.Bool().Draw(t, "of the instance") {
					records[i].Ptr, records[i].Node = 0, 0
				}
				records[i].Text = strings.Repeat("x", rapid.IntRange(0, instance.MaxRecordText).Draw(t, "text"))
			}
			for _, c := range s.Append(records) {
				require.LessOrEqual(t, len(c.Body), instance.MaxLog+16)
				cells[c.ID] = c
			}
			for i := range records {
				records[i].Trace = nil // it is for listeners alone
			}
			want = append(want, records...) // with their numbers
			require.LessOrEqual(t, len(s.Log.Records), instance.MaxLog)
		}
		var chunks []instance.Cell
		for _, c := range cells {
			chunks = append(chunks, c)
		}
		got, err := s.History(chunks)
		require.NoError(t, err)
		require.Equal(t, want, got)
	})
}

func TestHistory_IsBoundedAndOfTheSameCostHoweverLong(t *testing.T) {
	t.Parallel()
	s := &instance.State{}
	cells := map[instance.CellID]instance.Cell{}
	cost := func(rounds int) (bytes, rows int) {
		for range rounds {
			for _, c := range s.Append([]instance.Record{{Kind: instance.RecordStepStarted, Ptr: instance.PtrID(1<<40 + s.Log.Last), At: 1 << 60}}) {
				bytes, rows = bytes+len(c.Body), rows+1
				cells[c.ID] = c
			}
		}
		return bytes, rows
	}
	cost(1000)
	bytes, rows := cost(100_000)
	later, laterRows := cost(100_000)
	require.InDelta(t, bytes, later, 2*instance.MaxLog)
	require.InDelta(t, rows, laterRows, 2)
	require.Len(t, cells, instance.MaxChunks)
	var chunks []instance.Cell
	for _, c := range cells {
		chunks = append(chunks, c)
	}
	got, err := s.History(chunks)
	require.NoError(t, err)
	for i := range got {
		require.Equal(t, s.Log.Last-uint64(len(got)-1-i), got[i].N, "the newest, without a gap")
	}
}

func TestHistory_TextIsCutToItsBound(t *testing.T) {
	t.Parallel()
	s := &instance.State{}
	s.Append([]instance.Record{{Kind: instance.RecordStepFailed, Text: strings.Repeat("ä", instance.MaxRecordText)}})
	got, err := s.History(nil)
	require.NoError(t, err)
	require.Equal(t, strings.Repeat("ä", instance.MaxRecordText/2), got[0].Text)
}

func TestHistory_SaysWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	s := &instance.State{ID: "a"}
	_, err := s.History([]instance.Cell{{ID: instance.CellID{Kind: instance.HistoryCell, Index: 3}, Body: []byte{0}}})
	require.ErrorContains(t, err, "instance a: decoding cell 128/0/3")
	s.Log.Records = []byte{1}
	_, err = s.History(nil)
	require.ErrorContains(t, err, "the bytes end too early")
}

func TestFailures_AreTheNewestInTheirOrder(t *testing.T) {
	t.Parallel()
	s := &instance.State{}
	cells := map[instance.CellID]instance.Cell{}
	for n := range instance.MaxFailures + 7 {
		c := s.Failed(&instance.Failure{Message: fmt.Sprint(n), At: 3, Attempt: 2})
		cells[c.ID] = c
	}
	require.Len(t, cells, instance.MaxFailures)
	var list []instance.Cell
	for _, c := range cells {
		list = append(list, c)
	}
	got, err := instance.Failures(list)
	require.NoError(t, err)
	for i, f := range got {
		require.Equal(t, instance.Failure{Message: fmt.Sprint(i + 7), At: 3, Attempt: 2}, f)
	}
}

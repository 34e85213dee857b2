package storetest

import (
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
)

// texts are the stored texts that may refer to artifacts, in order.
func texts(t testing.TB, s store.Store) (out []string) {
	t.Helper()
	require.NoError(t, s.Texts(t.Context(), func(text store.Text) error {
		what := "text "
		if text.Message {
			what = "message "
		}
		out = append(out, what+string(text.Body))
		return nil
	}))
	slices.Sort(out)
	return out
}

func textTests() []test {
	return []test{
		{"an instance is read for artifacts once a write has said so, with its state and without its archive, until it is purged", func(e *env) {
			e.own()
			k := e.start("a")
			e.start("b")
			require.Empty(e, texts(e, e.Store))
			row := next("a", k, 2)
			row.Artifacts = true
			row.Cells = []instance.Cell{
				{ID: instance.CellID{Kind: instance.FieldCell, Index: 1}, Body: []byte("field")},
				{ID: instance.CellID{Kind: instance.HistoryCell}, Body: []byte("history")},
			}
			e.commit(store.Item{Instance: row})
			require.Equal(e, []string{"text field", "text head"}, texts(e, e.Store))
			later := next("a", k, 3)
			later.Head = []byte("later")
			e.commit(store.Item{Instance: later})
			require.True(e, e.load("a").Artifacts)
			require.Equal(e, []string{"text field", "text later"}, texts(e, e.Open()), "it stays so")
			born := fresh("c")
			born.Artifacts = true
			e.commit(store.Item{Instance: born})
			e.commit(store.Item{Instance: ended("a", 4, 5)})
			require.Equal(e, []string{"text field", "text head of a", "text head of c"}, texts(e, e.Store))
			e.commit(store.Item{Purge: &store.Purge{Before: 9, Limit: 9}})
			require.Equal(e, []string{"text head of c"}, texts(e, e.Store))
		}},
		{"events with a digest are read for artifacts, and all messages", func(e *env) {
			e.own()
			refers := []byte("\x01\x00{" + instance.DigestMark + "00")
			e.commit(store.Item{Event: &store.Event{Name: "n", Key: "k", Payload: refers}}, store.Item{Event: &store.Event{Name: "n", Key: "k", Payload: []byte("none")}})
			_, err := e.Open().Publish(e.Context(), []store.Event{{Name: "n", Key: "k", Due: 50, Payload: refers}})
			require.NoError(e, err)
			require.NoError(e, e.Open().Post(e.Context(), []store.Msg{{Request: "r", Class: "c", Body: []byte("body")}}))
			require.Equal(e, []string{"message body", "text " + string(refers), "text " + string(refers)}, texts(e, e.Store))
		}},
		{"an error of the visitor ends the reading", func(e *env) {
			e.own()
			for _, id := range []string{"a", "b"} {
				row := fresh(id)
				row.Artifacts = true
				e.commit(store.Item{Instance: row})
			}
			n, enough := 0, errors.New("enough")
			err := e.Store.Texts(e.Context(), func(store.Text) error { n++; return enough })
			require.ErrorIs(e, err, enough)
			require.Equal(e, 1, n)
		}},
	}
}

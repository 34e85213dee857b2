package storetest

import (
	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/store"
)

func definitionTests() []test {
	return []test{
		{"a definition is stored once per hash; there already is no error", func(e *env) {
			e.own()
			first := store.Definition{Hash: "h", Name: "w", Version: 1, Body: []byte("body")}
			second := store.Definition{Hash: "h", Name: "w", Version: 2, Body: []byte("other")}
			out := e.commit(store.Item{Definition: &first}, store.Item{Definition: &second})
			require.Equal(e, []store.Outcome{{}, {}}, out)
			body, err := e.Store.Definition(e.Context(), "h")
			require.NoError(e, err)
			require.Equal(e, "body", string(body))
		}},
		{"one that is not there is ErrNotFound", func(e *env) {
			_, err := e.own().Store.Definition(e.Context(), "h")
			require.ErrorIs(e, err, store.ErrNotFound)
		}},
		{"another process reads it", func(e *env) {
			e.own().commit(store.Item{Definition: &store.Definition{Hash: "h", Name: "w", Version: 1, Body: []byte("body")}})
			body, err := e.Open().Definition(e.Context(), "h")
			require.NoError(e, err)
			require.Equal(e, "body", string(body))
		}},
	}
}

package sqlite

import (
	"io"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/store"
	"github.com/wfegen/wfe/runtime/store/storetest"
)

func quick() Config {
	return Config{Stale: 200 * time.Millisecond, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
}

// openAt opens the database and closes it at the end of the test.
func openAt(t testing.TB, path string, c Config) *Store {
	t.Helper()
	s, err := Open(t.Context(), path, c)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func TestStoreConforms(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) storetest.Harness {
		c := quick()
		c.Stale = time.Minute // whoever stands by waits for the lock
		c.Poll = 5 * time.Millisecond
		path := filepath.Join(t.TempDir(), "wfe.db")
		first, f := openAt(t, path, c), &faulty{}
		f.install(first)
		return storetest.Harness{
			Store: first,
			Open:  func() store.Store { return openAt(t, path, c) },
			Crash: func(s store.Store) { require.NoError(t, s.Close()) },
			Unknown: func(_ store.Store, durable bool) {
				done := false
				f.set(func(_ int, text string) fault {
					switch {
					case text != "COMMIT" || done:
						return works
					case durable:
						done = true
						return doubts
					}
					done = true
					return fails
				})
			},
		}
	})
}

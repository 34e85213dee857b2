package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	sqlite3 "github.com/mattn/go-sqlite3"
	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/store"
)

// made returns the path of a database of ours with an instance "a", closed.
func made(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "wfe.db")
	s, err := Open(t.Context(), path, quick())
	require.NoError(t, err)
	l, err := s.Acquire(t.Context(), "maker", nil)
	require.NoError(t, err)
	_, err = s.Commit(t.Context(), l, store.Batch{Items: []store.Item{{Instance: row("a", 1)}}})
	require.NoError(t, err)
	require.NoError(t, s.Release(t.Context(), l))
	require.NoError(t, s.Close())
	return path
}

// sql runs statements on a file, which need not be ours.
func runSQL(t *testing.T, path, text string) {
	t.Helper()
	c, err := (&sqlite3.SQLiteDriver{}).Open(path)
	require.NoError(t, err)
	_, err = c.(*sqlite3.SQLiteConn).Exec(text, nil)
	require.NoError(t, err)
	require.NoError(t, c.Close())
}

func edit(t *testing.T, path string, change func(b []byte) []byte) {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, change(b), 0o600))
}

func TestOpenRefusesWhatItCannotUseAndLeavesItAsItWas(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		make func(t *testing.T) string
		kind error
		says []string
	}{
		{"a directory", func(t *testing.T) string { return t.TempDir() }, ErrNotFile, []string{"directory", "name a file"}},
		{"no name", func(*testing.T) string { return "" }, ErrNotFile, nil},
		{"text", func(t *testing.T) string {
			path := filepath.Join(t.TempDir(), "notes.txt")
			require.NoError(t, os.WriteFile(path, []byte(strings.Repeat("some text\n", 1000)), 0o600))
			return path
		}, ErrNotDatabase, []string{"notes.txt", "name another file"}},
		{"short text", func(t *testing.T) string {
			path := filepath.Join(t.TempDir(), "notes.txt")
			require.NoError(t, os.WriteFile(path, []byte("short"), 0o600))
			return path
		}, ErrNotDatabase, nil},
		{"a header of zeros", func(t *testing.T) string {
			path := made(t)
			edit(t, path, func(b []byte) []byte { clear(b[:100]); return b })
			return path
		}, ErrNotDatabase, []string{"backup"}},
		{"a file that was cut", func(t *testing.T) string {
			path := made(t)
			edit(t, path, func(b []byte) []byte { return b[:len(b)/2] })
			return path
		}, ErrCorrupt, []string{"backup"}},
		{"a file that lost all it had", func(t *testing.T) string {
			path := made(t)
			require.NoError(t, os.Truncate(path, 0))
			return path
		}, ErrCorrupt, []string{"empty", ".owner", "backup"}},
		{"a first page that was scrambled", func(t *testing.T) string {
			path := made(t)
			edit(t, path, func(b []byte) []byte {
				for i := 100; i < 4096; i++ {
					b[i] ^= 0x5a
				}
				return b
			})
			return path
		}, ErrCorrupt, nil},
		{"a newer schema", func(t *testing.T) string {
			path := made(t)
			runSQL(t, path, "PRAGMA user_version = 7")
			return path
		}, ErrNewerSchema, []string{"version 7", "up to 2", "newer program"}},
		{"another application's database", func(t *testing.T) string {
			path := filepath.Join(t.TempDir(), "other.db")
			runSQL(t, path, "PRAGMA application_id = 42")
			return path
		}, ErrForeign, []string{"42"}},
		{"a database with unknown tables", func(t *testing.T) string {
			path := filepath.Join(t.TempDir(), "other.db")
			runSQL(t, path, "CREATE TABLE instance(id)")
			return path
		}, ErrForeign, []string{"name another file"}},
		{"a database with a version and no mark", func(t *testing.T) string {
			path := filepath.Join(t.TempDir(), "other.db")
			runSQL(t, path, "PRAGMA user_version = 1")
			return path
		}, ErrForeign, nil},
		{"a trigger that somebody added", func(t *testing.T) string {
			path := made(t)
			runSQL(t, path, "CREATE TRIGGER evil AFTER UPDATE ON owner BEGIN DELETE FROM instance; END")
			return path
		}, ErrForeign, []string{"trigger evil"}},
		{"a view in place of a table", func(t *testing.T) string {
			path := made(t)
			runSQL(t, path, "DROP TABLE reply; CREATE VIEW reply AS SELECT 1 AS request")
			return path
		}, ErrForeign, []string{"reply"}},
		{"a table that is missing", func(t *testing.T) string {
			path := made(t)
			runSQL(t, path, "DROP TABLE cell")
			return path
		}, ErrForeign, []string{"table cell is missing"}},
		{"a table that was changed", func(t *testing.T) string {
			path := made(t)
			runSQL(t, path, "ALTER TABLE cell ADD COLUMN more TEXT")
			return path
		}, ErrForeign, []string{"table cell"}},
		{"a read-only file", func(t *testing.T) string {
			path := made(t)
			require.NoError(t, os.Chmod(path, 0o400))
			return path
		}, ErrReadOnly, []string{"-r--------", "writable"}},
		{"a read-only directory", func(t *testing.T) string {
			path := made(t)
			require.NoError(t, os.Chmod(filepath.Dir(path), 0o500))
			t.Cleanup(func() { _ = os.Chmod(filepath.Dir(path), 0o700) })
			return path
		}, ErrReadOnly, []string{"writable"}},
		{"a directory that is not there", func(t *testing.T) string {
			return filepath.Join(t.TempDir(), "none", "wfe.db")
		}, fs.ErrNotExist, []string{"none"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path := c.make(t)
			before := contents(t, path)
			for range 2 {
				_, err := Open(t.Context(), path, quick())
				require.ErrorIs(t, err, c.kind)
				var e *Error
				require.ErrorAs(t, err, &e)
				require.Contains(t, err.Error(), path)
				for _, text := range c.says {
					require.Contains(t, err.Error(), text)
				}
				require.Equal(t, before, contents(t, path))
			}
		})
	}
}

// contents returns what is in the database and beside it, but for the lock file.
func contents(t *testing.T, path string) map[string]string {
	t.Helper()
	found := map[string]string{}
	names, err := filepath.Glob(path + "*")
	require.NoError(t, err)
	for _, name := range names {
		st, err := os.Stat(name)
		require.NoError(t, err)
		if st.IsDir() || name == lockPath(path) {
			continue
		}
		b, err := os.ReadFile(name)
		require.NoError(t, err)
		found[name] = string(b)
	}
	return found
}

func TestAFileThatWasCutInUseIsAnErrorThatSaysSo(t *testing.T) {
	t.Parallel()
	path := made(t)
	s := openAt(t, path, quick())
	_, err := s.Load(t.Context(), "a")
	require.NoError(t, err)
	l, err := s.Acquire(t.Context(), "x", nil)
	require.NoError(t, err)
	require.NoError(t, os.Rename(path, path+".old"))
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	s.mu.Lock()
	s.looked = s.looked.Add(-2 * lookEach)
	s.mu.Unlock()
	_, err = s.Commit(t.Context(), l, store.Batch{Items: []store.Item{{Instance: row("b", 1)}}})
	require.ErrorIs(t, err, ErrReplaced)
	require.NotErrorIs(t, err, store.ErrUnknown)
	_, err = s.Publish(t.Context(), []store.Event{{Name: "n"}})
	require.ErrorIs(t, err, ErrReplaced)
	_, err = s.Commit(t.Context(), l, store.Batch{})
	require.ErrorIs(t, err, ErrReplaced)
	require.Zero(t, size(t, path))
}

func TestAWALThatWasRemovedInUseIsAnErrorAndCloseSavesWhatIsInIt(t *testing.T) {
	t.Parallel()
	path := made(t)
	s := openAt(t, path, quick())
	l, err := s.Acquire(t.Context(), "x", nil)
	require.NoError(t, err)
	_, err = s.Commit(t.Context(), l, store.Batch{Items: []store.Item{{Instance: row("acknowledged", 1)}}})
	require.NoError(t, err)
	require.NoError(t, os.Remove(path+"-wal"))
	require.NoError(t, os.Remove(path+"-shm"))
	s.mu.Lock()
	s.looked = s.looked.Add(-2 * lookEach)
	s.mu.Unlock()
	_, err = s.Commit(t.Context(), l, store.Batch{Items: []store.Item{{Instance: row("b", 1)}}})
	require.ErrorIs(t, err, ErrReplaced)
	require.ErrorIs(t, err, store.ErrLost)
	require.ErrorContains(t, err, "-wal")
	require.NoError(t, s.Close())

	_, err = openAt(t, path, quick()).Load(t.Context(), "acknowledged")
	require.NoError(t, err)
}

func size(t *testing.T, path string) int64 {
	t.Helper()
	st, err := os.Stat(path)
	require.NoError(t, err)
	return st.Size()
}

func TestANewerProgramThatTookOverKeepsThisOneFromPublishing(t *testing.T) {
	t.Parallel()
	path := made(t)
	s := openAt(t, path, quick())
	runSQL(t, path, "PRAGMA user_version = 3")
	_, err := s.Publish(t.Context(), []store.Event{{Name: "n"}})
	require.ErrorIs(t, err, ErrNewerSchema)
	require.ErrorIs(t, s.Post(t.Context(), []store.Msg{{Request: "n"}}), ErrNewerSchema)
}

func TestAnEmptyFileIsTakenForANewDatabase(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "wfe.db")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	openAt(t, path, quick())
	require.Positive(t, size(t, path))
}

func TestADatabaseThatWasDeletedIsMadeAnew(t *testing.T) {
	t.Parallel()
	path := made(t)
	require.Positive(t, size(t, lockPath(path)))
	require.NoError(t, os.Remove(path))
	s := openAt(t, path, quick())
	_, err := s.Load(t.Context(), "a")
	require.ErrorIs(t, err, store.ErrNotFound)
}

func TestAnyNameOfAFileWorksAndOneFileHasOneLock(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a b", "a?mode=memory", "100%20#x&_sync=off", "é+'\"\\", ":memory:", "file:x"} {
		path := filepath.Join(t.TempDir(), name)
		s := openAt(t, path, quick())
		l, err := s.Acquire(t.Context(), "x", nil)
		require.NoError(t, err)
		_, err = s.Commit(t.Context(), l, store.Batch{Items: []store.Item{{Instance: row("a", 1)}}})
		require.NoError(t, err)
		require.Positive(t, size(t, path), name)

		link := filepath.Join(t.TempDir(), "link")
		require.NoError(t, os.Symlink(path, link))
		other := openAt(t, link, quick())
		ctx, cancel := context.WithCancel(t.Context())
		_, err = other.Acquire(ctx, "y", func(owner string) {
			require.Equal(t, "x", owner)
			cancel()
		})
		require.ErrorIs(t, err, context.Canceled)
	}
}

func TestManyProcessesOpenANewDatabaseAtOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "wfe.db")
	errs := make(chan error)
	for range 8 {
		go func() {
			s, err := Open(t.Context(), path, quick())
			if err == nil {
				_, err = s.Publish(t.Context(), []store.Event{{Name: "n"}})
				if e := s.Close(); err == nil {
					err = e
				}
			}
			errs <- err
		}()
	}
	for range 8 {
		require.NoError(t, <-errs)
	}
	s := openAt(t, path, quick())
	events, err := s.Undelivered(t.Context(), 0, 100)
	require.NoError(t, err)
	require.Len(t, events, 8)
}

func TestAnOlderSchemaIsRefusedWhileSomebodyOwnsTheDatabase(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "wfe.db")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	l, err := tryLock(path)
	require.NoError(t, err)
	c := quick()
	c.Busy = 20e6
	_, err = Open(t.Context(), path, c)
	require.ErrorIs(t, err, ErrOlderSchema)
	require.NoError(t, l.release())
	openAt(t, path, c)
}

func TestAMigrationThatFailsLeavesNothingHalfDone(t *testing.T) {
	t.Parallel()
	list, err := migrations()
	require.NoError(t, err)
	c, err := sqliteInMemory()
	require.NoError(t, err)
	defer func() { require.NoError(t, c.Close()) }()
	bad := append(list[:len(list):len(list)], "CREATE TABLE more(id); PRAGMA user_version = 3; CREATE TABLE owner(id)")
	err = migrate(c, 0, bad)
	require.ErrorContains(t, err, "schema version 3")
	found, err := examine(c, 9)
	require.NoError(t, err)
	require.Equal(t, 2, found.version)
	require.NoError(t, compare(c, list))
	good := append(list[:len(list):len(list)], "CREATE TABLE more(id); PRAGMA user_version = 3")
	require.NoError(t, migrate(c, 2, good))
	require.NoError(t, compare(c, good))
	require.Error(t, compare(c, list))
}

func TestEveryMigrationSetsItsVersion(t *testing.T) {
	t.Parallel()
	list, err := migrations()
	require.NoError(t, err)
	for i, text := range list {
		require.Contains(t, text, fmt.Sprintf("PRAGMA user_version = %d;", i+1))
	}
}

func TestSettingsAreReadBackAndOneThatDidNotTakeRefuses(t *testing.T) {
	t.Parallel()
	s := openAt(t, filepath.Join(t.TempDir(), "wfe.db"), quick())
	for _, r := range []role{s.cfg.writer(), s.cfg.outside(), s.cfg.reader()} {
		c, err := open(s.path, r)
		require.NoError(t, err)
		for query, want := range map[string]any{
			"PRAGMA journal_mode": "wal", "PRAGMA synchronous": int64(2), "PRAGMA foreign_keys": int64(1),
			"PRAGMA trusted_schema": int64(0), "PRAGMA cell_size_check": int64(1),
		} {
			got, err := one(c, query)
			require.NoError(t, err)
			require.Equal(t, want, got, query)
		}
		require.NoError(t, c.Close())

		for i, p := range r.pragmas {
			wrong := r
			wrong.pragmas = append([]pragma(nil), r.pragmas...)
			wrong.pragmas[i].want = "something else"
			_, err := open(s.path, wrong)
			require.ErrorIs(t, s.fail("opening", err), ErrSetting)
			require.ErrorContains(t, s.fail("opening", err), p.get)
		}
	}
	c, err := open(s.path, s.cfg.writer())
	require.NoError(t, err)
	busy, err := one(c, "PRAGMA busy_timeout")
	require.NoError(t, err)
	require.Positive(t, busy)
	require.NoError(t, c.Close())
	c, err = open(s.path, s.cfg.reader())
	require.NoError(t, err)
	_, err = c.Exec("DELETE FROM instance", nil)
	require.Error(t, err)
	require.NoError(t, c.Close())
}

func TestASQLiteThatCanLoseDataIsNotFit(t *testing.T) {
	t.Parallel()
	_, n, _ := sqlite3.Version()
	require.True(t, fit(n))
	require.True(t, fit(3051003))
	require.False(t, fit(3051002))
}

func TestWhatIsClosedSaysSo(t *testing.T) {
	t.Parallel()
	s := openAt(t, filepath.Join(t.TempDir(), "wfe.db"), quick())
	l, err := s.Acquire(t.Context(), "x", nil)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	require.NoError(t, s.Close())
	_, err = s.Publish(t.Context(), []store.Event{{Name: "n"}})
	require.ErrorIs(t, err, ErrClosed)
	_, err = s.Commit(t.Context(), l, store.Batch{})
	require.ErrorIs(t, err, ErrClosed)
	require.ErrorIs(t, err, store.ErrLost)
	require.NotErrorIs(t, err, store.ErrFenced, "nobody else has it")
	_, err = s.Settle(t.Context(), l, store.Batch{})
	require.ErrorIs(t, err, store.ErrLost)
	_, err = s.Acquire(t.Context(), "x", nil)
	require.ErrorIs(t, err, ErrClosed)
	_, err = s.Load(t.Context(), "a")
	require.Error(t, err)
}

func TestErrorsNameTheFileTheCauseAndTheRemedy(t *testing.T) {
	t.Parallel()
	for _, kind := range []error{
		ErrNotFile, ErrReadOnly, ErrNotDatabase, ErrForeign, ErrCorrupt, ErrNewerSchema, ErrOlderSchema,
		ErrReplaced, ErrDiskFull, ErrBusy, ErrLibrary, ErrSetting, ErrPlatform,
	} {
		err := &Error{Path: "/x/y.db", Doing: "opening", Kind: kind}
		require.NotEmpty(t, err.Remedy(), kind)
		require.Equal(t, "sqlite: opening /x/y.db: "+kind.Error()+"; "+err.Remedy(), err.Error())
	}
}

func TestAStoreThatOnlyAnotherOpenCanHelpIsLost(t *testing.T) {
	t.Parallel()
	for kind, lost := range map[error]bool{
		ErrReplaced: true, ErrClosed: true, ErrCorrupt: true, ErrNotDatabase: true,
		ErrDiskFull: false, ErrBusy: false, ErrReadOnly: false,
	} {
		err := fail("wfe.db", "committing to", refusal{kind, "note"})
		require.Equal(t, lost, errors.Is(err, store.ErrLost), "%v", err)
	}
}

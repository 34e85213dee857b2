package gen

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// cached is a module of which package a is annotated and imports b, which imports c; d is a local module that c needs, and
// e is no business of a's.
func cached(t *testing.T) (dir string, config Config) {
	t.Helper()
	dir = module(t)
	mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	require.NoError(t, err)
	for name, text := range map[string]string{
		"go.mod":   string(mod) + "\nrequire example.org/d v0.0.0\n\nreplace example.org/d => ./d\n",
		"a/a.go":   "package a\n\nimport \"example.com/b\"\n\n//wfe:data\ntype Order struct{ B b.B }\n",
		"b/b.go":   "package b\n\nimport \"example.com/x/c\"\n\ntype B struct{ C c.C }\n",
		"x/c/c.go": "package c\n\nimport \"example.org/d\"\n\ntype C struct{ D d.D }\n",
		"d/go.mod": "module example.org/d\n\ngo 1.26\n",
		"d/d.go":   "package d\n\ntype D struct{ N int }\n",
		"e/e.go":   "package e\n",
	} {
		writeFile(t, filepath.Join(dir, filepath.FromSlash(name)), text)
	}
	old := time.Now().Add(-time.Hour)
	require.NoError(t, filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chtimes(path, old, old)
	}))
	return dir, Config{Dir: dir, Patterns: []string{"./a"}, Env: environment(), Cache: t.TempDir()}
}

// knows reports whether a run would find in the cache that there is nothing to do.
func knows(c Config) bool {
	_, ok := newCache(c).read()
	return ok
}

func TestTheCacheKnowsWhenThereIsNothingToDo(t *testing.T) {
	t.Parallel()
	dir, c := cached(t)
	require.False(t, knows(c))
	r, err := Generate(t.Context(), c)
	require.NoError(t, err)
	require.Empty(t, r.Diagnostics)
	require.Len(t, r.Changes, 1)
	require.True(t, knows(c))
	r, err = Generate(t.Context(), c)
	require.NoError(t, err)
	require.Empty(t, r.Changes)
	require.Equal(t, 1, r.Packages)

	other := c
	other.Patterns = []string{"./..."}
	require.False(t, knows(other))
	other = c
	other.Dir = filepath.Join(dir, "a")
	require.False(t, knows(other))
	now := time.Now()
	require.NoError(t, os.Chtimes(filepath.Join(dir, "a", "a.go"), now, now))
	require.True(t, knows(c), "the times of files do not matter")
	writeFile(t, filepath.Join(dir, "e", "e.go"), "package e // changed\n")
	require.True(t, knows(c), "e is no business of a's")
}

// TestAnyChangeOfWhatIsReachableInvalidatesTheCache changes, truncates, replaces by a link and removes every file that a result depends on,
// and adds files beside it; each time the cache has to forget, and to remember when it is undone.
func TestAnyChangeOfWhatIsReachableInvalidatesTheCache(t *testing.T) {
	t.Parallel()
	dir, c := cached(t)
	_, err := Generate(t.Context(), c)
	require.NoError(t, err)
	require.True(t, knows(c))
	names := []string{"go.mod", "go.sum", "a/a.go", "a/wfe_gen.go", "b/b.go", "x/c/c.go", "d/d.go", "d/go.mod"}
	for _, name := range names {
		path := filepath.Join(dir, filepath.FromSlash(name))
		before, err := os.ReadFile(path)
		require.NoError(t, err)
		for at := 0; at < len(before); at += 1 + len(before)/37 {
			after := append([]byte(nil), before...)
			after[at] ^= 1
			require.NoError(t, os.WriteFile(path, after, 0o644))
			require.False(t, knows(c), "byte %d of %s", at, name)
		}
		for _, after := range []string{"", string(before) + "\n", string(before[:len(before)-1])} {
			require.NoError(t, os.WriteFile(path, []byte(after), 0o644))
			require.False(t, knows(c), name)
		}
		require.NoError(t, os.Rename(path, path+".old"))
		require.False(t, knows(c), "%s is gone", name)
		require.NoError(t, os.Symlink(path+".old", path))
		require.False(t, knows(c), "%s is a link", name)
		require.NoError(t, os.Remove(path))
		require.NoError(t, os.Rename(path+".old", path))
		require.NoError(t, os.WriteFile(path, before, 0o644))
		require.True(t, knows(c), name)
	}
	for _, name := range []string{
		"a/more.go", "a/more_test.go", "b/more.go", "b/x.s", "x/c/more.go", "d/more.go", "go.work", "go.work.sum",
		"a/go.mod", "x/go.mod", "vendor/modules.txt",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		writeFile(t, path, "x")
		require.False(t, knows(c), "%s is new", name)
		require.NoError(t, os.Remove(path))
		require.True(t, knows(c), name)
	}
	for _, e := range []string{"GOFLAGS=-tags=x", "GOOS=plan9", "CGO_ENABLED=0", "GOEXPERIMENT=x", "GOFLAGS=-overlay=x"} {
		other := c
		name, _, _ := strings.Cut(e, "=")
		other.Env = nil
		for _, old := range c.Env {
			if !strings.HasPrefix(old, name+"=") {
				other.Env = append(other.Env, old)
			}
		}
		other.Env = append(other.Env, e)
		require.False(t, knows(other), e)
	}
}

// TestWhatChangesDuringARunIsSeenByTheNext changes something after the run has read it: before it looks again, and after.
func TestWhatChangesDuringARunIsSeenByTheNext(t *testing.T) {
	t.Parallel()
	for _, change := range []func(dir string){
		func(dir string) {
			writeFile(t, filepath.Join(dir, "b", "b.go"), "package b\n\ntype B struct{ N chan int }\n")
		},
		func(dir string) {
			writeFile(t, filepath.Join(dir, "a", "more.go"), "package a\n\n//wfe:event\ntype E struct{}\n")
		},
		func(dir string) { require.NoError(t, os.Remove(filepath.Join(dir, "a", "a.go"))) },
	} {
		for _, late := range []bool{false, true} {
			dir, c := cached(t)
			k, began := newCache(c), time.Now()
			r, result, err := check(t.Context(), c)
			require.NoError(t, err)
			require.NotEmpty(t, r.Changes)
			if !late {
				change(dir)
			}
			e := k.prepare(r, result, began)
			require.Equal(t, late, e != nil)
			if late {
				change(dir)
			}
			require.NoError(t, write(r.Changes))
			k.write(e)
			require.False(t, knows(c))
		}
	}
}

func TestWhatHasFindingsIsNotRemembered(t *testing.T) {
	t.Parallel()
	dir, c := cached(t)
	writeFile(t, filepath.Join(dir, "a", "more.go"), "package a\n\n//wfe:dta\ntype X struct{}\n")
	for range 2 {
		r, err := Generate(t.Context(), c)
		require.NoError(t, err)
		require.True(t, r.Failed(false))
		require.False(t, knows(c))
	}
}

func TestADamagedCacheIsNone(t *testing.T) {
	t.Parallel()
	_, c := cached(t)
	_, err := Generate(t.Context(), c)
	require.NoError(t, err)
	entries, err := filepath.Glob(filepath.Join(c.Cache, "*"))
	require.NoError(t, err)
	require.Len(t, entries, 1)
	for _, text := range []string{"", "{", "null", `{"Packages":1}`} {
		writeFile(t, entries[0], text)
		require.False(t, knows(c))
	}
	c.Cache = filepath.Join(entries[0], "not", "a", "folder")
	_, err = Generate(t.Context(), c)
	require.NoError(t, err)
}

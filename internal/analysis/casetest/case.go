// Package casetest runs the generator's test cases. A case is one txtar file: the files of a module, and sections named
// "want: ..." with what is wanted of it. What a section means is up to the test that asks for it ([Case.Compare]); the
// module is set up here, on a small stand-in for the runtime, so that no case depends on more than it shows.
//
// The flag -update, as in go test ./internal/analysis -update, writes what came out into the cases instead of comparing.
package casetest

import (
	_ "embed"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"
)

//go:embed runtime.txtar
var runtimeFiles []byte

const want = "want: "

var update = flag.Bool("update", false, "accept what comes out")

// Case is a test case.
type Case struct {
	Name    string
	path    string
	archive *txtar.Archive
}

// Read returns the cases of a directory that have at least one of the sections.
func Read(t *testing.T, dir string, sections ...string) []*Case {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	require.NoError(t, err)
	var out []*Case
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		require.NoError(t, err)
		c := &Case{Name: strings.TrimSuffix(filepath.Base(path), ".txtar"), path: path, archive: archive}
		for _, s := range sections {
			if c.Has(s) {
				out = append(out, c)
				break
			}
		}
	}
	require.NotEmpty(t, out, "no cases in %s", dir)
	return out
}

// Has reports whether the case has a section.
func (c *Case) Has(section string) bool { return c.section(section) != nil }

func (c *Case) section(name string) *txtar.File {
	for i := range c.archive.Files {
		if c.archive.Files[i].Name == want+name {
			return &c.archive.Files[i]
		}
	}
	return nil
}

// Want returns the text of a section.
func (c *Case) Want(section string) string {
	if f := c.section(section); f != nil {
		return string(f.Data)
	}
	return ""
}

// Patterns returns the patterns that the case is to be run with: those behind "patterns:" in its comment, else ./...
func (c *Case) Patterns() []string {
	for line := range strings.Lines(string(c.archive.Comment)) {
		if rest, ok := strings.CutPrefix(line, "patterns:"); ok {
			return strings.Fields(rest)
		}
	}
	return []string{"./..."}
}

// Module writes the case's files, none for the zero Case, to a new directory and returns that. Where the case has no go.mod of its own, the module
// is example.com/shop, on the stand-in for the runtime.
func (c *Case) Module(t *testing.T) string {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	write(t, filepath.Join(root, "wfe"), txtar.Parse(runtimeFiles).Files)
	dir := filepath.Join(root, "shop")
	write(t, dir, []txtar.File{{Name: "go.mod", Data: []byte(
		"module example.com/shop\n\ngo 1.26\n\nrequire github.com/wfegen/wfe v0.0.0\n\nreplace github.com/wfegen/wfe => ../wfe\n")}})
	if c.archive != nil {
		for _, f := range c.archive.Files {
			if !strings.HasPrefix(f.Name, want) {
				write(t, dir, []txtar.File{f})
			}
		}
	}
	return dir
}

func write(t *testing.T, dir string, files []txtar.File) {
	t.Helper()
	for _, f := range files {
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
		require.NoError(t, os.WriteFile(name, f.Data, 0o644))
	}
}

// Env is the environment for commands in a case's module: nothing is downloaded, no workspace is looked for.
func Env() []string {
	return append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off", "GOTOOLCHAIN=local")
}

// Compare compares what came out with a section, if the case has it.
func (c *Case) Compare(t *testing.T, section, got string) {
	t.Helper()
	f := c.section(section)
	if f == nil {
		return
	}
	if !*update {
		require.Equal(t, string(f.Data), got, "%s, section %q (go test ./internal/analysis -update accepts what came out)", c.path, section)
		return
	}
	f.Data = []byte(got)
	require.NoError(t, os.WriteFile(c.path, txtar.Format(c.archive), 0o644))
}

package directive

import (
	"go/ast"
	"go/build"
	"go/build/constraint"
	"go/token"
	"io"
	"path/filepath"
	"strings"
)

// constraintOf returns why a file is not always built: its //go:build line, or its name where that ends in a system or
// architecture. It is empty for a file that is always built.
func constraintOf(fset *token.FileSet, file *ast.File) string {
	for _, g := range file.Comments {
		if g.Pos() > file.Package {
			break
		}
		for _, c := range g.List {
			if constraint.IsGoBuild(c.Text) {
				return c.Text
			}
		}
	}
	// A system that does not exist is what no suffix matches.
	nowhere := build.Context{GOOS: "nowhere", GOARCH: "nothing", Compiler: "gc", OpenFile: func(string) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader("package p\n")), nil
	}}
	name := filepath.Base(fset.PositionFor(file.FileStart, false).Filename)
	if match, err := nowhere.MatchFile("", name); err == nil && !match {
		return "file name " + name
	}
	return ""
}

package flow

import (
	"go/ast"
	"go/build"
	"go/build/constraint"
	"go/version"
	"io"
	"path/filepath"
	"strings"
)

// conditional reports whether a function is declared in a file that not every build has: another one may declare another
// function of its name, and what is compiled of this one is the same in all.
func (h *hazards) conditional(fn *ast.FuncDecl) bool {
	f := h.fileOf(fn)
	return f != nil && (constrained(f) || namesSystem(filepath.Base(h.pos(f.FileStart).Filename)))
}

func (h *hazards) fileOf(fn *ast.FuncDecl) *ast.File {
	for _, f := range h.Files {
		if f.FileStart <= fn.Pos() && fn.Pos() < f.FileEnd {
			return f
		}
	}
	return nil
}

// sharesLoopVariables reports whether a function is of a Go in which a loop has one variable for all rounds, as a build
// constraint of its file may say. Generated code is of the Go of the module.
func (h *hazards) sharesLoopVariables(fn *ast.FuncDecl) bool {
	f := h.fileOf(fn)
	return f != nil && f.GoVersion != "" && version.Compare(f.GoVersion, "go1.22") < 0
}

// constrained reports whether a file says for which builds it is.
func constrained(f *ast.File) bool {
	for _, group := range f.Comments {
		if group.Pos() > f.Package {
			break
		}
		for _, c := range group.List {
			if constraint.IsGoBuild(c.Text) {
				return true
			}
		}
	}
	return false
}

// namesSystem reports whether the name of a file says so: x_linux.go, x_amd64.go.
func namesSystem(file string) bool {
	nowhere := build.Context{GOOS: "none", GOARCH: "none", Compiler: "gc", OpenFile: func(string) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader("package p\n")), nil
	}}
	everywhere, err := nowhere.MatchFile("", file)
	return err == nil && !everywhere
}

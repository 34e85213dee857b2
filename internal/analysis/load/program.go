package load

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"

	"golang.org/x/tools/go/packages"
)

// Program is what was loaded.
type Program struct {
	Fset     *token.FileSet
	Packages []*Package // those checked from source, each after what it imports
	Foreign  []*Package // of other modules: those with directives that one of Packages imports, by path; their syntax, no types
	Runtime  *types.Package
	Errors   []Error  // of the first check, in the order of Packages, and files that cannot be parsed
	Ours     []string // files that wfegen wrote in the directories matched, also where nothing is marked any more; sorted

	root    string
	listed  map[string]*packages.Package // by path
	built   map[string]*packages.Package // those that have export data, by path
	source  map[string]*Package          // the packages of Packages by path
	exports *exports
	sizes   types.Sizes
	instead map[string][]byte // contents of files other than those on disk
}

// Package is a package that is checked from source.
type Package struct {
	Path, Name string
	Dir        string  // absolute
	Requested  bool    // matched by the patterns; else it was loaded because a package that was imports it
	Marked     bool    // some file has a comment that is, or might be meant as, a directive
	Files      []*File // without those that wfegen wrote
	Tests      []*File // of the test files those that have such comments

	Types *types.Package // declarations as of the first check
	Info  *types.Info    // of the same

	goVersion string
}

// File is a file of a package.
type File struct {
	Name   string // absolute
	Src    []byte
	Syntax *ast.File // with comments
}

// Package returns the package with the given path if it was checked from source, else nil.
func (p *Program) Package(path string) *Package { return p.source[path] }

// Codec returns an integer constant of the codec package of the runtime, and whether there is one of that name.
func (p *Program) Codec(name string) (value int, ok bool) {
	if p.exports == nil {
		return 0, false
	}
	pkg, err := p.exports.load(CodecPath)
	if err != nil {
		return 0, false
	}
	c, ok := pkg.Scope().Lookup(name).(*types.Const)
	if !ok {
		return 0, false
	}
	n, exact := constant.Int64Val(c.Val())
	return int(n), exact
}

// Dirs returns the folders of the packages listed that lie neither in the module cache nor in Go's own library, sorted.
func (p *Program) Dirs() []string {
	var out []string
	for _, l := range p.listed {
		local := l.Module != nil && (l.Module.Main || l.Module.Version == "" || l.Module.Replace != nil && l.Module.Replace.Version == "")
		if l.Dir != "" && (local || below(p.root, l.Dir)) {
			out = append(out, l.Dir)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// below reports whether dir is in root.
func below(root, dir string) bool {
	rel, err := filepath.Rel(root, dir)
	return err == nil && filepath.IsLocal(rel)
}

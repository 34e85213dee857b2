package load

import (
	"fmt"
	"go/token"
	"go/types"
	"os"

	"golang.org/x/tools/go/gcexportdata"
	"golang.org/x/tools/go/packages"
)

// exports reads export data. What it has read is shared by both checks.
type exports struct {
	fset  *token.FileSet
	built map[string]*packages.Package
	read  map[string]*types.Package
}

func (e *exports) load(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	if pkg := e.read[path]; pkg != nil && pkg.Complete() {
		return pkg, nil
	}
	l := e.built[path]
	if l == nil || l.ExportFile == "" {
		return nil, fmt.Errorf("no export data for %s", path)
	}
	f, err := os.Open(l.ExportFile)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	//lint:ignore SA1019 until Go 1.28 the go command hands out archives, for which this is needed; it takes both
	r, err := gcexportdata.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("export data of %s: %w", path, err)
	}
	return gcexportdata.Read(r, e.fset, e.read, path)
}

// importer resolves the imports of one package in one check: packages of that check first, else export data.
type importer struct {
	program *Program
	pkg     *Package
	checked map[string]*types.Package
}

func (i importer) Import(path string) (*types.Package, error) {
	path = i.program.resolve(i.pkg, path)
	if pkg := i.checked[path]; pkg != nil {
		return pkg, nil
	}
	if i.program.source[path] != nil {
		return nil, fmt.Errorf("%s has not been checked", path)
	}
	return i.program.exports.load(path)
}

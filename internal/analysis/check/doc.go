// Package check judges a model: what of it cannot be saved, what would be lost without a word, which names collide, which
// settings contradict each other. It sees no source code and changes nothing; every finding stands at a position that the
// model carries.
package check

import (
	"slices"

	"github.com/wfegen/wfe/internal/analysis/diag"
	"github.com/wfegen/wfe/internal/analysis/model"
)

// Package returns what is wrong with a package.
func Package(m *model.Package) []diag.Diagnostic {
	c := &checker{pkg: m, types: m.Types, seen: map[model.TypeID]bool{}}
	c.saved()
	c.steps()
	c.duplicates()
	c.methods()
	c.compensations()
	c.declared()
	c.hidden()
	c.graphs()
	c.children()
	return c.diags
}

type checker struct {
	pkg   *model.Package
	types model.Types
	seen  map[model.TypeID]bool // structs that have been looked into
	diags []diag.Diagnostic
}

func (c *checker) report(d diag.Diagnostic) { c.diags = append(c.diags, d) }

// own reports whether a file is one of the package's.
func (c *checker) own(file string) bool { return slices.Contains(c.pkg.Files, file) }

package gen

import (
	"slices"
	"strconv"

	"github.com/dave/jennifer/jen"

	"github.com/wfegen/wfe/internal/analysis/model"
)

// nameImports tells f what the packages are called that its code may refer to: those of the package's types, and the fixed
// ones, which come first. A package is called what its package clause says, unless that is the name of something else in
// the package, of a variable in generated functions, or of an earlier package; then it gets a number.
func nameImports(f *jen.File, pkg *model.Package, fixed ...model.Import) {
	taken := map[string]bool{}
	for _, name := range slices.Concat(model.Locals(), pkg.Taken) {
		taken[name] = true
	}
	seen := map[string]bool{}
	for _, i := range slices.Concat(fixed, pkg.Imports) {
		if seen[i.Path] {
			continue
		}
		seen[i.Path] = true
		name := i.Name
		for n := 2; taken[name]; n++ {
			name = i.Name + strconv.Itoa(n)
		}
		taken[name] = true
		if name == i.Name {
			f.ImportName(i.Path, identifier(name))
		} else {
			f.ImportAlias(i.Path, identifier(name))
		}
	}
}

package gen

import (
	"bytes"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/wfegen/wfe/internal/analysis/model"
)

// nameImports tells f what the packages are called that its code may refer to: those of the package's types, and the fixed
// ones, which come first. A package is called what its package clause says, unless that is the name of something else in
// the package, of a variable or parameter in generated functions, or of an earlier package; then it gets a number. The name is written
// out where it is not the end of the path.
func nameImports(f *jen.File, pkg *model.Package, fixed ...model.Import) {
	taken := map[string]bool{}
	for _, name := range slices.Concat(model.Locals(), pkg.Taken) {
		taken[name] = true
	}
	for _, d := range pkg.Deps {
		taken[d.Param] = true
	}
	for _, w := range flows(pkg) {
		for _, name := range w.Flow.Locals {
			taken[name] = true
		}
	}
	seen := map[string]bool{}
	for _, i := range slices.Concat(fixed, pkg.Imports) {
		if seen[i.Path] {
			continue
		}
		seen[i.Path] = true
		name := i.Name
		for n := 2; taken[name] || jen.IsReservedWord(name); n++ {
			name = i.Name + strconv.Itoa(n)
		}
		taken[name] = true
		if name == path.Base(i.Path) {
			f.ImportName(i.Path, identifier(name))
		} else {
			f.ImportAlias(i.Path, identifier(name))
		}
	}
}

// groupImports puts the standard library before everything else in the import declaration, as goimports does.
func groupImports(src []byte) []byte {
	begin := []byte("\nimport (\n")
	start := bytes.Index(src, begin)
	if start < 0 {
		return src
	}
	start += len(begin)
	length := bytes.Index(src[start:], []byte("\n)\n")) + 1
	var std, others []string
	for line := range strings.Lines(string(src[start : start+length])) {
		if first, _, _ := strings.Cut(line[strings.Index(line, `"`)+1:], "/"); strings.Contains(first, ".") {
			others = append(others, line)
		} else {
			std = append(std, line)
		}
	}
	if len(std) > 0 && len(others) > 0 {
		std = append(std, "\n")
	}
	block := strings.Join(std, "") + strings.Join(others, "")
	return slices.Concat(src[:start], []byte(block), src[start+length:])
}

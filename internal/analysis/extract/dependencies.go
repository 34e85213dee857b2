package extract

import (
	"cmp"
	"go/types"
	"slices"

	"github.com/wfegen/wfe/internal/analysis/model"
)

// dependencies makes one parameter of NewSteps for each type that is injected.
func (w *work) dependencies() {
	byType := map[model.TypeID]*model.Dependency{}
	for _, s := range w.out.Steps {
		for _, f := range s.Inject {
			d := byType[f.Type]
			if d == nil {
				d = &model.Dependency{Param: w.paramFor(f), Type: f.Type}
				byType[f.Type] = d
				w.out.Deps = append(w.out.Deps, d)
			}
			d.For = append(d.For, model.Injection{Step: s, Field: f})
		}
	}
	slices.SortFunc(w.out.Deps, func(a, b *model.Dependency) int {
		return cmp.Or(cmp.Compare(a.Param, b.Param), cmp.Compare(w.table.types.String(a.Type), w.table.types.String(b.Type)))
	})
	taken := newNames(append(fixedImports(), "step")...)
	for _, s := range w.out.Steps {
		taken[s.Name] = true
	}
	for i := range w.table.types {
		if t := &w.table.types[i]; t.Pkg != w.out.Path {
			taken[t.PkgName] = true
		}
	}
	for _, d := range w.out.Deps {
		d.Param = taken.free(d.Param)
	}
}

// paramFor names a parameter after the type that is injected; one without a name after the field.
func (w *work) paramFor(f model.Field) string {
	typ := w.table.source[f.Type]
	if p, ok := typ.(*types.Pointer); ok {
		typ = types.Unalias(p.Elem())
	}
	if named, ok := typ.(*types.Named); ok {
		return lowerCamel(named.Obj().Name())
	}
	return lowerCamel(f.Name)
}

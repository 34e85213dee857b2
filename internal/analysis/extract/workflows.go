package extract

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/wfegen/wfe/internal/analysis/diag"
	"github.com/wfegen/wfe/internal/analysis/directive"
	"github.com/wfegen/wfe/internal/analysis/model"
	"github.com/wfegen/wfe/runtime/definition"
)

func (w *work) workflows() {
	if w.bodies == nil {
		return
	}
	for _, d := range w.marked.types("workflow") {
		dir := d.directive("workflow")
		f := &model.Workflow{
			ID: cmp.Or(dir.Text("id"), definition.Kebab(d.name())), Version: 1, Func: d.name(), Doc: d.Doc.Text(), Pos: w.pos(d.Func.Name.Pos()),
			Start: prefixed("Start", d.name()), Get: prefixed("Get", d.name()), Ref: d.name() + "Ref",
		}
		if v, ok := dir.Value("version"); ok {
			f.Version = v.Int
		}
		if f.Plain = w.isPlain(d.Func); f.Plain {
			f.Builder = w.plainBuilder(d.Func)
		} else if f.Builder = w.builderOf(d.Func); f.Builder != nil {
			w.statements(d)
		}
		w.out.Workflows = append(w.out.Workflows, f)
	}
	w.recursion()
	slices.SortFunc(w.out.Workflows, func(a, b *model.Workflow) int { return cmp.Compare(a.Func, b.Func) })
}

// builderOf finds the builder that a workflow function takes: it is not declared yet, so its name is all there is.
func (w *work) builderOf(fn *ast.FuncDecl) *model.Builder {
	at, end := w.pos(fn.Name.Pos()), w.pos(fn.Name.End())
	if !w.isFunction(fn) {
		return nil
	}
	name, ok := builderName(fn)
	switch {
	case !ok && elsewhere(fn) != nil:
		b := elsewhere(fn)
		w.report(builderElsewhere(w.pos(b.Pos()), w.pos(b.End()), fn.Name.Name, b.X.(*ast.Ident).Name, b.Sel.Name))
		return nil
	case !ok:
		w.report(badWorkflow(at, end, fn.Name.Name, "its signature is another one"))
		return nil
	}
	at, end = w.pos(name.Pos()), w.pos(name.End())
	base := strings.TrimSuffix(name.Name, "Builder")
	found := w.dataNamed(base)
	switch len(found) {
	case 0:
		w.report(w.noData(at, end, name.Name, base))
		return nil
	case 1:
		return w.builder(found[0])
	}
	w.report(ambiguousData(at, end, name.Name, found[0].Pkg().Path(), found[1].Pkg().Path()))
	return nil
}

// isFunction reports whether a workflow is a plain function with a body; what else it is, is a finding.
func (w *work) isFunction(fn *ast.FuncDecl) bool {
	at, end := w.pos(fn.Name.Pos()), w.pos(fn.Name.End())
	switch {
	case fn.Type.TypeParams != nil:
		w.report(generic(at, end, "function "+fn.Name.Name))
	case fn.Recv != nil:
		w.report(badWorkflow(at, end, fn.Name.Name, "it is a method"))
	case fn.Body == nil:
		w.report(badWorkflow(at, end, fn.Name.Name, "it has no body"))
	default:
		return true
	}
	return false
}

// builderName returns the type in func(b *XBuilder), when the function has that form.
func builderName(fn *ast.FuncDecl) (*ast.Ident, bool) {
	if fn.Type.Results.NumFields() > 0 || fn.Type.Params.NumFields() != 1 {
		return nil, false
	}
	return builderType(fn.Type.Params.List[0].Type)
}

// elsewhere returns the type in func(b *pkg.XBuilder), nil for a function of another form.
func elsewhere(fn *ast.FuncDecl) *ast.SelectorExpr {
	if fn.Type.Results.NumFields() > 0 || fn.Type.Params.NumFields() != 1 {
		return nil
	}
	star, ok := fn.Type.Params.List[0].Type.(*ast.StarExpr)
	if !ok {
		return nil
	}
	sel, ok := star.X.(*ast.SelectorExpr)
	if !ok || !strings.HasSuffix(sel.Sel.Name, "Builder") || sel.Sel.Name == "Builder" {
		return nil
	}
	if _, ok := sel.X.(*ast.Ident); !ok {
		return nil
	}
	return sel
}

func builderType(typ ast.Expr) (*ast.Ident, bool) {
	star, ok := typ.(*ast.StarExpr)
	if !ok {
		return nil, false
	}
	name, ok := star.X.(*ast.Ident)
	return name, ok && strings.HasSuffix(name.Name, "Builder") && name.Name != "Builder"
}

// dataNamed returns the types marked //wfe:data with a name, of this package and of those that it imports.
func (w *work) dataNamed(name string) []*types.TypeName {
	var out []*types.TypeName
	for _, pkg := range append([]*types.Package{w.marked.pkg.Types}, sorted(w.marked.pkg.Types.Imports())...) {
		m := w.extraction.marked[pkg.Path()]
		if m == nil || !m.has(name, "data") || pkg != w.marked.pkg.Types && !token.IsExported(name) {
			continue
		}
		if obj, ok := pkg.Scope().Lookup(name).(*types.TypeName); ok {
			if _, ok := obj.Type().Underlying().(*types.Struct); ok {
				out = append(out, obj)
			}
		}
	}
	return out
}

func sorted(pkgs []*types.Package) []*types.Package {
	return slices.SortedFunc(slices.Values(pkgs), func(a, b *types.Package) int { return cmp.Compare(a.Path(), b.Path()) })
}

// noData says what is missing for a builder, as closely as it can.
func (w *work) noData(pos, end token.Position, builder, base string) diag.Diagnostic {
	if obj := w.object(base); obj != nil {
		if _, ok := obj.Type().Underlying().(*types.Struct); ok {
			return unmarkedData(pos, end, builder, base, w.pos(obj.Pos()))
		}
	}
	var builders []string
	for _, pkg := range append([]*types.Package{w.marked.pkg.Types}, sorted(w.marked.pkg.Types.Imports())...) {
		if m := w.extraction.marked[pkg.Path()]; m != nil {
			for _, d := range m.types("data") {
				builders = append(builders, d.name()+"Builder")
			}
		}
	}
	return noData(pos, end, builder, base, directive.Suggest(builder, builders))
}

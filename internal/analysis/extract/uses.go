package extract

import (
	"cmp"
	"go/ast"
	"go/types"
	"slices"

	"github.com/wfegen/wfe/internal/analysis/load"
	"github.com/wfegen/wfe/internal/analysis/model"
)

// uses finds the packages whose steps and events the workflows name in wfe.Then and wfe.Await: by a type argument, or by
// a function among the arguments that takes one.
func (w *work) uses() {
	if w.bodies == nil {
		return
	}
	byPath := map[string]*model.Use{}
	use := func(typ types.Type) {
		if pkg := w.stepPackage(typ); pkg != nil {
			byPath[pkg.Path()] = &model.Use{Path: pkg.Path(), Name: pkg.Name()}
		}
	}
	for _, f := range w.marked.pkg.Files {
		ast.Inspect(f.Syntax, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			fn, typeArgs := called(call)
			switch name := runtimeFunc(w.bodies, fn); {
			case name == "Await" && len(typeArgs) > 0:
				use(w.bodies.TypeOf(typeArgs[0]))
			case (name == "Then" || name == "ThenBranch") && len(typeArgs) > 1:
				use(w.bodies.TypeOf(typeArgs[1]))
			case (name == "WaitFor" || name == "WaitForWithin") && len(typeArgs) > 0:
				use(w.bodies.TypeOf(typeArgs[0]))
				return true
			case (name == "Do" || name == "Steer" || name == "Branch") && len(call.Args) > 1:
				use(w.bodies.TypeOf(call.Args[1]))
				return true
			case name != "Await" && name != "Then" && name != "ThenBranch":
				return true
			}
			for _, arg := range call.Args {
				use(lastOfTwo(w.bodies.TypeOf(arg)))
			}
			return true
		})
	}
	for _, u := range byPath {
		w.out.Uses = append(w.out.Uses, u)
	}
	slices.SortFunc(w.out.Uses, func(a, b *model.Use) int { return cmp.Compare(a.Path, b.Path) })
}

// called returns the name of the function that is called, nil when it has none, and the type arguments that are written.
func called(call *ast.CallExpr) (name *ast.Ident, typeArgs []ast.Expr) {
	fun := ast.Unparen(call.Fun)
	switch f := fun.(type) {
	case *ast.IndexExpr:
		fun, typeArgs = ast.Unparen(f.X), []ast.Expr{f.Index}
	case *ast.IndexListExpr:
		fun, typeArgs = ast.Unparen(f.X), f.Indices
	}
	switch f := fun.(type) {
	case *ast.Ident:
		return f, typeArgs
	case *ast.SelectorExpr:
		return f.Sel, typeArgs
	}
	return nil, nil
}

// runtimeFunc returns the name of what an identifier means, when that is declared in the runtime, at package level. It
// does not matter under what name the file imports that.
func runtimeFunc(info *types.Info, id *ast.Ident) string {
	if id == nil {
		return ""
	}
	obj := info.Uses[id]
	if obj == nil || obj.Pkg() == nil || obj.Pkg().Path() != load.RuntimePath || obj.Parent() != obj.Pkg().Scope() {
		return ""
	}
	return obj.Name()
}

// lastOfTwo returns the type of the second one of a function's two parameters, nil for any other type.
func lastOfTwo(typ types.Type) types.Type {
	if typ == nil {
		return nil
	}
	if sig, ok := typ.Underlying().(*types.Signature); ok && sig.Params().Len() == 2 {
		return sig.Params().At(1).Type()
	}
	return nil
}

// stepPackage returns the package of a step or an event, or of a pointer to one, when that is another package, and one
// with generated code.
func (w *work) stepPackage(typ types.Type) *types.Package {
	if typ == nil {
		return nil
	}
	typ = types.Unalias(typ)
	if p, ok := typ.(*types.Pointer); ok {
		typ = types.Unalias(p.Elem())
	}
	named, ok := typ.(*types.Named)
	if !ok || named.Obj().Pkg() == nil || named.Obj().Pkg().Path() == w.out.Path {
		return nil
	}
	pkg, name := named.Obj().Pkg(), named.Obj().Name()
	m := w.extraction.marked[pkg.Path()]
	if m == nil || !w.generated(pkg) || !m.has(name, "step") && !m.has(name, "event") {
		return nil
	}
	return pkg
}

// generated reports whether a package will have its generated code: one of another module has it, or not.
func (w *work) generated(pkg *types.Package) bool {
	return w.program.Package(pkg.Path()) != nil || pkg.Scope().Lookup("NewSteps") != nil && pkg.Scope().Lookup("Steps") != nil
}

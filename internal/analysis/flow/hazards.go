package flow

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/wfegen/wfe/internal/analysis/diag"
	"github.com/wfegen/wfe/internal/analysis/load"
)

// Input is a workflow function and what is around it.
type Input struct {
	Fset  *token.FileSet
	Info  *types.Info // of Files, with bodies
	Pkg   *types.Package
	Files []*ast.File   // of the package, without those that are generated
	Func  *ast.FuncDecl // func(w *wfe.Flow, data *Data)

	Pure func(*types.Func) bool // reports whether a function or method, of this package or another one, is marked //wfe:pure

	known *hazards // see Indexed
}

// Hazards finds what cannot be compiled in a workflow function and in the helpers that it calls, and what would behave
// differently when it is compiled than as the Go that it is. The findings are in order.
func Hazards(in Input) []diag.Diagnostic {
	h := newHazards(in)
	forms := &forms{hazards: h, seen: map[*ast.FuncDecl]bool{}}
	if h.sharesLoopVariables(in.Func) {
		h.report(oldGo(h.span(in.Func.Name), in.Func.Name.Name))
	}
	forms.function(in.Func)
	w := newWalker(h)
	w.function(in.Func)
	return diag.Sort(h.out)
}

// Impure finds in the functions of a package that are marked //wfe:pure what such a function may not do. Input.Func is not
// used. The findings are in order.
func Impure(in Input) []diag.Diagnostic {
	h := newHazards(in)
	for fn := range h.decls {
		if in.Pure(fn) {
			for _, i := range h.summary(fn).impure {
				h.report(notPureBody(h, fn, i))
			}
		}
	}
	return diag.Sort(h.out)
}

// Indexed returns in with what is known of the package as a whole, for more functions of it.
func (in Input) Indexed() Input {
	in.known = newHazards(in)
	return in
}

func newHazards(in Input) *hazards {
	if in.known != nil {
		h := *in.known
		h.Input, h.out = in, nil
		return &h
	}
	h := &hazards{
		Input: in, decls: map[*types.Func]*ast.FuncDecl{}, assigned: map[types.Object]token.Pos{}, begins: map[types.Object]ast.Expr{},
		purity: map[*types.Func]*summary{}, wait: map[ast.Node]bool{}, lastUse: map[*types.Var]token.Pos{},
		held: held{map[*types.Var][]*ast.FuncLit{}, map[*types.Var][]*types.Var{}},
	}
	h.index()
	for id, obj := range h.Info.Uses {
		if v, ok := obj.(*types.Var); ok && !v.IsField() {
			h.lastUse[v] = max(h.lastUse[v], id.Pos())
		}
	}
	return h
}

// hazards is what is known of a package, and the findings.
type hazards struct {
	Input
	held     held
	decls    map[*types.Func]*ast.FuncDecl // the functions and methods of the package
	assigned map[types.Object]token.Pos    // package variables that are given another value somewhere: where
	begins   map[types.Object]ast.Expr     // what package variables begin with
	purity   map[*types.Func]*summary      // nil for one that is being looked at
	wait     map[ast.Node]bool             // see waits
	lastUse  map[*types.Var]token.Pos
	globals  bool // package variables are followed as parameters are: see throughOthers
	out      []diag.Diagnostic
}

func (h *hazards) report(d diag.Diagnostic) { h.out = append(h.out, d) }

func (h *hazards) pos(p token.Pos) token.Position { return h.Fset.PositionFor(p, false) }

// span is where a node begins and ends; one of several lines is shown by its first line.
func (h *hazards) span(n ast.Node) span {
	s := span{h.pos(n.Pos()), h.pos(n.End())}
	if s.end.Line != s.pos.Line {
		s.end = token.Position{}
	}
	return s
}

type span struct{ pos, end token.Position }

// index finds what the package declares, and which of its variables are assigned.
func (h *hazards) index() {
	for _, f := range h.Files {
		for _, decl := range f.Decls {
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				if fn, ok := h.Info.Defs[decl.Name].(*types.Func); ok && decl.Body != nil {
					h.decls[fn] = decl
				}
			case *ast.GenDecl:
				for _, spec := range decl.Specs {
					if v, ok := spec.(*ast.ValueSpec); ok {
						h.variables(v)
					}
				}
			}
		}
		ast.Inspect(f, func(n ast.Node) bool {
			h.assignments(n)
			h.functionsIn(n)
			return true
		})
	}
	h.throughOthers()
}

// root returns the variable that an expression reaches into, nil if there is none.
func (h *hazards) root(x ast.Expr) *types.Var {
	for ; x != nil; x = around(x) {
		switch e := ast.Unparen(x).(type) {
		case *ast.Ident:
			v, _ := h.object(e).(*types.Var)
			return v
		case *ast.SelectorExpr:
			if h.Info.Selections[e] == nil {
				v, _ := h.Info.Uses[e.Sel].(*types.Var)
				return v
			}
		}
	}
	return nil
}

// around returns the expression of which one denotes a part: x of x.f, x[i], x[i:j], *x and x.(T); nil for none.
func around(x ast.Expr) ast.Expr {
	switch e := ast.Unparen(x).(type) {
	case *ast.SelectorExpr:
		return e.X
	case *ast.IndexExpr:
		return e.X
	case *ast.SliceExpr:
		return e.X
	case *ast.StarExpr:
		return e.X
	case *ast.TypeAssertExpr:
		return e.X
	}
	return nil
}

func (h *hazards) object(id *ast.Ident) types.Object {
	if obj := h.Info.Defs[id]; obj != nil {
		return obj
	}
	return h.Info.Uses[id]
}

// typeOf is the type of an expression; an invalid one where there is none.
func (h *hazards) typeOf(x ast.Expr) types.Type {
	if t := h.Info.TypeOf(x); t != nil {
		return t
	}
	return types.Typ[types.Invalid]
}

// packageLevel reports whether a variable is one of a package.
func packageLevel(v *types.Var) bool {
	return v.Pkg() != nil && !v.IsField() && v.Parent() == v.Pkg().Scope()
}

// called returns the function or method that a call names, nil where it is a value, a conversion or a builtin.
func (h *hazards) called(call *ast.CallExpr) *types.Func {
	id := callee(call.Fun)
	if id == nil {
		return nil
	}
	fn, _ := h.Info.Uses[id].(*types.Func)
	if fn != nil {
		fn = fn.Origin()
	}
	return fn
}

// isWait reports whether a call is one at which a workflow can rest: of the runtime, or of a function that is given the Flow.
// wfe.Fail and wfe.Now are none: they are a part of plain code.
func (h *hazards) isWait(call *ast.CallExpr) bool {
	if isPlain(h.Info, call) {
		return false
	}
	sig, ok := h.typeOf(call.Fun).Underlying().(*types.Signature)
	return ok && flowParam(sig) >= 0
}

// flowParam is the index of the parameter that is the Flow, -1 where there is none.
func flowParam(sig *types.Signature) int {
	for i := range sig.Params().Len() {
		if isFlow(sig.Params().At(i).Type()) {
			return i
		}
	}
	return -1
}

// waits reports whether there is such a call in a piece of code.
func (h *hazards) waits(n ast.Node) bool {
	found, known := h.wait[n]
	if known {
		return found
	}
	ast.Inspect(n, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && h.isWait(call) {
			found = true
		}
		return !found
	})
	h.wait[n] = found
	return found
}

// helper returns the declaration of the function that a call inlines: one of this package that is given the Flow.
func (h *hazards) helper(call *ast.CallExpr) *ast.FuncDecl {
	fn := h.called(call)
	if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() == load.RuntimePath || fn.Signature().Recv() != nil || fn.Signature().TypeParams() != nil {
		return nil
	}
	if flowParam(fn.Signature()) < 0 {
		return nil
	}
	return h.decls[fn]
}

// chain returns the call that a value is read from: wfe.Do(...), wfe.Do(...).Out.
func (h *hazards) chain(x ast.Expr) *ast.CallExpr {
	for {
		switch e := ast.Unparen(x).(type) {
		case *ast.CallExpr:
			if h.isWait(e) {
				return e
			}
			return nil
		case *ast.SelectorExpr:
			if s := h.Info.Selections[e]; s != nil && s.Kind() != types.FieldVal || s == nil && !h.untyped(e.X) {
				return nil
			}
			x = e.X
		default:
			return nil
		}
	}
}

// untyped reports whether an expression has no type yet, since it needs what is to be generated.
func (h *hazards) untyped(x ast.Expr) bool {
	if id := ident(x); id != nil {
		return false // a package
	}
	return h.typeOf(x) == types.Typ[types.Invalid]
}

func ident(x ast.Expr) *ast.Ident {
	if x == nil {
		return nil
	}
	id, _ := ast.Unparen(x).(*ast.Ident)
	return id
}

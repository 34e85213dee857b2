package extract

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/wfegen/wfe/internal/analysis/diag"
)

// statements checks that a marked function, and every block in it, consists of builder statements: calls on the builder,
// or of a function of the runtime that is given it.
func (w *work) statements(d declaration) {
	s := &statements{work: w}
	before := len(w.diags)
	s.block(d.Func.Body, s.parameter(d.Func.Type))
	w.unread[d.Func] = len(w.diags) > before
}

type statements struct {
	*work
	around []types.Object // builders of the blocks around the present one, outermost first
}

// parameter returns the builder that a function takes as its first parameter, nil when it has no name.
func (s *statements) parameter(fn *ast.FuncType) types.Object {
	if names := fn.Params.List[0].Names; len(names) > 0 {
		return s.bodies.Defs[names[0]]
	}
	return nil
}

// is reports whether an expression is the builder.
func (s *statements) is(x ast.Expr, b types.Object) bool {
	id, ok := ast.Unparen(x).(*ast.Ident)
	return ok && b != nil && s.bodies.Uses[id] == b
}

// inner checks a block of the one whose builder is called b.
func (s *statements) inner(block *ast.FuncLit, b types.Object) {
	s.around = append(s.around, b)
	s.block(block.Body, s.parameter(block.Type))
	s.around = s.around[:len(s.around)-1]
}

// outer reports whether an expression is the builder of a block around the present one.
func (s *statements) outer(x ast.Expr) bool {
	return slices.ContainsFunc(s.around, func(b types.Object) bool { return s.is(x, b) })
}

// block checks the body of a function whose builder is called b.
func (s *statements) block(body *ast.BlockStmt, b types.Object) {
	for _, stmt := range body.List {
		switch stmt := stmt.(type) {
		case *ast.ExprStmt:
			s.expr(stmt.X, b)
		case *ast.EmptyStmt:
		default:
			s.report(s.misplaced(stmt, b))
		}
	}
}

// misplaced is what is wrong with a statement that is no call.
func (s *statements) misplaced(stmt ast.Stmt, builder types.Object) diag.Diagnostic {
	pos := s.pos(stmt.Pos())
	keyword := func(word, instead string) diag.Diagnostic {
		end := pos
		end.Column += len(word)
		return controlFlow(pos, end, word, instead)
	}
	b := "b"
	if builder != nil {
		b = builder.Name()
	}
	switch stmt := stmt.(type) {
	case *ast.IfStmt:
		return keyword("if", b+`.If("name", func(o *Data) bool { ... }, func(b *DataBuilder) { ... })`)
	case *ast.SwitchStmt, *ast.TypeSwitchStmt:
		return keyword("switch", b+`.Decide("name").When("case", func(o *Data) bool { ... }, func(b *DataBuilder) { ... }).Default(func(b *DataBuilder) { ... })`)
	case *ast.ForStmt:
		return keyword("for", b+`.While("name", func(o *Data) bool { ... }, func(b *DataBuilder) { ... }), or `+b+".ForEachItems for a slice field Items of the data")
	case *ast.RangeStmt:
		return keyword("for", b+`.ForEachItems(func(b *DataBuilder, item *Item) { ... }) for a slice field Items of the data`)
	case *ast.GoStmt:
		return keyword("go", b+`.Parallel("name", func(b *DataBuilder) { ... }, ...)`)
	case *ast.SelectStmt:
		return keyword("select", b+`.Parallel("name", ...), or wfe.Await to wait for an event`)
	case *ast.DeferStmt:
		return keyword("defer", b+`.Saga("name", func(b *DataBuilder) { ... }), whose steps are undone when it fails`)
	case *ast.ReturnStmt:
		return keyword("return", b+".End() to end an instance")
	case *ast.BranchStmt:
		return keyword(stmt.Tok.String(), b+`.If("name", ...) around what is to be left out`)
	case *ast.LabeledStmt:
		return controlFlow(pos, s.pos(stmt.Colon), "a label", b+`.If("name", ...) around what is to be left out`)
	}
	return notBuilder(pos, s.lineEnd(stmt))
}

// lineEnd is the end of a statement, as far as it is on its first line.
func (w *work) lineEnd(n ast.Node) token.Position {
	pos, end := w.pos(n.Pos()), w.pos(n.End())
	if pos.Line != end.Line {
		return token.Position{}
	}
	return end
}

// expr checks a statement that is an expression.
func (s *statements) expr(x ast.Expr, b types.Object) {
	call, ok := ast.Unparen(x).(*ast.CallExpr)
	if !ok {
		s.report(notBuilder(s.pos(x.Pos()), s.lineEnd(x)))
		return
	}
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.SelectorExpr:
		s.selector(call, fun, b)
	case *ast.IndexExpr, *ast.IndexListExpr:
		if s.ofRuntime(call) {
			s.arguments(call, b)
			return
		}
		s.report(unmarkedCall(s.pos(call.Pos()), s.lineEnd(call.Fun), name(call.Fun)))
	case *ast.Ident:
		if s.ofRuntime(call) {
			s.arguments(call, b)
			return
		}
		if fn := s.function(fun.Name); fn != nil && s.marked.has(fun.Name, "workflow") && s.given(call, b) {
			return // a marked function is read by itself
		}
		s.unmarked(call, b)
	default:
		s.unmarked(call, b)
	}
}

// selector checks x.F(...): x is the builder, what a call on it returned, or the runtime.
func (s *statements) selector(call *ast.CallExpr, fun *ast.SelectorExpr, b types.Object) {
	switch x := ast.Unparen(fun.X).(type) {
	case *ast.Ident:
		if s.is(x, b) || s.ofRuntime(call) {
			s.arguments(call, b)
			return
		}
		if s.outer(x) {
			s.report(outerBuilder(s.pos(x.Pos()), s.pos(x.End()), x.Name, b))
			return
		}
	case *ast.CallExpr:
		s.expr(x, b)
		s.arguments(call, b)
		return
	}
	s.unmarked(call, b)
}

func (s *statements) unmarked(call *ast.CallExpr, b types.Object) {
	if s.given(call, b) {
		s.report(unmarkedCall(s.pos(call.Pos()), s.lineEnd(call.Fun), name(call.Fun)))
		return
	}
	if i := slices.IndexFunc(call.Args, s.outer); i >= 0 {
		s.report(outerBuilder(s.pos(call.Args[i].Pos()), s.pos(call.Args[i].End()), name(call.Args[i]), b))
		return
	}
	s.report(notBuilder(s.pos(call.Pos()), s.lineEnd(call)))
}

// given reports whether a call has the builder among its arguments.
func (s *statements) given(call *ast.CallExpr, b types.Object) bool {
	for _, arg := range call.Args {
		if s.is(arg, b) {
			return true
		}
	}
	return false
}

// ofRuntime reports whether a call is one of a function of the runtime.
func (s *statements) ofRuntime(call *ast.CallExpr) bool {
	fn, _ := called(call)
	return runtimeFunc(s.bodies, fn) != ""
}

// arguments checks what a builder call is given: blocks are checked as this one is, other functions must leave the builder
// alone, since they run when it is gone.
func (s *statements) arguments(call *ast.CallExpr, b types.Object) {
	for i, arg := range call.Args {
		switch arg := ast.Unparen(arg).(type) {
		case *ast.FuncLit:
			if params := arg.Type.Params.List; len(params) > 0 {
				if _, ok := builderType(params[0].Type); ok {
					s.inner(arg, b)
					continue
				}
			}
			s.captured(arg.Body, b)
		case *ast.Ident:
			if i == 0 && s.is(arg, b) {
				continue // wfe.Then(b, ...)
			}
			if s.outer(arg) {
				s.report(outerBuilder(s.pos(arg.Pos()), s.pos(arg.End()), arg.Name, b))
				continue
			}
			if fn := s.function(arg.Name); fn != nil && fn.Recv == nil && takesBuilder(fn) && !s.marked.has(arg.Name, "workflow") {
				s.report(unmarkedCall(s.pos(arg.Pos()), s.pos(arg.End()), arg.Name))
			}
			s.captured(arg, b)
		default:
			s.captured(arg, b)
		}
	}
}

// captured reports a use of the builder where it cannot be used.
func (s *statements) captured(n ast.Node, b types.Object) {
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && s.is(id, b) {
			s.report(builderCaptured(s.pos(id.Pos()), s.pos(id.End()), b.Name()))
		}
		return true
	})
}

func takesBuilder(fn *ast.FuncDecl) bool {
	for _, f := range fn.Type.Params.List {
		if _, ok := builderType(f.Type); ok {
			return true
		}
	}
	return false
}

// function returns the declaration of a function of the package.
func (w *work) function(name string) *ast.FuncDecl {
	for _, f := range w.marked.pkg.Files {
		for _, decl := range f.Syntax.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == name {
				return fn
			}
		}
	}
	return nil
}

// name writes the function of a call for a message.
func name(fun ast.Expr) string {
	switch f := ast.Unparen(fun).(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return name(f.X) + "." + f.Sel.Name
	case *ast.IndexExpr:
		return name(f.X)
	case *ast.IndexListExpr:
		return name(f.X)
	case *ast.CallExpr:
		return name(f.Fun) + "(...)"
	}
	return "function"
}

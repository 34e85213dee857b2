package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"reflect"
	"slices"
	"strings"
)

// forms checks the form of a workflow function and of its helpers, each once: which statements there are, where calls
// stand in them, where the Flow goes, and what the code between the calls does.
type forms struct {
	*hazards
	seen  map[*ast.FuncDecl]bool
	stack []*ast.FuncDecl // the functions that are being read, each called by the one before
}

func (f *forms) function(fn *ast.FuncDecl) {
	if f.seen[fn] || fn.Body == nil {
		return
	}
	f.seen[fn] = true
	f.stack = append(f.stack, fn)
	f.statements(fn.Body.List)
	f.stack = f.stack[:len(f.stack)-1]
}

func (f *forms) statements(list []ast.Stmt) {
	for _, s := range list {
		f.statement(s)
	}
}

// statement checks a statement of a block whose calls are nodes.
func (f *forms) statement(s ast.Stmt) {
	if s == nil {
		return
	}
	if !f.waits(s) {
		f.plain(s, "")
		return
	}
	switch s := s.(type) {
	case *ast.BlockStmt:
		f.statements(s.List)
	case *ast.IfStmt:
		f.init(s.Init)
		f.plain(s.Cond, "in a condition")
		f.statement(s.Body)
		f.statement(s.Else)
	case *ast.SwitchStmt:
		f.init(s.Init)
		f.plain(s.Tag, "in the tag of a switch")
		for _, c := range s.Body.List {
			f.clause(c.(*ast.CaseClause))
		}
	case *ast.ForStmt:
		f.plain(s.Init, "in the header of a for")
		f.plain(s.Cond, "in the header of a for")
		f.plain(s.Post, "in the header of a for")
		f.statement(s.Body)
	case *ast.RangeStmt:
		f.ranges(s)
	case *ast.LabeledStmt:
		f.report(notCompiled(f.span(s.Label), "a label of a statement with calls of wfe in it", "leave the loops by a condition, or make the inner one a function of its own that takes the *wfe.Flow, and return from it"))
		f.statement(s.Stmt)
	case *ast.TypeSwitchStmt:
		f.init(s.Init)
		f.plain(s.Assign, "in the header of a switch")
		for _, c := range s.Body.List {
			f.clause(c.(*ast.CaseClause))
		}
	case *ast.SelectStmt, *ast.GoStmt, *ast.DeferStmt, *ast.SendStmt:
		f.refused(s)
	case *ast.ExprStmt:
		f.ignored(s.X)
		f.top(s.X)
	case *ast.AssignStmt:
		f.assign(s)
	case *ast.DeclStmt:
		f.declaration(s)
	case *ast.ReturnStmt:
		if len(s.Results) == 1 {
			f.top(s.Results[0])
			return
		}
		f.plain(s, "among other values")
	default:
		f.plain(s, "in the middle of a statement")
	}
}

// init checks the statement in the header of an if or a switch. It cannot be left.
func (f *forms) init(s ast.Stmt) {
	if call := failOf(f.Info, s); call != nil {
		f.plain(s, "in the header of a statement")
		return
	}
	f.statement(s)
}

func (f *forms) keyword(at token.Pos, word string) span {
	return span{f.pos(at), f.pos(at + token.Pos(len(word)))}
}

func (f *forms) clause(c *ast.CaseClause) {
	for _, x := range c.List {
		f.plain(x, "in a case")
	}
	for _, s := range c.Body {
		if b, ok := s.(*ast.BranchStmt); ok && b.Tok == token.FALLTHROUGH {
			f.report(notCompiled(f.span(b), "fallthrough in a switch with calls of wfe", "write what both cases do in a function that takes the *wfe.Flow, and call it in both"))
			continue
		}
		f.statement(s)
	}
}

// ranges checks a loop over something with calls in it.
func (f *forms) ranges(s *ast.RangeStmt) {
	f.plain(s.X, "in the header of a for")
	f.plain(s.Key, "in the header of a for")
	f.plain(s.Value, "in the header of a for")
	switch f.typeOf(s.X).Underlying().(type) {
	case *types.Map:
		f.report(ranged(f.span(s.X), "a map, whose order is another one each time", "range over its sorted keys: for _, k := range slices.Sorted(maps.Keys("+f.text(s.X)+"))"))
	case *types.Signature:
		f.report(ranged(f.span(s.X), "a function, which cannot be gone on with after a crash", "collect it first: for _, v := range slices.Collect("+f.text(s.X)+")"))
	case *types.Chan:
		f.report(ranged(f.span(s.X), "a channel, which cannot be saved", "wait for events by wfe.WaitFor"))
	}
	f.statement(s.Body)
}

func (f *forms) assign(s *ast.AssignStmt) {
	for _, x := range s.Lhs {
		f.plain(x, "on the left of an assignment")
	}
	if id := ident(s.Lhs[0]); len(s.Lhs) == 1 && id != nil && id.Name == "_" {
		f.ignored(s.Rhs[0])
	}
	switch {
	case s.Tok != token.ASSIGN && s.Tok != token.DEFINE:
		for _, x := range s.Rhs {
			f.plain(x, "in an operation")
		}
	case len(s.Rhs) == 1:
		f.top(s.Rhs[0])
	default:
		for _, x := range s.Rhs {
			f.plain(x, "among other values")
		}
	}
}

// ignored reports a wfe.Try of which nothing is kept.
func (f *forms) ignored(x ast.Expr) {
	if call, ok := ast.Unparen(x).(*ast.CallExpr); ok && runtimeName(f.Info, call.Fun) == "Try" {
		f.report(tryIgnored(f.span(call.Fun)))
	}
}

func (f *forms) declaration(s *ast.DeclStmt) {
	for _, spec := range s.Decl.(*ast.GenDecl).Specs {
		v, ok := spec.(*ast.ValueSpec)
		switch {
		case ok && len(v.Values) == 1 && len(s.Decl.(*ast.GenDecl).Specs) == 1:
			f.top(v.Values[0])
		case ok:
			for _, x := range v.Values {
				f.plain(x, "among other values")
			}
		}
	}
}

// top checks an expression that is the whole of what a statement computes: a call, or a field of what it returns.
func (f *forms) top(x ast.Expr) {
	call := f.chain(x)
	if call == nil {
		f.plain(x, "in the middle of an expression")
		return
	}
	name, c, ok := readCall(f.Info, call)
	if !ok {
		f.inline(call)
		return
	}
	f.flow(call, 0, name)
	if len(call.Args) == 0 {
		return
	}
	for i, x := range call.Args[1:] {
		if a, ok := c.arg(i); ok {
			f.argument(call, a, x)
		}
	}
	if call.Ellipsis.IsValid() {
		f.report(notWritten(f.span(call.Args[len(call.Args)-1]), "arguments are written one by one, not as a slice", "write them here"))
	}
}

// flow checks that a call is given the Flow itself.
func (f *forms) flow(call *ast.CallExpr, i int, name string) {
	if i >= len(call.Args) {
		return
	}
	if id, ok := ast.Unparen(call.Args[i]).(*ast.Ident); !ok || !f.isFlowVar(id) {
		f.report(flowElsewhere(f.span(call.Args[i]), name+" is given another Flow than that of the function", "give it the parameter of the function"))
	}
}

// isFlowVar reports whether an identifier is the parameter of a function that is the Flow.
func (f *forms) isFlowVar(id *ast.Ident) bool {
	v, ok := f.Info.Uses[id].(*types.Var)
	if !ok || !isFlow(v.Type()) {
		return false
	}
	return slices.ContainsFunc(f.stack, func(fn *ast.FuncDecl) bool {
		sig := f.Info.Defs[fn.Name].(*types.Func).Signature()
		i := flowParam(sig)
		return i >= 0 && sig.Params().At(i) == v
	})
}

func (f *forms) argument(call *ast.CallExpr, a arg, x ast.Expr) {
	lit, literal := ast.Unparen(x).(*ast.FuncLit)
	switch a.role {
	case asBlock:
		if !literal {
			f.report(notWritten(f.span(x), "a block is a function literal, so that wfegen can read it", "write func() { ... } here"))
			return
		}
		f.statements(lit.Body.List)
		f.empty(call, a, lit)
	case asCond:
		if !literal {
			f.report(notWritten(f.span(x), "a condition is a function literal, so that wfegen can read it", "write func() bool { return ... } here"))
			return
		}
		f.plain(lit.Body, "in a condition")
		f.timeless(lit.Body)
	case asStep:
		f.plain(x, "in an argument")
		f.receiver(x)
	case asValue:
		f.plain(x, "in an argument")
	case asSetting:
		f.plain(x, "in an argument")
		f.setting(a, x)
	case asOption:
		f.option(x)
	}
}

// timeless reports wfe.Now in a condition that is asked again and again.
func (f *forms) timeless(cond ast.Node) {
	ast.Inspect(cond, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && isNow(f.Info, call) {
			f.report(nowAgain(f.span(call.Fun), f.text(call.Fun)))
		}
		return true
	})
}

// receiver reports a step of another package whose Run sets the outputs of a copy. Of this package, its declaration says so.
func (f *forms) receiver(x ast.Expr) {
	n, ok := types.Unalias(f.typeOf(x)).(*types.Named)
	if !ok || n.Obj().Pkg() == f.Pkg {
		return
	}
	st, ok := n.Underlying().(*types.Struct)
	run := types.NewMethodSet(n).Lookup(n.Obj().Pkg(), "Run")
	if !ok || run == nil || len(run.Index()) > 1 { // its own Run, and in the method set of the value
		return
	}
	for i := range st.NumFields() {
		if slices.Contains(strings.Split(reflect.StructTag(st.Tag(i)).Get("wfe"), ","), "out") {
			f.report(valueReceiver(f.span(x), n.Obj().Name(), st.Field(i).Name()))
			return
		}
	}
}

// empty reports a block that runs beside others and in which nothing waits.
func (f *forms) empty(call *ast.CallExpr, a arg, lit *ast.FuncLit) {
	if f.waits(lit.Body) || a.body != bodyBranch && a.body != bodyElement {
		return
	}
	if name, _, _ := readCall(f.Info, call); name == "Parallel" {
		f.report(nothingWaits(f.keyword(lit.Pos(), "func"), "branch", "write it as plain code before or after wfe.Parallel"))
	} else {
		f.report(nothingWaits(f.keyword(lit.Pos(), "func"), "body", "write it as plain code: for _, item := range items { ... }"))
	}
}

func (f *forms) option(x ast.Expr) {
	call, ok := ast.Unparen(x).(*ast.CallExpr)
	if !ok {
		f.report(notWritten(f.span(x), "an option is a call of wfe, written here, so that wfegen can read it", "write it here: wfe.Name(\"id\"), wfe.OnError(policy)"))
		return
	}
	args, ok := optionArgs()[runtimeName(f.Info, call.Fun)]
	if !ok {
		f.report(notWritten(f.span(x), "an option is a call of wfe, so that wfegen can read it", "write it here: wfe.Name(\"id\"), wfe.OnError(policy)"))
		return
	}
	for i, x := range call.Args {
		if len(args) > 0 {
			f.argument(call, args[min(i, len(args)-1)], x)
		}
	}
}

// setting checks that what is part of the definition depends on no instance.
func (f *forms) setting(a arg, x ast.Expr) {
	ast.Inspect(x, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		if v, ok := f.Info.Uses[id].(*types.Var); ok && !packageLevel(v) && !v.IsField() && (v.Pos() < x.Pos() || v.Pos() >= x.End()) {
			f.report(settingVaries(f.span(id), a.name, id.Name))
			return false
		}
		return true
	})
}

// returned reports results of a helper that cannot be saved.
func (f *forms) returned(call *ast.CallExpr, fn *types.Func) {
	for v := range fn.Signature().Results().Variables() {
		if why := f.unsavable(v.Type()); why != nil {
			f.report(notReturned(f.span(call.Fun), fn, f.pos(fn.Pos()), *why))
			return
		}
	}
}

// inline checks a call of a function that is given the Flow.
func (f *forms) inline(call *ast.CallExpr) {
	fn := f.called(call)
	sig, _ := f.typeOf(call.Fun).Underlying().(*types.Signature)
	at := flowParam(sig)
	for i, x := range call.Args {
		if i != at {
			f.plain(x, "in an argument")
		}
	}
	f.flow(call, at, f.text(call.Fun))
	switch {
	case fn == nil:
		f.report(flowElsewhere(f.span(call.Fun), f.text(call.Fun)+" is a function value, and wfegen cannot see what it does with the Flow", "declare it as a function of the package, func name(w *wfe.Flow, ...), and call that"))
	case fn.Signature().Recv() != nil:
		f.report(badHelper(f.span(call.Fun), f.text(call.Fun)+" is a method, and only functions are compiled as a part of a workflow", "make it a function that takes the receiver as a parameter"))
	case fn.Pkg() != f.Pkg:
		f.report(flowElsewhere(f.span(call.Fun), fn.Pkg().Name()+"."+fn.Name()+" is of another package, and only functions of this one are compiled as a part of a workflow", "make it a workflow and start it by wfe.SubWorkflow, or move it here"))
	case fn.Signature().TypeParams() != nil:
		f.report(badHelper(f.span(call.Fun), fn.Name()+" has type parameters, and no one form to be compiled in", "write one function for each type"))
	default:
		decl := f.decls[fn]
		if decl == nil {
			f.report(badHelper(f.span(call.Fun), fn.Name()+" has no body", "write it in Go"))
		} else if f.conditional(decl) {
			f.report(badHelper(f.span(call.Fun), fn.Name()+" is declared in a file with a build constraint, and would be compiled as it is in this build", "declare it in a file without one, and have it ask a constant or a step that differs"))
		} else if slices.Contains(f.stack, decl) {
			f.report(badHelper(f.span(call.Fun), fn.Name()+" calls itself, and would be compiled without end", "use a loop; or make it a workflow, and start it by wfe.SubWorkflow"))
		} else {
			f.returned(call, fn)
			f.function(decl)
		}
	}
}

package flow

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strconv"

	"github.com/wfegen/wfe/internal/analysis/model"
	"github.com/wfegen/wfe/runtime/definition"
)

// result is what a call gives, as the generated function that stores it knows that.
type result struct {
	values string // what is written in place of the call
	named  string // of a single struct: the parameter that is a pointer to it
}

// call compiles a statement with one call of the runtime, or of a helper, outermost.
func (b *block) call(s ast.Stmt, last bool) {
	call := b.theCall(s)
	if call == nil {
		b.cannot(s)
		return
	}
	name, helper := b.callee(call)
	switch {
	case helper != nil:
		b.helper(s, call, helper, last)
	case name == "":
		b.cannot(s)
	default:
		b.runtimeCall(s, call, name, last)
	}
}

// theCall returns the call in a statement.
func (c *compiler) theCall(s ast.Stmt) (out *ast.CallExpr) {
	ast.Inspect(s, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && out == nil && c.isCall(call) {
			out = call
		}
		return out == nil
	})
	return out
}

// callee returns the name of the function of the runtime that is called, or the helper.
func (c *compiler) callee(call *ast.CallExpr) (name string, helper *ast.FuncDecl) {
	if name := runtimeName(c.host.Info, call.Fun); name != "" {
		return name, nil
	}
	if id := callee(call.Fun); id != nil {
		if fn, ok := c.host.Info.Uses[id].(*types.Func); ok && fn.Pkg() == c.host.Pkg && fn.Signature().Recv() == nil {
			return "", c.host.Function(fn.Name())
		}
	}
	return "", nil
}

// runtimeCall adds the node of a call.
func (b *block) runtimeCall(s ast.Stmt, call *ast.CallExpr, name string, last bool) {
	switch name {
	case "Do", "Steer", "Branch":
		b.step(s, call, name, last)
	case "WaitFor", "WaitForWithin":
		b.waitFor(s, call, name, last)
	case "Saga", "Try":
		b.saga(s, call, name, last)
	case "Undo":
		b.undo(s, call)
	case "Parallel":
		b.parallel(s, call)
	case "ForEach":
		b.forEachCall(s, call)
	case "SubWorkflow", "SubWorkflowOf":
		b.child(s, call, last)
	case "Sleep", "SleepUntil":
		b.sleep(s, call, name)
	case "Recur":
		b.recur(s, call)
	case "Poll":
		b.poll(s, call, last)
	case "End":
		b.end(s, call)
	case "Fail":
		b.fail(s, call)
	default:
		b.cannot(s)
	}
}

// store makes the unit that takes the result of a call: the statement with the result in place of the call, and the simple
// assignments that follow. It is nil where the result is dropped. A statement that is more than that gets the result from a
// variable, on the edge behind the node.
func (b *block) store(n int, s ast.Stmt, call *ast.CallExpr, r result, last bool) *unit {
	switch s := s.(type) {
	case *ast.ExprStmt:
		if ast.Unparen(s.X) == ast.Expr(call) {
			return nil
		}
	case *ast.AssignStmt:
		if b.blank(s) {
			return nil
		}
	}
	u := &unit{node: n, what: "outputs"}
	instead := map[ast.Node]other{call: {text: r.values}}
	if r.named != "" {
		for _, sel := range selectorsOf(s, call) {
			instead[sel] = other{text: r.named + "." + sel.Sel.Name}
		}
	}
	if ret, ok := s.(*ast.ReturnStmt); ok {
		b.returned(u, ret, instead, last)
		return u
	}
	name, _ := b.callee(call)
	if b.direct(s, call) && (name != "Branch" && name != "Try" || declares(s)) { // these return when their body has ended, which may read what they are assigned to
		b.whole(s, call)
		b.plain(u, frag{node: s, instead: instead})
		b.shown(n, "outputs", s)
		if name != "Try" && name != "WaitForWithin" && name != "Branch" {
			b.absorb = u
		}
		return u
	}
	x := ast.Expr(call)
	if sels := selectorsOf(s, call); len(sels) > 0 {
		x = sels[0]
	}
	typ := b.host.Info.TypeOf(x)
	v := b.hidden(b.in, "result", typ, call.Pos(), b.frame)
	b.plain(u, frag{define: v, text: instead[x].text})
	b.later = append(b.later, func() {
		b.plain(b.edge(), frag{node: s, instead: map[ast.Node]other{x: {vars: []*variable{v}}}})
	})
	return u
}

// declares reports whether a statement gives what it computes to variables that it declares.
func declares(s ast.Stmt) bool {
	a, ok := s.(*ast.AssignStmt)
	return !ok || a.Tok == token.DEFINE
}

// shown notes code of a node for people.
func (b *block) shown(n int, what string, x ast.Node) {
	b.nodes[n].Code = append(b.nodes[n].Code, model.Code{
		Pos: b.host.Fset.PositionFor(x.Pos(), false), What: what, Text: oneLine(b.host.Text(x.Pos(), x.End())),
	})
}

// returned stores what a helper returns straight from a call.
func (b *block) returned(u *unit, ret *ast.ReturnStmt, instead map[ast.Node]other, last bool) {
	b.plain(u, frag{node: ret, instead: instead, results: b.leave.results})
	if !last || !b.tail {
		to := b.leave.ret
		b.later = append(b.later, func() { b.plain(b.edge(), frag{exit: &to}) })
	}
}

// absorbs reports whether a statement that follows a call may run with the unit that stores its result: it cannot fail, and
// leads nowhere.
func (b *block) absorbs(s ast.Stmt) bool {
	a, ok := s.(*ast.AssignStmt)
	if !ok {
		return false
	}
	switch a.Tok {
	case token.DEFINE: // its variables would be saved as soon as what follows uses them
		return false
	case token.QUO_ASSIGN, token.REM_ASSIGN, token.SHL_ASSIGN, token.SHR_ASSIGN:
		return false
	}
	for _, x := range slices.Concat(a.Lhs, a.Rhs) {
		if !b.simple(x) {
			return false
		}
	}
	return true
}

// blank reports whether all that is assigned to is blank.
func (c *compiler) blank(s *ast.AssignStmt) bool {
	for _, x := range s.Lhs {
		if id, ok := x.(*ast.Ident); !ok || id.Name != "_" {
			return false
		}
	}
	return true
}

// selectorsOf returns call.Field, if that is how the statement uses the call.
func selectorsOf(s ast.Stmt, call *ast.CallExpr) (out []*ast.SelectorExpr) {
	ast.Inspect(s, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && ast.Unparen(sel.X) == ast.Expr(call) {
			out = append(out, sel)
		}
		return true
	})
	return out
}

// direct reports whether a statement hands the result of the call on to variables and fields, and cannot fail.
func (b *block) direct(s ast.Stmt, call *ast.CallExpr) bool {
	switch s := s.(type) {
	case *ast.AssignStmt:
		for _, x := range s.Lhs {
			if !b.simple(x) {
				return false
			}
		}
		return (s.Tok == token.ASSIGN || s.Tok == token.DEFINE) && len(s.Rhs) == 1 && isResult(s.Rhs[0], call)
	case *ast.DeclStmt:
		spec, ok := s.Decl.(*ast.GenDecl).Specs[0].(*ast.ValueSpec)
		return ok && len(spec.Values) == 1 && isResult(spec.Values[0], call)
	}
	return false
}

func isResult(x ast.Expr, call *ast.CallExpr) bool {
	x = ast.Unparen(x)
	if sel, ok := x.(*ast.SelectorExpr); ok {
		x = ast.Unparen(sel.X)
	}
	return x == ast.Expr(call)
}

// simple reports whether an expression is a variable or a field of one that is reached without a pointer, but for that to
// the data: reading and writing it cannot fail.
func (b *block) simple(x ast.Expr) bool {
	switch x := ast.Unparen(x).(type) {
	case *ast.Ident:
		return true
	case *ast.BasicLit:
		return true
	case *ast.CallExpr:
		id, ok := ast.Unparen(x.Fun).(*ast.Ident)
		if !ok || b.host.Info.Uses[id] != types.Universe.Lookup("append") && b.host.Info.Uses[id] != types.Universe.Lookup("len") {
			return false
		}
		return !slices.ContainsFunc(x.Args, func(x ast.Expr) bool { return !b.simple(x) })
	case *ast.BinaryExpr: // but what can fail
		return x.Op != token.QUO && x.Op != token.REM && x.Op != token.SHL && x.Op != token.SHR && b.simple(x.X) && b.simple(x.Y)
	case *ast.UnaryExpr:
		return x.Op != token.AND && x.Op != token.ARROW && b.simple(x.X)
	case *ast.SelectorExpr:
		if s := b.host.Info.Selections[x]; s != nil && (s.Kind() != types.FieldVal || s.Indirect() && len(s.Index()) > 1) {
			return false
		}
		if id, ok := ast.Unparen(x.X).(*ast.Ident); ok {
			if _, pkg := b.host.Info.Uses[id].(*types.PkgName); pkg || b.isData(b.in, b.host.Info.Uses[id]) {
				return true
			}
		}
		if _, pointer := b.host.Info.TypeOf(x.X).Underlying().(*types.Pointer); pointer {
			return false
		}
		return b.simple(x.X)
	}
	return false
}

// whole notes that a statement gives a step, or an event, to a variable, of which fields may be saved one by one.
func (b *block) whole(s ast.Stmt, call *ast.CallExpr) {
	a, ok := s.(*ast.AssignStmt)
	if !ok || a.Tok != token.DEFINE || ast.Unparen(a.Rhs[0]) != ast.Expr(call) {
		return
	}
	if obj := b.host.Info.Defs[a.Lhs[0].(*ast.Ident)]; obj != nil {
		if _, ok := obj.Type().Underlying().(*types.Struct); ok {
			b.results[key{b.in, obj}] = true
		}
	}
}

// after compiles what was put off until the node is there.
func (b *block) after() {
	later := b.later
	b.later = nil
	for _, f := range later {
		f()
	}
}

// step adds a step.
func (b *block) step(s ast.Stmt, call *ast.CallExpr, fn string, last bool) {
	arg := call.Args[1]
	named, _ := types.Unalias(b.host.Info.TypeOf(arg)).(*types.Named)
	if named == nil {
		b.cannot(s)
		return
	}
	st := b.host.Step(arg, named)
	if st == nil {
		b.ok = false
		return
	}
	first := 2
	if fn == "Branch" {
		first = 3
	}
	o := b.readOptions(call, first)
	id := b.id(s, o.name)
	if id == "" {
		id = st.Name
	}
	node := definition.Node{Kind: definition.Step, Step: st.Name, Undo: st.Undo, Compensate: st.By, Sequential: o.sequential}
	n := b.add(call, id, node)
	b.nodes[n].Step = types.TypeString(named, b.host.Qualifier)
	b.nodes[n].Asks = st.Method != nil && st.Method.Step.Asks
	stepName := b.param("step")
	in := b.unit(n, "inputs", frag{node: arg, before: "*" + stepName + " = "})
	var body *block
	var item *cell
	if fn == "Branch" {
		body = b.loop(n, definition.BlockBranch)
		item = b.closureElement(body, call.Args[2], n)
	}
	r := result{values: "*" + stepName, named: stepName}
	outcome := b.param("outcome")
	if fn == "Steer" {
		r.values += ", " + outcome
		r.named = ""
	}
	out := b.store(n, s, call, r, last)
	b.options(n, o)
	step := func(w *writer) {
		w.text(", %s *", stepName)
		w.typ(named)
	}
	b.entries = append(b.entries, func(w *writer) {
		adder := "AddStep"
		if body != nil {
			adder = "AddBranching"
		}
		w.wfe(adder)
		w.text("(%s.Block, ", w.builderName)
		w.wfe("Use")
		w.text("[")
		w.stateType()
		w.text(", ")
		w.typ(named)
		w.text("]{\nSet: func(")
		w.state()
		step(w)
		w.text(") {\n")
		w.body(in)
		w.text("},\n")
		if out != nil && fn != "Steer" {
			w.text("Out: func(")
			w.state()
			step(w)
			w.text(") {\n")
			w.body(out)
			w.text("},\n")
		}
		if out != nil {
			w.text("Always: true,\n")
			if names, ok := w.stored(out); ok && fn != "Steer" {
				w.text("Stores: []string{%s},\n", names)
			}
		}
		if st.By != "" {
			w.undoBy(st.Method)
		}
		w.text("}")
		if body != nil {
			w.text(", ")
			w.inBlock(body, func() {
				w.text("%s *", item.name)
				w.typ(st.Item)
			})
			w.options(o)
			if id != st.Name { // what leaves the block refers to it
				w.text(", ")
				w.wfe("Name")
				w.text("(%s)", strconv.Quote(id))
			}
		}
		w.text(")")
		if fn == "Steer" && out != nil {
			w.text(".\nOutcome(func(")
			w.state()
			step(w)
			w.text(", %s string) {\n", outcome)
			w.body(out)
			w.text("})")
		}
		w.text("\n")
		if fn == "Steer" {
			w.storesCall(out)
		}
		if id != st.Name && body == nil {
			w.text("%s.Name(%s)\n", w.builderName, strconv.Quote(id))
		}
		w.settings(o)
	})
	b.after()
}

// waitFor adds a wait for an event.
func (b *block) waitFor(s ast.Stmt, call *ast.CallExpr, fn string, last bool) {
	event := b.typeArgument(call)
	if event == nil {
		b.cannot(s)
		return
	}
	name, ok := b.host.Event(call.Fun, event)
	if !ok {
		b.ok = false
		return
	}
	first := 2
	if fn == "WaitForWithin" {
		first = 3
	}
	o := b.readOptions(call, first)
	id := b.id(s, o.name)
	if id == "" {
		id = name
	}
	if fn == "WaitFor" {
		b.unanswered(s, call, o, event)
	}
	n := b.add(call, id, definition.Node{Kind: definition.WaitFor, Event: name})
	keyUnit := b.unit(n, "key", frag{node: call.Args[1], before: "return "})
	param := b.param("event")
	r := result{values: "*" + param, named: param}
	if fn == "WaitForWithin" {
		r = result{values: "*" + param + ", true"}
	}
	out := b.store(n, s, call, r, last)
	b.answered(o)
	var since *unit
	if o.asOf != nil {
		since = b.unit(n, "since", frag{node: o.asOf, before: "return "})
	}
	var timeout *block
	var within *unit
	if fn == "WaitForWithin" {
		if b.host.Info.Types[call.Args[2]].Value == nil {
			within = b.unit(n, "timeout", frag{node: call.Args[2], before: "return "})
			b.draft.Nodes[n].Due = true
		}
		timeout = b.inner(n, definition.BlockTimeout)
		if out != nil && len(out.frags) > 0 && b.later == nil {
			f := out.frags[0]
			zero := b.param("none")
			timeout.plain(timeout.edge(), frag{typ: event, before: "var " + zero + " ", after: ""})
			f.instead = map[ast.Node]other{call: {text: zero + ", false"}}
			timeout.plain(timeout.edge(), f)
		}
		timeout.flush()
	}
	b.options(n, o)
	b.entries = append(b.entries, func(w *writer) {
		w.wfe("Await")
		w.text("[")
		w.typ(event)
		w.text("](%s, %s, ", w.builderName, w.segment(n))
		w.function(keyUnit, "string")
		w.text(", ")
		if out == nil {
			w.text("nil")
		} else {
			w.text("func(")
			w.state()
			w.text(", %s *", param)
			w.typ(event)
			w.text(") {\n")
			w.body(out)
			w.text("}")
		}
		w.text(")")
		if since != nil {
			w.text(".AsOf(")
			w.functionOf(since, "Time")
			w.text(")")
		}
		switch {
		case within != nil:
			w.text(".Within(")
			w.functionOf(within, "Duration")
			w.text(", ")
			w.inBlock(timeout)
			w.text(")")
		case timeout != nil:
			w.text(".Timeout(")
			w.expr(b, call.Args[2])
			w.text(", ")
			w.inBlock(timeout)
			w.text(")")
		}
		w.text("\n")
		w.storesCall(out)
		w.settings(o)
	})
	b.after()
}

// unanswered sets what takes the result of a call to zero, where that may be cancelled and the flow goes on: then there is
// no result.
func (b *block) unanswered(s ast.Stmt, call *ast.CallExpr, o *options, typ types.Type) {
	if _, dropped := s.(*ast.ExprStmt); dropped || !o.proceed {
		return
	}
	if _, returns := s.(*ast.ReturnStmt); returns || !declares(s) {
		b.report(mayHaveNone(b.span(s)))
		b.ok = false
		return
	}
	none := b.param("none")
	u := b.edge()
	b.plain(u, frag{typ: typ, before: "var " + none + " "})
	b.plain(u, frag{node: s, instead: map[ast.Node]other{call: {text: none}}})
}

// answered keeps what follows a call out of the unit that stores its result, where there may be none.
func (b *block) answered(o *options) {
	if o.proceed {
		b.absorb = nil
	}
}

// typeArgument is the first type argument of a call.
func (b *block) typeArgument(call *ast.CallExpr) *types.Named {
	var x ast.Expr
	switch f := ast.Unparen(call.Fun).(type) {
	case *ast.IndexExpr:
		x = f.Index
	case *ast.IndexListExpr:
		x = f.Indices[0]
	default:
		return nil
	}
	named, _ := types.Unalias(b.host.Info.TypeOf(x)).(*types.Named)
	return named
}

// literal returns the function literal that is an argument.
func (b *block) literal(x ast.Expr) *ast.FuncLit {
	lit, ok := ast.Unparen(x).(*ast.FuncLit)
	if !ok {
		b.report(literalNeeded(b.span(x)))
		b.ok = false
	}
	return lit
}

// closure compiles the body of a function literal into a block, which a return ends.
func (b *block) closure(lit *ast.FuncLit, node int) {
	b.leave, b.tail, b.closed = leave{ret: exit{node, false}}, true, true
	b.statements(lit.Body.List, true)
}

// closureElement compiles the body of a loop's function literal, and returns the cell of its parameter.
func (b *block) closureElement(body *block, x ast.Expr, n int) *cell {
	lit := b.literal(x)
	if lit == nil {
		return &cell{name: "_"}
	}
	item := &cell{name: "_"}
	if params := parameters(lit.Type); len(params) > 0 && params[0].Name != "_" {
		item = body.declared(params[0], lit.Body)
	}
	body.closure(lit, n)
	return item
}

// saga adds a saga, or one that hands on its failure.
func (b *block) saga(s ast.Stmt, call *ast.CallExpr, fn string, last bool) {
	lit := b.literal(call.Args[1])
	if lit == nil {
		return
	}
	o := b.readOptions(call, 2)
	kind := "saga"
	if fn == "Try" {
		kind = "try"
	}
	id := b.id(s, o.name)
	if id == "" {
		id = kind
	}
	n := b.add(call, id, definition.Node{Kind: definition.Saga, Catch: fn == "Try"})
	body := b.inner(n, "")
	var caught *unit
	failure := b.param("failure")
	if fn == "Try" {
		caught = b.store(n, s, call, result{values: failure}, last)
		if caught != nil {
			b.beginsNil(body, s, caught)
		}
	}
	body.closure(lit, n)
	b.options(n, o)
	b.entries = append(b.entries, func(w *writer) {
		name := "Saga"
		if fn == "Try" {
			name = "Try"
		}
		w.text("%s.%s(%s, ", w.builderName, name, w.segment(n))
		w.inBlock(body)
		if fn == "Try" {
			w.text(", ")
			if caught == nil {
				w.text("nil")
			} else {
				w.text("func(")
				w.state()
				w.text(", %s *", failure)
				w.wfe("Failure")
				w.text(") {\n")
				w.body(caught)
				w.text("}")
			}
		}
		w.text(")\n")
		w.storesCall(caught)
		w.settings(o)
	})
	b.after()
}

// beginsNil sets the variables that take the failure of a Try to nil when that begins.
func (b *block) beginsNil(body *block, s ast.Stmt, caught *unit) {
	vars := b.frame.vars
	_, results := s.(*ast.ReturnStmt)
	if results {
		vars = b.leave.results
	}
	for _, v := range vars {
		if results || v.unit == caught {
			v.saved = true
			u := body.edge()
			u.frags = append(u.frags, frag{in: b.in, define: v, text: "nil"})
		}
	}
}

// undo adds what a saga does when it rolls back.
func (b *block) undo(s ast.Stmt, call *ast.CallExpr) {
	lit := b.literal(call.Args[1])
	if lit == nil {
		return
	}
	o := b.readOptions(call, 2)
	id := b.id(s, o.name)
	if id == "" {
		id = "undo"
	}
	n := b.add(call, id, definition.Node{Kind: definition.Undo})
	body := b.inner(n, definition.BlockCompensate)
	body.closure(lit, n)
	b.entries = append(b.entries, func(w *writer) {
		w.text("%s.Undo(%s, ", w.builderName, w.segment(n))
		w.inBlock(body)
		w.text(")\n")
	})
}

// parallel adds branches that run at once.
func (b *block) parallel(s ast.Stmt, call *ast.CallExpr) {
	n := b.add(call, b.id(s, string(definition.Parallel)), definition.Node{Kind: definition.Parallel})
	var branches []*block
	for _, x := range call.Args[1:] {
		lit := b.literal(x)
		if lit == nil {
			return
		}
		body := b.inner(n, "")
		body.closure(lit, n)
		branches = append(branches, body)
	}
	b.entries = append(b.entries, func(w *writer) {
		w.text("%s.Parallel(%s", w.builderName, w.segment(n))
		for _, body := range branches {
			w.text(",\n")
			w.inBlock(body)
		}
		w.text(",\n)\n")
	})
}

// forEachCall adds a loop whose elements run in parallel.
func (b *block) forEachCall(s ast.Stmt, call *ast.CallExpr) {
	slice, ok := b.host.Info.TypeOf(call.Args[1]).Underlying().(*types.Slice)
	if !ok {
		b.cannot(s)
		return
	}
	o := b.readOptions(call, 3)
	id := b.id(s, o.name)
	if id == "" {
		id = b.loopName(call.Args[1])
	}
	n := b.add(call, id, definition.Node{Kind: definition.ForEach, Sequential: o.sequential})
	list := b.unit(n, "collection", frag{node: call.Args[1], before: "return "})
	body := b.loop(n, definition.BlockBranch)
	item := b.closureElement(body, call.Args[2], n)
	b.options(n, o)
	b.forEach(n, slice.Elem(), list, body, item, o)
}

// child adds an instance of another workflow.
func (b *block) child(s ast.Stmt, call *ast.CallExpr, last bool) {
	pkg, ref, workflow, ok := b.host.Child(call.Args[1])
	if !ok {
		b.ok = false
		return
	}
	o := b.readOptions(call, 3)
	id := b.id(s, o.name)
	if id == "" {
		id = workflow
	}
	data := b.host.Info.TypeOf(call.Args[2])
	b.unanswered(s, call, o, data)
	n := b.add(call, id, definition.Node{Kind: definition.Child, Workflow: workflow, Version: o.version, Abandon: o.abandon})
	in := b.unit(n, "data", frag{node: call.Args[2], before: "return "})
	param := b.param("result")
	out := b.store(n, s, call, result{values: "*" + param, named: param}, last)
	b.answered(o)
	b.options(n, o)
	b.entries = append(b.entries, func(w *writer) {
		w.wfe("Child")
		w.text("(%s, %s, ", w.builderName, w.segment(n))
		w.name(pkg.Path, pkg.Name, ref)
		w.text(", func(")
		w.state()
		w.text(") ")
		w.typ(data)
		w.text(" {\n")
		w.body(in)
		w.text("}, ")
		if out == nil {
			w.text("nil")
		} else {
			w.text("func(")
			w.state()
			w.text(", %s *", param)
			w.typ(data)
			w.text(") {\n")
			w.body(out)
			w.text("}")
		}
		w.options(o)
		w.text(")\n")
		w.storesCall(out)
		w.settings(o)
	})
	b.after()
}

// sleep adds a delay.
func (b *block) sleep(s ast.Stmt, call *ast.CallExpr, fn string) {
	o := b.readOptions(call, 2)
	id := b.id(s, o.name)
	if id == "" {
		id = "sleep"
	}
	constant := fn == "Sleep" && b.host.Info.Types[call.Args[1]].Value != nil
	n := b.add(call, id, definition.Node{Kind: definition.Delay, Due: !constant})
	var due *unit
	if !constant {
		due = b.unit(n, "time", frag{node: call.Args[1], before: "return "})
	}
	b.options(n, o)
	b.entries = append(b.entries, func(w *writer) {
		switch {
		case constant:
			w.text("%s.Delay(%s, ", w.builderName, w.segment(n))
			w.expr(b, call.Args[1])
		case fn == "Sleep":
			w.text("%s.Sleep(%s, ", w.builderName, w.segment(n))
			w.functionOf(due, "Duration")
		default:
			w.text("%s.SleepUntil(%s, ", w.builderName, w.segment(n))
			w.functionOf(due, "Time")
		}
		w.text(")\n")
		w.settings(o)
	})
}

// recur adds rounds. Whether there is another one lies in a variable.
func (b *block) recur(s ast.Stmt, call *ast.CallExpr) {
	lit := b.literal(call.Args[2])
	node := definition.Node{Kind: definition.Recur}
	if lit == nil || !b.host.Rhythm(call.Args[1], &node) {
		b.ok = false
		return
	}
	o := b.readOptions(call, 3)
	id := b.id(s, o.name)
	if id == "" {
		id = string(definition.Recur)
	}
	again := b.hidden(b.in, "again", types.Typ[types.Bool], call.Pos(), b.frame)
	b.plain(b.edge(), frag{define: again, text: "true"})
	n := b.add(call, id, node)
	until := &unit{node: n, what: "condition"}
	until.frags = []frag{{in: b.in, text: "return !", use: again}}
	body := b.loop(n, "")
	body.leave, body.tail, body.closed = leave{ret: exit{n, false}, results: []*variable{again}}, true, true
	body.statements(lit.Body.List, true)
	b.options(n, o)
	b.entries = append(b.entries, func(w *writer) {
		w.text("%s.Recur(%s, ", w.builderName, w.segment(n))
		w.expr(b, call.Args[1])
		w.text(", ")
		w.function(until, "bool")
		w.text(", ")
		w.inBlock(body)
		w.text(")\n")
		w.settings(o)
	})
}

// poll adds requests until there is an answer.
func (b *block) poll(s ast.Stmt, call *ast.CallExpr, last bool) {
	o := b.readOptions(call, 2)
	id := b.id(s, o.name)
	if id == "" {
		id = string(definition.Poll)
	}
	b.fixed(call.Args[1])
	b.unanswered(s, call, o, b.host.Info.TypeOf(call))
	n := b.add(call, id, definition.Node{Kind: definition.Poll})
	param := b.param("response")
	out := b.store(n, s, call, result{values: "*" + param, named: param}, last)
	b.answered(o)
	b.options(n, o)
	b.entries = append(b.entries, func(w *writer) {
		w.text("%s.Poll(%s, ", w.builderName, w.segment(n))
		w.expr(b, call.Args[1])
		if out != nil {
			w.text(", func(")
			w.state()
			w.text(", %s *", param)
			w.wfe("Response")
			w.text(") {\n")
			w.body(out)
			w.text("}")
		}
		w.text(")\n")
		w.storesCall(out)
		w.settings(o)
	})
	b.after()
}

// fixed reports an argument that depends on the instance, where it has to be the same for all.
func (b *block) fixed(x ast.Expr) {
	ast.Inspect(x, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		if v, ok := b.host.Info.Uses[id].(*types.Var); ok && !v.IsField() && v.Parent() != v.Pkg().Scope() {
			b.report(notConstant(b.span(id), id.Name))
			b.ok = false
		}
		return true
	})
}

// end ends the instance.
func (b *block) end(s ast.Stmt, call *ast.CallExpr) {
	id := b.id(s, string(definition.End))
	b.add(call, id, definition.Node{Kind: definition.End})
	b.entries = append(b.entries, func(w *writer) {
		w.text("%s.End()\n", w.builderName)
		if id != string(definition.End) {
			w.text("%s.Name(%s)\n", w.builderName, strconv.Quote(id))
		}
	})
}

// fail fails the saga around it, or the instance.
func (b *block) fail(s ast.Stmt, call *ast.CallExpr) {
	n := b.add(call, b.id(s, "fail"), definition.Node{Kind: definition.Fail})
	message := b.unit(n, "error", frag{node: call.Args[1], before: "return "})
	b.entries = append(b.entries, func(w *writer) {
		w.text("%s.Fail(%s, ", w.builderName, w.segment(n))
		w.function(message, "error")
		w.text(")\n")
	})
}

// helper compiles the body of a function that is given the Flow, in place of its call.
func (b *block) helper(s ast.Stmt, call *ast.CallExpr, fn *ast.FuncDecl, last bool) {
	for in := b.in; in != nil; in = in.outer {
		if in.fn == fn {
			b.ok = false // Hazards says why
			return
		}
	}
	b.from = append(b.from, fn)
	in := &instance{fn: fn, outer: b.in}
	params := parameters(fn.Type)
	for i, p := range params {
		obj := b.host.Info.Defs[p]
		if i >= len(call.Args) || p.Name == "_" || obj == nil || isFlow(obj.Type()) {
			continue
		}
		if id, ok := ast.Unparen(call.Args[i]).(*ast.Ident); ok && b.isData(b.in, b.host.Info.Uses[id]) {
			b.dataKeys[key{in, obj}] = true
			continue
		}
		v := b.declare(nil, key{in, obj}, b.frame)
		b.plain(b.edge(), frag{node: call.Args[i], define: v})
	}
	var results []*variable
	if fn.Type.Results != nil {
		for _, f := range fn.Type.Results.List {
			typ := b.host.Info.TypeOf(f.Type)
			if len(f.Names) == 0 {
				results = append(results, b.hidden(in, fn.Name.Name, typ, f.Pos(), b.frame))
			}
			for _, name := range f.Names {
				v := b.declare(nil, key{in, b.host.Info.Defs[name]}, b.frame)
				v.saved = true
				results = append(results, v)
				b.plain(b.edge(), frag{define: v, typ: typ, before: "*new(", after: ")"})
			}
		}
	}
	n := b.add(call, b.id(s, definition.Kebab(fn.Name.Name)), definition.Node{Kind: definition.Call})
	body := b.inner(n, "")
	body.in = in
	body.leave, body.tail = leave{ret: exit{n, true}, results: results}, true
	body.statements(fn.Body.List, true)
	b.entries = append(b.entries, func(w *writer) {
		w.text("%s.Call(%s, ", w.builderName, w.segment(n))
		w.inBlock(body)
		w.text(")\n")
	})
	if x, ok := s.(*ast.ExprStmt); ok && ast.Unparen(x.X) == ast.Expr(call) {
		return
	}
	if a, ok := s.(*ast.AssignStmt); ok && b.blank(a) {
		return
	}
	f := frag{node: s, instead: map[ast.Node]other{call: {vars: results}}}
	if _, ok := s.(*ast.ReturnStmt); ok && last && b.tail {
		f.results = b.leave.results
	}
	b.plain(b.edge(), f)
}

// options are what the arguments behind the others say.
type options struct {
	name       string
	sequential bool
	version    int
	abandon    bool
	asOf       ast.Expr
	policy     ast.Expr
	loop       []ast.Expr // Limit, Sequential, Version, Abandon: written as they stand
	cancel     *ast.CallExpr
	cancels    *unit
	proceed    bool
	b          *block
}

// readOptions reads the options of a call.
func (b *block) readOptions(call *ast.CallExpr, first int) *options {
	o := &options{b: b}
	for _, x := range call.Args[min(first, len(call.Args)):] {
		opt, ok := ast.Unparen(x).(*ast.CallExpr)
		if !ok {
			b.report(unknownOption(b.span(x)))
			b.ok = false
			continue
		}
		name := b.optionName(opt)
		switch name {
		case "Name":
			o.name = b.constant(opt.Args[0])
		case "OnError":
			o.policy = opt.Args[0]
			b.fixed(o.policy)
		case "AsOf":
			o.asOf = opt.Args[0]
		case "CancelWhen":
			o.cancel = opt
			for _, x := range opt.Args[1:] {
				if p, ok := ast.Unparen(x).(*ast.CallExpr); ok && b.optionName(p) == "Proceed" {
					o.proceed = true
				}
			}
			if !o.proceed && !b.closed {
				b.report(cancelsBlock(b.span(x)))
				b.ok = false
			}
		case "Sequential":
			o.sequential = true
			o.loop = append(o.loop, x)
		case "Limit":
			b.fixed(x)
			o.loop = append(o.loop, x)
		case "Abandon":
			o.abandon = true
			o.loop = append(o.loop, x)
		case "Version":
			if v := b.host.Info.Types[opt.Args[0]].Value; v != nil {
				n, _ := constant.Int64Val(constant.ToInt(v))
				o.version = int(n)
			} else {
				b.fixed(opt.Args[0])
			}
			o.loop = append(o.loop, x)
		default:
			b.report(unknownOption(b.span(x)))
			b.ok = false
		}
	}
	return o
}

func (b *block) optionName(call *ast.CallExpr) string { return runtimeName(b.host.Info, call.Fun) }

// constant returns the text of a constant string.
func (b *block) constant(x ast.Expr) string {
	v := b.host.Info.Types[x].Value
	if v == nil || v.Kind() != constant.String {
		b.report(notConstant(b.span(x), types.ExprString(x)))
		b.ok = false
		return ""
	}
	return constant.StringVal(v)
}

// options does what the options say of a node.
func (b *block) options(n int, o *options) {
	if o.cancel == nil {
		return
	}
	lit := b.literal(o.cancel.Args[0])
	if lit == nil {
		return
	}
	b.draft.Nodes[n].Cancel = true
	o.cancels = &unit{node: n, what: "cancel condition"}
	for _, s := range lit.Body.List {
		b.plain(o.cancels, frag{node: s, returns: true})
	}
	b.draft.Nodes[n].Proceed = o.proceed
}

// options writes those that are arguments.
func (w *writer) options(o *options) {
	if o == nil {
		return
	}
	for _, x := range o.loop {
		w.text(", ")
		w.expr(o.b, x)
	}
}

// settings writes those that are calls behind the node.
func (w *writer) settings(o *options) {
	if o == nil {
		return
	}
	if o.policy != nil {
		w.text("%s.OnError(", w.builderName)
		w.expr(o.b, o.policy)
		w.text(")\n")
	}
	if o.cancels != nil {
		w.text("%s.CancelWhen(", w.builderName)
		w.function(o.cancels, "bool")
		if o.proceed {
			w.text(", ")
			w.wfe("Proceed")
			w.text("()")
		}
		w.text(")\n")
	}
}

// expr writes an expression that is the same for all instances.
func (w *writer) expr(b *block, x ast.Expr) {
	u := &unit{node: definition.None}
	w.node(u, frag{in: b.in, node: x}, x)
}

// functionOf writes a function that returns a type of package time.
func (w *writer) functionOf(u *unit, name string) {
	w.text("func(")
	w.state()
	w.text(") ")
	w.name("time", "time", name)
	w.text(" {\n")
	w.body(u)
	w.text("}")
}

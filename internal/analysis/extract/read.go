package extract

import (
	"cmp"
	"go/ast"
	"go/types"
	"slices"

	"github.com/wfegen/wfe/internal/analysis/directive"
	"github.com/wfegen/wfe/internal/analysis/model"
	"github.com/wfegen/wfe/runtime/definition"
)

// at is where a chain of calls has got to.
type at struct {
	seq  *definition.Sequence
	on   string // the receiver of the next call
	node int    // the one that it acts on, if on is not the builder
}

func (r *reader) function(fn *ast.FuncDecl, seq *definition.Sequence) {
	if fn.Body == nil || slices.Contains(r.active, fn) { // one that contains itself is reported as such
		r.ok = false
		return
	}
	r.active = append(r.active, fn)
	r.body(fn.Body, seq)
	r.active = r.active[:len(r.active)-1]
}

// body reads statements, which were found to be calls.
func (r *reader) body(body *ast.BlockStmt, seq *definition.Sequence) {
	for _, stmt := range body.List {
		if expr, ok := stmt.(*ast.ExprStmt); ok {
			r.call(ast.Unparen(expr.X).(*ast.CallExpr), seq)
		}
	}
}

// call reads a call and returns where calls on its result go on.
func (r *reader) call(x *ast.CallExpr, seq *definition.Sequence) at {
	fn, _ := called(x)
	if name := runtimeFunc(r.bodies, fn); name != "" {
		c, ok := calls()[name]
		if !ok {
			r.cannot(x, name)
			return at{seq: seq, on: onBuilder}
		}
		return r.add(c, x, fn, x.Args[min(1, len(x.Args)):], at{seq: seq, on: onBuilder})
	}
	sel, ok := ast.Unparen(x.Fun).(*ast.SelectorExpr)
	if !ok {
		r.function(r.work.function(fn.Name), seq) // a marked one: part of this
		return at{seq: seq, on: onBuilder}
	}
	from := at{seq: seq, on: onBuilder}
	if before, ok := ast.Unparen(sel.X).(*ast.CallExpr); ok {
		from = r.call(before, seq)
	}
	name := sel.Sel.Name
	if c, ok := calls()[from.on+"."+name]; ok {
		return r.add(c, x, sel.Sel, x.Args, from)
	}
	if from.on == onStep { // the builder is embedded in it
		from.on = onBuilder
	}
	if c, ok := calls()[from.on+"."+name]; ok {
		return r.add(c, x, sel.Sel, x.Args, from)
	}
	for _, m := range r.builder.Methods {
		if m.Name == name {
			return r.step(m, x, sel.Sel, from)
		}
	}
	for _, l := range r.builder.Loops {
		if l.Name == name {
			return r.loop(l, x, sel.Sel, from)
		}
	}
	r.cannot(x, r.builder.Name+"."+name)
	return from
}

// cannot reports a call that is not known: of a method that the package itself gives to the builder, or that is not there,
// which the compiler says.
func (r *reader) cannot(x *ast.CallExpr, name string) {
	r.ok = false
	for _, f := range r.marked.pkg.Files {
		for _, decl := range f.Syntax.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Recv != nil && receiver(fn)+"."+fn.Name.Name == name {
				r.report(unmarkedCall(r.pos(x.Pos()), r.lineEnd(x.Fun), name))
			}
		}
	}
}

// node adds a node.
func (r *reader) node(seq *definition.Sequence, id string, n definition.Node, at *ast.Ident) int {
	r.nodes = append(r.nodes, model.Node{Pos: r.pos(at.Pos()), End: r.pos(at.End())})
	r.hashed = append(r.hashed, hashed{})
	return r.draft.Add(seq, id, n)
}

// add reads a call of the table.
func (r *reader) add(c call, x *ast.CallExpr, name *ast.Ident, args []ast.Expr, from at) at {
	return r.addNamed(c, string(c.kind), x, name, args, from)
}

// addNamed is add for a node that is called id if no argument says otherwise.
func (r *reader) addNamed(c call, nodeID string, x *ast.CallExpr, name *ast.Ident, args []ast.Expr, from at) at {
	c, args = r.aligned(c, name, args)
	new := definition.Node{Kind: c.kind}
	rename, chosen := false, ""
	for i, a := range args {
		switch arg := c.arg(i); arg.role {
		case id:
			nodeID, rename = r.segment(a), true
		case more:
			if c.kind == "" {
				break // it says more of a node that is there
			}
			if given, ok := r.option(a, &new); ok {
				nodeID, chosen = given, given
			}
		case rhythm:
			r.rhythm(a, &new)
		case ref:
			new.Workflow = r.reference(a)
		}
	}
	var i int
	switch {
	case c.kind != "":
		typed := c.kind == definition.Step && !rename // named after its type
		switch {
		case typed:
			nodeID = cmp.Or(chosen, r.then(x, &new, len(c.args) > 1))
		case c.kind == definition.Step:
			new.Step = nodeID
		case c.kind == definition.WaitFor:
			new.Event = r.event(x)
		}
		i = r.node(from.seq, nodeID, new, name)
		if typed {
			r.fieldsOf(i, r.typeArgument(x, 1))
			if named := r.compensation(r.typeArgument(x, 1)); named == directive.None {
				r.nodes[i].Asks = true
			} else {
				r.nodes[i].Dropped = named
			}
		}
		if c.saves {
			r.nodes[i].Elem = r.elements(x)
		}
	default:
		if i = from.node; from.on == onBuilder {
			i = from.seq.Last
		}
		if i == definition.None || c.of != "" && r.draft.Nodes[i].Kind != c.of {
			r.report(nothingToModify(r.pos(name.Pos()), r.pos(name.End()), name.Name, c.of))
			r.ok = false
			return at{from.seq, cmp.Or(c.gives, onBuilder), i}
		}
		if rename {
			r.draft.Rename(i, nodeID)
		}
	}
	if c.set != nil {
		c.set(&r.draft.Nodes[i])
	}
	r.arguments(c, i, args)
	return at{from.seq, cmp.Or(c.gives, onBuilder), i}
}

// aligned returns a call and its arguments so that they fit, where a name is given to a call that takes none, or none to
// one that does: these are what one gets wrong before there is a builder whose methods an editor could show.
func (r *reader) aligned(c call, name *ast.Ident, args []ast.Expr) (call, []ast.Expr) {
	if len(args) == 0 || len(c.args) == 0 {
		return c, args
	}
	tv := r.bodies.Types[args[0]]
	if tv.Type == nil {
		return c, args
	}
	basic, _ := tv.Type.Underlying().(*types.Basic)
	_, function := tv.Type.Underlying().(*types.Signature)
	switch first := c.args[0].role; {
	case first == id && function:
		r.report(nameMissing(r.pos(args[0].Pos()), r.lineEnd(args[0]), name.Name))
		c.args = c.args[1:]
	case (first == code || first == block) && basic != nil && basic.Info()&types.IsString != 0:
		r.report(nameTooMuch(r.pos(args[0].Pos()), r.lineEnd(args[0]), name.Name, types.ExprString(args[0]), c.kind))
		args = args[1:]
	default:
		return c, args
	}
	r.ok = false
	return c, args
}

// arg returns what argument i is.
func (c call) arg(i int) arg {
	if len(c.args) == 0 {
		return arg{role: setting}
	}
	return c.args[min(i, len(c.args)-1)]
}

// arguments reads the functions among the arguments.
func (r *reader) arguments(c call, node int, args []ast.Expr) {
	name := ""
	for i, a := range args {
		switch arg := c.arg(i); arg.role {
		case caseOf:
			name = r.constant(a)
		case outcome:
			name = r.outcome(a)
		case code:
			r.code(node, arg.name, a)
		case more:
			if c.kind == "" {
				r.option(a, &r.draft.Nodes[node])
			}
		case block:
			if b := cmp.Or(name, arg.name); b != "" && r.draft.Nodes[node].Block(b) != definition.None {
				r.report(secondBlock(r.pos(a.Pos()), r.draft.Nodes[node].ID, b))
			}
			r.block(a, r.draft.Open(node, cmp.Or(name, arg.name)))
		}
	}
}

// block reads a function that adds nodes.
func (r *reader) block(x ast.Expr, seq *definition.Sequence) {
	switch x := ast.Unparen(x).(type) {
	case *ast.FuncLit:
		r.body(x.Body, seq)
		return
	case *ast.Ident:
		if r.bodies.Types[x].IsNil() {
			return
		}
		if fn := r.work.function(x.Name); fn != nil && r.marked.has(x.Name, "workflow") {
			r.function(fn, seq)
			return
		}
	}
	r.report(unmarkedCall(r.pos(x.Pos()), r.lineEnd(x), name(x)))
	r.ok = false
}

// code notes a function that runs with an instance.
func (r *reader) code(node int, what string, x ast.Expr) {
	if r.bodies.Types[x].IsNil() {
		return
	}
	r.hashed[node].code = append(r.hashed[node].code, x)
	c := r.look(x)
	c.What, c.Block = what, len(r.draft.Nodes[node].Blocks)
	r.nodes[node].Code = append(r.nodes[node].Code, c)
}

// option reads an option of a loop, a child or a cancel condition, and returns the id that it gives, if it does.
func (r *reader) option(x ast.Expr, n *definition.Node) (id string, ok bool) {
	if x, ok := ast.Unparen(x).(*ast.CallExpr); ok {
		fn, _ := called(x)
		name := runtimeFunc(r.bodies, fn)
		if o, known := options()[name]; known {
			if o.set != nil {
				o.set(n)
			}
			if o.named && len(x.Args) == 1 {
				return r.segment(x.Args[0]), true
			}
			if o.number != nil && len(x.Args) == 1 {
				o.number(n, r.number(x.Args[0]))
			}
			return "", false
		}
	}
	r.report(notConstant(r.pos(x.Pos()), r.lineEnd(x), "an option"))
	r.ok = false
	return "", false
}

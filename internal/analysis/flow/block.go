package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"path/filepath"
	"strconv"

	"github.com/wfegen/wfe/internal/analysis/model"
	"github.com/wfegen/wfe/runtime/definition"
)

// block compiles the statements of one block.
type block struct {
	*compiler
	in    *instance
	frame *frame
	seq   *definition.Sequence
	leave leave
	node  int // whose block it is, None for the function's
	index int // which of its blocks

	closed  bool              // it is the body of the function, or of a closure that is given to wfe
	open    int               // how many blocks of the source are open in it
	tail    bool              // at its end a return without values would change nothing
	later   []func()          // what follows once the node is there
	absorb  *unit             // of the node added last, as long as it may take what follows
	pending *unit             // code that waits for the next node, or for the end of the block
	entries []func(w *writer) // what adds the nodes, in order
	round   *frame            // the frame of which it is the round or element, nil for none
	number  *cell             // the index of the element
	unnamed bool              // the directive above is for what the statement is part of
	returns bool              // where a way through the pending code meets a call, that code ends: it may go on elsewhere
}

// inner opens a block of a node.
func (b *block) inner(node int, name string) *block {
	return &block{compiler: b.compiler, in: b.in, frame: b.frame, leave: b.leave, seq: b.draft.Open(node, name),
		node: node, index: len(b.draft.Nodes[node].Blocks) - 1}
}

// loop opens a block of a node that runs in rounds or for elements, which have variables of their own.
func (b *block) loop(node int, name string) *block {
	in := b.inner(node, name)
	in.round = &frame{outer: b.frame, cell: b.fresh("round")}
	in.frame = in.round
	b.frames, b.rounds = append(b.frames, in.round), append(b.rounds, in)
	return in
}

// add adds a node.
func (b *block) add(at ast.Node, id string, n definition.Node) int {
	b.flush()
	b.absorb = nil
	if !b.host.Segment(at, id) {
		b.ok = false
	}
	pos, end := b.host.Fset.PositionFor(at.Pos(), false), b.host.Fset.PositionFor(at.End(), false)
	if end.Line != pos.Line {
		end = token.Position{}
	}
	b.nodes = append(b.nodes, model.Node{Pos: pos, End: end})
	b.entries = append(b.entries, func(w *writer) { // the runtime takes the position of the node from it
		w.line(model.Piece{Line: pos.Line, File: filepath.Base(pos.Filename)})
	})
	b.code = append(b.code, nil)
	return b.draft.Add(b.seq, id, n)
}

// edge returns the unit of the code that stands behind the node added last, or at the beginning of the block.
func (b *block) edge() *unit {
	if b.pending == nil {
		b.pending = &unit{leads: true, node: b.seq.Last, what: "code"}
		if b.seq.Last == definition.None {
			b.pending.node = b.node
		}
	}
	return b.pending
}

// flush ends the edge.
func (b *block) flush() {
	u := b.pending
	if u == nil {
		return
	}
	b.close(0)
	b.pending = nil
	e := &edge{unit: u, path: b.seq.Path, node: b.seq.Last, of: b.node, block: b.index}
	b.edges = append(b.edges, e)
	call := "After"
	if e.node == definition.None {
		call = "First"
	} else {
		for _, f := range u.frags {
			if f.node != nil {
				b.shown(e.node, "then", f.node)
			}
		}
	}
	b.entries = append(b.entries, func(w *writer) {
		w.text("%s.%s(", w.builderName, call)
		w.function(u, "int")
		for _, x := range u.exits {
			w.text(", ")
			w.wfe("Exit")
			w.text("{")
			if x.fail != "" {
				w.text("Fail: %s", strconv.Quote(x.fail))
			}
			if x.node != definition.None {
				w.text("Node: %s", strconv.Quote(w.draft.Nodes[x.node].ID))
				if x.leave {
					w.text(", Leave: true")
				}
			}
			w.text("}")
		}
		w.text(")\n")
		w.storesCall(u)
	})
}

// function writes a function that is given the data.
func (w *writer) function(u *unit, result string) {
	w.text("func(")
	w.state()
	w.text(") %s {\n", result)
	w.body(u)
	w.text("}")
}

// block writes the calls that fill a block.
func (w *writer) block(b *block) {
	head, rest := &writer{compiler: w.compiler}, &writer{compiler: w.compiler}
	for _, e := range b.entries {
		e(rest)
	}
	if b.round != nil && !b.round.empty() {
		head.text("%s := ", b.round.cell)
		head.wfe("Frame")
		head.text("(%s, ", w.builderName)
		head.out = append(head.out, model.Piece{Codec: b.round.model.Type})
		head.text(")\n")
	}
	if b.number != nil && b.number.used {
		head.text("%s := ", b.number.name)
		head.wfe("Index")
		head.text("(%s)\n", w.builderName)
	}
	w.add(head.out)
	w.add(rest.out)
}

// inBlock writes a function that fills a block.
func (w *writer) inBlock(b *block, more ...func()) {
	w.text("func(")
	w.builder()
	for _, m := range more {
		w.text(", ")
		m()
	}
	w.text(") {\n")
	w.block(b)
	w.text("}")
}

// close ends blocks of the source in the pending code, but for the outermost ones.
func (b *block) close(but int) {
	if u := b.pending; u != nil {
		for ; u.opened > but; u.opened-- {
			u.frags = append(u.frags, frag{in: b.in, text: "}", brace: true})
		}
	}
}

// plain adds a fragment to a unit.
func (b *block) plain(u *unit, f frag) {
	for ; u.leads && u.opened < b.open; u.opened++ { // names are declared in the block that they are declared in
		u.frags = append(u.frags, frag{in: b.in, text: "{", brace: true})
	}
	f.in, u.seq = b.in, b.seq
	b.substitute(&f)
	if f.leave == nil && u.leads {
		l := b.leave
		f.leave = &l
	}
	u.frags = append(u.frags, f)
	if f.node != nil {
		b.note(u, f)
		if u.node != definition.None {
			b.code[u.node] = append(b.code[u.node], f.node)
		}
		ast.Inspect(f.node, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				if c, ok := b.host.Info.Defs[id].(*types.Const); ok {
					b.constUnit[key{b.in, c}] = u
				}
			}
			return true
		})
	}
	if v := f.define; v != nil && v.unit == nil {
		v.unit, v.begins = u, true
	}
}

// substitute puts what is known already in place of the expressions in a fragment.
func (b *block) substitute(f *frag) {
	if f.node == nil || len(b.known) == 0 {
		return
	}
	instead := maps.Clone(f.instead)
	ast.Inspect(f.node, func(n ast.Node) bool {
		v := b.known[at{b.in, n}]
		if v == nil {
			return true
		}
		if instead == nil {
			instead = map[ast.Node]other{}
		}
		instead[n] = other{vars: []*variable{v}}
		return false
	})
	f.instead = instead
}

// unit makes a unit of a node.
func (b *block) unit(node int, what string, f frag) *unit {
	u := &unit{node: node, what: what}
	b.plain(u, f)
	n := &b.nodes[node]
	c := model.Code{What: what, Block: len(b.draft.Nodes[node].Blocks)}
	if f.node != nil {
		c.Pos, c.Text = b.host.Fset.PositionFor(f.node.Pos(), false), oneLine(b.host.Text(f.node.Pos(), f.node.End()))
		if x, ok := f.node.(ast.Expr); ok {
			if v := b.host.Info.Types[x].Value; v != nil && v.Kind().String() == "Bool" {
				is := v.String() == "true"
				c.Constant = &is
			}
		}
	}
	n.Code = append(n.Code, c)
	return u
}

// statements compiles a list of statements. last says that it ends the function or the block.
func (b *block) statements(list []ast.Stmt, last bool) {
	for i, s := range list {
		if u := b.absorb; u != nil && b.pending == nil && b.absorbs(s) {
			b.plain(u, frag{node: s})
			continue
		}
		b.absorb = nil
		b.ahead(list[i:])
		b.statement(s, last && i == len(list)-1)
		if failOf(b.host.Info, s) != nil { // what follows is there for Go, which does not know that it does not return
			break
		}
	}
	if last {
		b.flush()
	}
}

// statement compiles one. last says that nothing of the block follows.
func (b *block) statement(s ast.Stmt, last bool) {
	switch {
	case b.copied[at{b.in, s}]:
		return
	case !b.calls(s):
		b.copy(s, last)
		return
	}
	switch s := s.(type) {
	case *ast.BlockStmt:
		b.open++
		for i, inner := range s.List {
			b.ahead(s.List[i:])
			b.statement(inner, last && i == len(s.List)-1)
		}
		b.open--
		b.close(b.open)
	case *ast.IfStmt:
		b.ifElse(s)
	case *ast.SwitchStmt:
		b.decide(s)
	case *ast.TypeSwitchStmt:
		b.decideType(s)
	case *ast.ForStmt:
		b.while(s)
	case *ast.RangeStmt:
		b.each(s)
	case *ast.ExprStmt, *ast.AssignStmt, *ast.DeclStmt, *ast.ReturnStmt:
		b.call(s, last)
	default:
		b.cannot(s)
	}
}

// copy adds a statement without calls of the runtime to the edge. A return at the end of a block only hands on results.
func (b *block) copy(s ast.Stmt, last bool) {
	switch ret := s.(type) {
	case *ast.EmptyStmt:
		return
	case *ast.ReturnStmt:
		switch {
		case !last || !b.tail:
		case len(ret.Results) == 0:
			return
		default:
			b.plain(b.edge(), frag{node: s, results: b.leave.results})
			return
		}
	}
	b.plain(b.edge(), frag{node: s})
}

// calls reports whether there is a call of the runtime in a statement, or of a function that is given the Flow.
func (c *compiler) calls(n ast.Node) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && c.isCall(call) {
			found = true
		}
		return !found
	})
	return found
}

// isCall reports whether a call has to do with the Flow.
func (c *compiler) isCall(call *ast.CallExpr) bool {
	t := c.host.Info.TypeOf(call.Fun)
	if t == nil {
		return false
	}
	sig, ok := t.Underlying().(*types.Signature)
	return ok && takesFlow(sig) && !isPlain(c.host.Info, call)
}

// takesFlow reports whether a function has a parameter of type *wfe.Flow.
func takesFlow(sig *types.Signature) bool {
	for v := range sig.Params().Variables() {
		if isFlow(v.Type()) {
			return true
		}
	}
	return false
}

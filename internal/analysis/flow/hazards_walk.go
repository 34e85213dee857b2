package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// walker follows a workflow function through its statements, with the helpers where they are called, as often as the
// state at the beginning of a loop changes. It knows at each point what shares memory, and for each variable in which
// unit it was declared: what lies between two places where the workflow can rest is one unit.
type walker struct {
	*hazards
	*places
	unit      int
	units     map[*types.Var]int  // in which a variable was declared
	ofRound   map[*types.Var]bool // variables of a round of a loop in a saga
	counters  map[*types.Var]bool // variables of three-clause loops in a saga
	steps     map[*types.Var]bool // variables that hold a step
	cells     map[*types.Var]bool // elements and indices, which loops keep themselves
	unsaved   map[*types.Var]bool // variables that have been reported
	loops     int                 // around the point, with calls in them
	sagas     int                 // around the point
	around    int                 // the loops around the outermost of these
	guards    []guard
	recorders []*recorder
	statement ast.Node // that is one transition
	calls     []*ast.FuncDecl
	leave     *leaving
	inUndo    *ast.FuncLit
	asked     map[*types.Var]bool  // in an expression of a node: the variables that are its own; else nil
	local     map[types.Object]int // types declared in functions: the unit
}

// guard is a loop that is being run through.
type guard struct {
	over  place
	value bool       // it has a variable for the elements
	key   *types.Var // its index; nil where it has none
	at    span
}

// leaving collects the states in which a scope is left.
type leaving struct {
	outer    *leaving
	brk      *state
	cont     *state
	ret      *state
	function bool // return leaves it
	loop     bool // continue leaves a round of it
	returns  [][]source
}

func newWalker(h *hazards) *walker {
	w := &walker{hazards: h, units: map[*types.Var]int{}, ofRound: map[*types.Var]bool{}, counters: map[*types.Var]bool{},
		steps: map[*types.Var]bool{}, cells: map[*types.Var]bool{}, unsaved: map[*types.Var]bool{}, local: map[types.Object]int{}}
	w.places = &places{hazards: h, data: map[*types.Var]*types.Var{}}
	return w
}

// function follows the workflow function.
func (w *walker) function(fn *ast.FuncDecl) {
	if fn.Body == nil {
		return
	}
	for _, f := range fn.Type.Params.List {
		for _, name := range f.Names {
			if v, ok := w.Info.Defs[name].(*types.Var); ok && !isFlow(v.Type()) {
				w.data[v] = v
			}
		}
	}
	w.calls = []*ast.FuncDecl{fn}
	w.scope(&leaving{function: true}, func() *state { return w.list(fn.Body.List, newState()) })
}

// scope runs something in which return, break or continue may leave.
func (w *walker) scope(l *leaving, run func() *state) *state {
	l.outer, w.leave = w.leave, l
	out := run()
	w.leave = l.outer
	return out
}

func (w *walker) list(list []ast.Stmt, s *state) *state {
	if s == nil {
		return nil
	}
	for i, stmt := range list {
		if s == nil {
			w.dead(stmt, list[i-1])
			return nil
		}
		s = w.stmt(stmt, s)
	}
	return s
}

// dead reports a statement that is never reached, but for one that the compiler asks for.
func (w *walker) dead(stmt, last ast.Stmt) {
	switch stmt := stmt.(type) {
	case *ast.ReturnStmt, *ast.BranchStmt, *ast.EmptyStmt:
		return
	case *ast.ExprStmt:
		if call, ok := stmt.X.(*ast.CallExpr); ok && w.isPanic(call) {
			return
		}
	}
	w.report(neverReached(w.span(stmt), w.pos(last.Pos())))
}

func (w *walker) isPanic(call *ast.CallExpr) bool {
	id := callee(call.Fun)
	return id != nil && id.Name == "panic" && w.Info.Types[call.Fun].IsBuiltin()
}

// rest is a place where the workflow can rest, or where one unit ends and the next begins.
func (w *walker) rest(s *state) *state {
	w.unit++
	s.rest()
	return s
}

// stmt follows one statement.
func (w *walker) stmt(stmt ast.Stmt, s *state) *state {
	if stmt == nil || s == nil {
		return s
	}
	waits := w.waits(stmt)
	if !waits && w.statement == nil {
		w.typesIn(stmt)
		w.statement = stmt
		defer func() { w.statement = nil }()
	}
	switch stmt := stmt.(type) {
	case *ast.BlockStmt:
		return w.list(stmt.List, s)
	case *ast.LabeledStmt:
		return w.stmt(stmt.Stmt, s)
	case *ast.IfStmt:
		return w.ifElse(stmt, s)
	case *ast.SwitchStmt:
		s = w.stmt(stmt.Init, s)
		return w.switches(stmt.Tag, stmt.Body, waits && w.waits(stmt.Body), s)
	case *ast.TypeSwitchStmt:
		s = w.stmt(stmt.Init, s)
		s = w.stmt(stmt.Assign, s)
		return w.switches(nil, stmt.Body, waits, s)
	case *ast.ForStmt:
		return w.forLoop(stmt, waits, s)
	case *ast.RangeStmt:
		return w.rangeLoop(stmt, waits, s)
	case *ast.ReturnStmt:
		return w.returns(stmt, s)
	case *ast.BranchStmt:
		return w.jump(stmt, s)
	case *ast.ExprStmt:
		if call, ok := ast.Unparen(stmt.X).(*ast.CallExpr); ok {
			if w.isWait(call) {
				_, s = w.wfe(call, s)
				return s
			}
			w.read(call, s)
			if w.isPanic(call) {
				return nil
			}
			return s
		}
		w.read(stmt.X, s)
	case *ast.AssignStmt:
		return w.assign(stmt.Lhs, stmt.Rhs, stmt.Tok, s)
	case *ast.IncDecStmt:
		w.read(stmt.X, s)
		w.write(stmt.X, "", s)
	case *ast.DeclStmt:
		return w.declare(stmt, s)
	case *ast.DeferStmt:
		w.read(stmt.Call, s)
	case *ast.GoStmt:
		w.read(stmt.Call, s)
	case *ast.SendStmt:
		w.read(stmt.Value, s)
	}
	return s
}

func (w *walker) ifElse(stmt *ast.IfStmt, s *state) *state {
	s = w.stmt(stmt.Init, s)
	node := w.waits(stmt.Body) || stmt.Else != nil && w.waits(stmt.Else)
	if node {
		s = w.rest(s)
	}
	w.readFor(node, stmt.Cond, s)
	if node {
		s = w.rest(s)
	}
	then := w.stmt(stmt.Body, s.clone())
	otherwise := s
	if stmt.Else != nil {
		w.unitIf(node)
		otherwise = w.stmt(stmt.Else, s.clone())
	}
	w.unitIf(node)
	out := join(then, otherwise)
	if node {
		out.rest()
	}
	return out
}

func (w *walker) unitIf(node bool) {
	if node {
		w.unit++
	}
}

func (w *walker) switches(tag ast.Expr, body *ast.BlockStmt, node bool, s *state) *state {
	if s == nil {
		return nil
	}
	if node {
		s = w.rest(s)
	}
	if tag != nil {
		w.readFor(node, tag, s)
	}
	var out *state
	l := &leaving{}
	complete := false
	w.scope(l, func() *state {
		falls := (*state)(nil)
		for _, c := range body.List {
			clause, ok := c.(*ast.CaseClause)
			if !ok {
				continue
			}
			complete = complete || clause.List == nil
			for _, x := range clause.List {
				if !w.Info.Types[x].IsType() {
					w.readFor(node, x, s)
				}
			}
			w.unitIf(node)
			in := s.clone()
			if node {
				in.rest()
			}
			end := w.list(clause.Body, join(in, falls))
			falls = nil
			if n := len(clause.Body); n > 0 && end != nil {
				if b, ok := clause.Body[n-1].(*ast.BranchStmt); ok && b.Tok == token.FALLTHROUGH {
					falls, end = end, nil
				}
			}
			out = join(out, end)
		}
		return nil
	})
	out = join(out, l.brk)
	if !complete {
		out = join(out, s)
	}
	w.unitIf(node)
	if node {
		out.rest()
	}
	return out
}

func (w *walker) jump(stmt *ast.BranchStmt, s *state) *state {
	for l := w.leave; l != nil; l = l.outer {
		switch {
		case stmt.Tok == token.BREAK && !l.function:
			l.brk = join(l.brk, s)
			return nil
		case stmt.Tok == token.CONTINUE && l.loop:
			l.cont = join(l.cont, s)
			return nil
		case l.function:
			if stmt.Tok == token.FALLTHROUGH {
				return s
			}
			return nil
		}
	}
	if stmt.Tok == token.FALLTHROUGH {
		return s
	}
	return nil
}

func (w *walker) returns(stmt *ast.ReturnStmt, s *state) *state {
	var sources [][]source
	for _, x := range stmt.Results {
		if call := w.chain(x); call != nil {
			var of [][]source
			if of, s = w.wfe(call, s); len(of) > 0 {
				sources = append(sources, of...)
			}
			if s == nil {
				return nil
			}
			continue
		}
		w.read(x, s)
		sources = append(sources, w.sources(x))
	}
	for l := w.leave; l != nil; l = l.outer {
		if l.function {
			l.ret = join(l.ret, s)
			for i, of := range sources {
				for len(l.returns) <= i {
					l.returns = append(l.returns, nil)
				}
				l.returns[i] = append(l.returns[i], of...)
			}
			break
		}
	}
	return nil
}

// again runs a body until the state at its beginning says nothing new. It returns that state.
func (w *walker) again(s *state, body func(*state) *state) *state {
	for range 4 {
		next := join(s, body(s.clone()))
		if same(s, next) {
			break
		}
		s = next
	}
	return s
}

func (w *walker) forLoop(stmt *ast.ForStmt, waits bool, s *state) *state {
	s = w.stmt(stmt.Init, s)
	if a, ok := stmt.Init.(*ast.AssignStmt); ok && a.Tok == token.DEFINE && w.sagas > 0 {
		for _, x := range a.Lhs {
			if v, ok := w.Info.Defs[x.(*ast.Ident)].(*types.Var); ok {
				w.counters[v] = true
			}
		}
	}
	var out *state
	w.again(s, func(s *state) *state {
		l := &leaving{loop: true}
		if waits {
			s = w.rest(s)
		}
		if stmt.Cond != nil {
			w.readFor(waits, stmt.Cond, s)
			out = join(out, s)
		}
		if waits {
			s = w.rest(s)
			w.loops++
			defer func() { w.loops-- }()
		}
		end := w.scope(l, func() *state { return w.list(stmt.Body.List, s) })
		out = join(out, l.brk)
		end = join(end, l.cont)
		if waits {
			w.unit++
			end.rest()
		}
		return w.stmt(stmt.Post, end)
	})
	if waits {
		w.unit++
		out.rest()
	}
	return out
}

func (w *walker) rangeLoop(stmt *ast.RangeStmt, waits bool, s *state) *state {
	if waits {
		s = w.rest(s)
	}
	w.readFor(waits, stmt.X, s)
	over, known := w.place(stmt.X)
	if waits {
		s = w.rest(s)
		w.loops++
		defer func() { w.loops-- }()
		if known && guarded(w.typeOf(stmt.X)) {
			w.guards = append(w.guards, guard{over, !blank(stmt.Value), w.counter(stmt), w.span(stmt.X)})
			defer func() { w.guards = w.guards[:len(w.guards)-1] }()
		}
	}
	out := s.clone()
	begin := w.again(s, func(s *state) *state {
		l := &leaving{loop: true}
		for _, x := range []ast.Expr{stmt.Key, stmt.Value} {
			if x == nil {
				continue
			}
			w.target(x, s)
			if v, ok := w.Info.Defs[ident(x)].(*types.Var); ok {
				w.cells[v] = w.cells[v] || waits
			}
			if p, ok := w.place(x); ok && x == stmt.Value && known && bears(w.typeOf(x)) {
				kind := beyond
				if _, array := w.typeOf(stmt.X).Underlying().(*types.Array); array {
					kind = inside
				}
				s.share(p, over.with(hop{kind: kind}))
			}
		}
		if waits {
			s = w.rest(s)
		}
		end := w.scope(l, func() *state { return w.list(stmt.Body.List, s) })
		out = join(out, l.brk)
		end = join(end, l.cont)
		if waits {
			w.unit++
			end.rest()
		}
		return end
	})
	out = join(out, begin)
	if waits {
		w.unit++
		out.rest()
	}
	return out
}

// counter returns the index of a loop, nil where it has none or gives it other values.
func (w *walker) counter(stmt *ast.RangeStmt) *types.Var {
	v, ok := w.Info.Defs[ident(stmt.Key)].(*types.Var)
	if !ok {
		return nil
	}
	ast.Inspect(stmt.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, x := range n.Lhs {
				ok = ok && w.Info.Uses[ident(x)] != v
			}
		case *ast.IncDecStmt:
			ok = ok && w.Info.Uses[ident(n.X)] != v
		case *ast.UnaryExpr:
			ok = ok && (n.Op != token.AND || w.Info.Uses[ident(n.X)] != v)
		}
		return true
	})
	if !ok {
		return nil
	}
	return v
}

// blank reports whether there is no variable, or one that keeps nothing.
func blank(x ast.Expr) bool { return x == nil || ident(x) != nil && ident(x).Name == "_" }

// guarded reports whether a loop over something of a type takes it at its beginning, and other rules would hold if it
// changed.
func guarded(t types.Type) bool {
	switch t := t.Underlying().(type) {
	case *types.Slice, *types.Array, *types.Pointer:
		return true
	case *types.Basic:
		return t.Info()&types.IsString != 0
	}
	return false
}

func ident(x ast.Expr) *ast.Ident {
	if x == nil {
		return nil
	}
	id, _ := ast.Unparen(x).(*ast.Ident)
	return id
}

// enter notes the declaration of a variable.
func (w *walker) enter(v *types.Var) {
	w.units[v] = w.unit
	w.ofRound[v] = w.sagas > 0 && w.loops > w.around
	for _, r := range w.recorders {
		r.own[v] = true
	}
	if w.asked != nil {
		w.asked[v] = true
	}
}

func (w *walker) declare(stmt *ast.DeclStmt, s *state) *state {
	decl, ok := stmt.Decl.(*ast.GenDecl)
	if !ok {
		return s
	}
	for _, spec := range decl.Specs {
		if t, ok := spec.(*ast.TypeSpec); ok {
			w.local[w.Info.Defs[t.Name]] = w.unit
		}
		v, ok := spec.(*ast.ValueSpec)
		if !ok {
			continue
		}
		names := make([]ast.Expr, len(v.Names))
		for i, name := range v.Names {
			names[i] = name
		}
		if len(v.Values) > 0 {
			s = w.assign(names, v.Values, token.DEFINE, s)
			continue
		}
		for _, name := range v.Names {
			w.target(name, s)
		}
	}
	return s
}

// assign follows an assignment.
func (w *walker) assign(lhs, rhs []ast.Expr, tok token.Token, s *state) *state {
	shared := make([][]source, len(lhs))
	constant := ""
	var call *ast.CallExpr
	if len(rhs) == 1 {
		call = w.chain(rhs[0])
	}
	if call != nil {
		var of [][]source
		done := w.record(func() { of, s = w.wfe(call, s) })
		if s == nil {
			return nil
		}
		for _, x := range lhs {
			w.leftOf(call, x, done)
		}
		if ast.Unparen(rhs[0]) == call {
			copy(shared, of)
		}
		defer func() { w.unit++ }()
	} else {
		for i, x := range rhs {
			w.read(x, s)
			switch {
			case len(lhs) == len(rhs):
				shared[i] = w.sources(x)
			default:
				for j := range lhs {
					shared[j] = w.sources(x)
				}
			}
		}
		if v := w.Info.Types[rhs[0]].Value; v != nil && len(rhs) == 1 {
			constant = v.ExactString()
		}
	}
	statement := w.statement
	if call != nil {
		w.statement = rhs[0]
		defer func() { w.statement = statement }()
	}
	for _, x := range lhs {
		if tok != token.ASSIGN && tok != token.DEFINE {
			w.read(x, s)
		}
	}
	for i, x := range lhs {
		w.target(x, s, constant)
		if v, ok := w.Info.Defs[ident(x)].(*types.Var); ok && call != nil && ast.Unparen(rhs[0]) == call {
			if _, c, ok := readCall(w.Info, call); ok && len(c.args) > 0 && c.args[0].role == asStep && i == 0 {
				w.steps[v] = true
			}
		}
	}
	for i, x := range lhs {
		if p, ok := w.place(x); ok && ident(x) == nil || ok && ident(x).Name != "_" {
			for _, from := range shared[i] {
				s.share(p.with(from.sub...), from.from)
			}
		}
	}
	if call != nil {
		s.rest()
	}
	return s
}

// leftOf reports what the left side of an assignment reads to find its place, when the call on the right writes it: Go
// leaves open which comes first.
func (w *walker) leftOf(call *ast.CallExpr, x ast.Expr, done *recorder) {
	ast.Inspect(x, func(n ast.Node) bool {
		inner, ok := n.(ast.Expr)
		if !ok || inner == x {
			return true
		}
		p, ok := w.place(inner)
		if !ok {
			return true
		}
		for _, a := range done.got {
			if _, part := a.place.below(p); a.writes && part {
				w.report(leftAndRight(w.span(inner), p, w.text(call.Fun), a.at))
				return false
			}
		}
		return true
	})
}

// target follows what an assignment or a declaration gives a value to.
func (w *walker) target(x ast.Expr, s *state, constant ...string) {
	if v, ok := w.Info.Defs[ident(x)].(*types.Var); ok {
		w.enter(v)
		s.replaced(place{root: v})
		delete(s.caught, v)
		return
	}
	w.write(x, slices.Concat(constant, []string{""})[0], s)
}

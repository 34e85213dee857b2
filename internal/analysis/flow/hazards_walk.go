package flow

import (
	"go/ast"
	"go/token"
	"go/types"
)

// walker follows a workflow function through its statements, with the helpers where they are called, as often as the
// state at the beginning of a loop changes. It knows at each point what shares memory, and for each variable in which
// unit it was declared: what lies between two places where the workflow can rest is one unit.
type walker struct {
	*hazards
	*places
	unit      int
	last      int                          // the unit that was begun last
	units     map[*types.Var]int           // in which a variable was declared
	news      map[int][]*types.Var         // the variables that a unit declares
	ofRound   map[*types.Var]bool          // variables of a round of a loop in a saga
	counters  map[*types.Var]bool          // variables of three-clause loops in a saga
	steps     map[*types.Var]bool          // variables that hold a step
	cells     map[*types.Var]bool          // elements and indices, which loops keep themselves
	from      map[*types.Var]*ast.CallExpr // the call of a helper that a variable has its value from
	inCond    bool                         // of a loop with calls
	unsaved   map[*types.Var]bool          // variables that have been reported
	loops     int                          // around the point, with calls in them
	sagas     int                          // around the point
	around    int                          // the loops around the outermost of these
	guards    []guard
	recorders []*recorder
	statement ast.Node // that is one transition
	calls     []*ast.FuncDecl
	leave     *leaving
	label     string // of the statement that comes next
	inUndo    *ast.FuncLit
	asked     map[*types.Var]bool      // in an expression of a node: the variables that are its own; else nil
	local     map[types.Object]int     // types declared in functions: the unit
	dynamics  map[*types.Var]*dynamic  // variables with something in an any that cannot be read again
	dynamicOf map[*types.Func]*dynamic // and functions that put such a thing there
	before    map[ast.Node]bool        // expressions of the call that is followed, which the unit before it has computed
}

func newWalker(h *hazards) *walker {
	w := &walker{hazards: h, units: map[*types.Var]int{}, news: map[int][]*types.Var{}, ofRound: map[*types.Var]bool{}, counters: map[*types.Var]bool{},
		steps: map[*types.Var]bool{}, cells: map[*types.Var]bool{}, unsaved: map[*types.Var]bool{}, from: map[*types.Var]*ast.CallExpr{}, local: map[types.Object]int{},
		dynamics: map[*types.Var]*dynamic{}, dynamicOf: map[*types.Func]*dynamic{}}
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
	case *ast.ReturnStmt, *ast.BranchStmt, *ast.EmptyStmt, *ast.LabeledStmt: // a goto, which is refused, may lead to a label
		return
	case *ast.ExprStmt:
		if call, ok := stmt.X.(*ast.CallExpr); ok && isPanic(w.Info, call) {
			return
		}
	}
	w.report(neverReached(w.span(stmt), w.pos(last.Pos())))
}

// next begins a unit.
func (w *walker) next() {
	w.last++
	w.unit = w.last
}

// rest is a place where the workflow can rest, or where one unit ends and the next begins.
func (w *walker) rest(s *state) *state {
	w.next()
	s.rest()
	return s
}

// named takes the label of the statement that is followed.
func (w *walker) named() string {
	label := w.label
	w.label = ""
	return label
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
		w.label = stmt.Label.Name
		return w.stmt(stmt.Stmt, s)
	case *ast.IfStmt:
		return w.ifElse(stmt, s)
	case *ast.SwitchStmt:
		s = w.stmt(stmt.Init, s)
		return w.switches(stmt, stmt.Tag, stmt.Body, s)
	case *ast.TypeSwitchStmt:
		s = w.stmt(stmt.Init, s)
		_, x := typeSwitch(stmt)
		return w.switches(stmt, x, stmt.Body, s)
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
			if isFail(w.Info, call) {
				w.read(call.Args[1], s)
				return nil
			}
			w.read(call, s)
			if isPanic(w.Info, call) {
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

// enter notes the declaration of a variable.
func (w *walker) enter(v *types.Var) {
	w.units[v] = w.unit
	w.news[w.unit] = append(w.news[w.unit], v)
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

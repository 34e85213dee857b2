package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strconv"

	"github.com/wfegen/wfe/internal/analysis/diag"
	"github.com/wfegen/wfe/internal/analysis/model"
	"github.com/wfegen/wfe/runtime/definition"
)

// Host is what the compiler asks of the reader of packages.
type Host struct {
	Fset *token.FileSet
	Info *types.Info
	Pkg  *types.Package

	Known Input // of the package, without a function

	Text      func(pos, end token.Pos) []byte         // the source from one place to another
	Hash      func(fn *ast.FuncDecl) string           // of its source
	Function  func(name string) *ast.FuncDecl         // a function of the package
	ID        func(stmt ast.Node) (string, bool)      // what //wfe:id above a statement says
	Declared  func(types.Type) types.Type             // a type as the package declares it, and not as its bodies name it
	TypeID    func(types.Type) model.TypeID           // enters a type that is saved or named, as it is declared
	Step      func(at ast.Expr, t *types.Named) *Step // nil, with a finding, where it is none
	Segment   func(at ast.Node, id string) bool       // reports an id that is none
	Event     func(at ast.Expr, t *types.Named) (name string, ok bool)
	Child     func(at ast.Expr) (pkg model.Import, ref, id string, ok bool) // the reference to a workflow function, or to a Ref, and the id of the workflow
	Rhythm    func(at ast.Expr, n *definition.Node) bool
	Free      func(name string) string    // a name like that which is free at the top of the package
	Qualifier func(*types.Package) string // how messages write packages
	Report    func(diag.Diagnostic)
}

// Step is a step as it is registered.
type Step struct {
	Name   string // in definitions of the package
	Undo   bool
	By     string        // the registered name of the step that undoes it
	Method *model.Method // how it would be wired by name; nil for a step of another package
	Item   types.Type    // what it branches into, nil if it does not
}

// Result is a compiled function.
type Result struct {
	Flow  *model.Flow
	Draft *definition.Draft
	Start []definition.Exit // of the code before the first node
	Nodes []model.Node
	Code  [][]ast.Node // of each node, what the hash of its code covers
}

// compiler compiles one workflow function.
type compiler struct {
	host        Host
	draft       *definition.Draft
	nodes       []model.Node
	code        [][]ast.Node
	data        types.Type
	dataKeys    map[key]bool // parameters that are the data
	dataName    string       // of parameters of generated functions
	varsName    string       // through which these reach the variables of the function
	builderName string
	names       map[string]bool // identifiers of the source
	top         *frame
	frames      []*frame
	rounds      []*block // those that have a frame of their own
	vars        map[key]*variable
	parts       map[key][]*variable // the saved fields of a step
	results     map[key]bool        // variables that hold the result of a call
	cells       map[key]*cell
	constUnit   map[key]*unit
	known       map[at]*variable // what code before a node has computed for it
	lastUse     map[types.Object]token.Pos
	copied      map[at]bool // statements that stand in it already
	decided     map[at]*decided
	entered     map[at]*entry // helpers of which the beginning stands in it
	uses        []use
	edges       []*edge
	codecs      []model.TypeID
	from        []*ast.FuncDecl
	kept        []*ast.Ident // definitions that are written as they stand
	ok          bool
	mem         *memory           // see memory
	imports     map[string]string // names of packages by path
	params      map[string]string // names of parameters by what they are
	locals      map[string]bool   // names of variables
}

// edge is the code between two nodes.
type edge struct {
	unit  *unit
	path  string // of the ids in its block
	node  int    // behind which it stands; None at the beginning of a block
	of    int    // the node whose block it begins; None for the function
	block int
}

// Compile compiles a function of the form func(w *wfe.Flow, data *Data). It returns nil when something of it cannot be
// compiled, which has been reported.
func Compile(h Host, fn *ast.FuncDecl, name string) *Result {
	c := &compiler{
		host: h, draft: definition.NewDraft(), names: map[string]bool{}, ok: true,
		dataKeys: map[key]bool{}, vars: map[key]*variable{}, parts: map[key][]*variable{}, results: map[key]bool{},
		cells: map[key]*cell{}, constUnit: map[key]*unit{},
		lastUse: map[types.Object]token.Pos{}, known: map[at]*variable{}, copied: map[at]bool{}, decided: map[at]*decided{}, entered: map[at]*entry{}, imports: map[string]string{}, params: map[string]string{}, locals: map[string]bool{},
	}
	in := &instance{fn: fn}
	params := parameters(fn.Type)
	data := h.Info.Defs[params[1]]
	c.data = data.Type().(*types.Pointer).Elem()
	c.dataKeys[key{in, data}] = true
	c.identifiers(fn)
	c.builderName, c.dataName, c.varsName = c.fresh("b"), c.fresh("d"), c.fresh("vars")
	c.top = &frame{}
	c.frames = []*frame{c.top}
	c.from = append(c.from, fn)
	b := &block{compiler: c, in: in, frame: c.top, seq: c.draft.Top(), node: definition.None, tail: true, closed: true}
	b.leave.ret = exit{node: definition.None}
	b.statements(fn.Body.List, true)
	if !c.ok {
		return nil
	}
	if c.settle(); !c.ok {
		return nil
	}
	return c.result(b, name)
}

// parameters are the names of a function's parameters.
func parameters(t *ast.FuncType) []*ast.Ident {
	var out []*ast.Ident
	for _, f := range t.Params.List {
		if len(f.Names) == 0 {
			out = append(out, ast.NewIdent("_"))
		}
		out = append(out, f.Names...)
	}
	return out
}

// identifiers collects the names in a function, and in the helpers that it calls.
func (c *compiler) identifiers(fn *ast.FuncDecl) {
	seen := map[*ast.FuncDecl]bool{}
	var walk func(fn *ast.FuncDecl)
	walk = func(fn *ast.FuncDecl) {
		if fn == nil || seen[fn] {
			return
		}
		seen[fn] = true
		ast.Inspect(fn, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				c.names[id.Name] = true
				if obj := c.host.Info.Defs[id]; obj != nil && obj.Parent() != c.host.Pkg.Scope() {
					c.locals[id.Name] = true
				}
				if v, ok := c.host.Info.Uses[id].(*types.Var); ok {
					c.lastUse[v] = max(c.lastUse[v], id.Pos())
				}
				if f, ok := c.host.Info.Uses[id].(*types.Func); ok && takesFlow(f.Signature()) {
					walk(c.host.Function(id.Name))
				}
			}
			return true
		})
	}
	walk(fn)
}

// fresh returns a name that the source does not use.
func (c *compiler) fresh(name string) string {
	out := name
	for i := 2; c.names[out] || types.Universe.Lookup(out) != nil || token.IsKeyword(out); i++ {
		out = name + strconv.Itoa(i)
	}
	c.names[out], c.locals[out] = true, true
	return out
}

// param returns the name of a parameter of generated functions.
func (c *compiler) param(name string) string {
	if c.params[name] == "" {
		c.params[name] = c.fresh(name)
	}
	return c.params[name]
}

func (c *compiler) isData(in *instance, obj types.Object) bool {
	return obj != nil && c.dataKeys[key{in, obj}]
}

// result writes what was compiled.
func (c *compiler) result(b *block, name string) *Result {
	r := &Result{Draft: c.draft, Nodes: c.nodes, Code: c.code}
	lower := lowerFirst(name)
	for i, f := range c.frames {
		stem := lower + "Vars"
		if i > 0 && f.empty() {
			continue
		}
		stem = c.host.Free(stem)
		named := f.declare(stem, c.host)
		f.named = named
		f.model = &model.Frame{Name: stem, Type: c.host.TypeID(named)}
		c.codecs = append(c.codecs, f.model.Type)
	}
	for _, in := range c.rounds {
		c.draft.Nodes[in.node].Blocks[in.index].Frame = !in.round.empty()
	}
	w := &writer{compiler: c}
	w.block(b)
	w.line(model.Piece{Line: 1})
	if !c.ok {
		return nil
	}
	for _, e := range c.edges {
		exits := make([]definition.Exit, len(e.unit.exits))
		for i, x := range e.unit.exits {
			exits[i] = definition.Exit{Node: x.node, Leave: x.leave}
			if x.fail != "" {
				exits[i].Fail = e.path + x.fail
			}
		}
		switch {
		case len(exits) == 0:
		case e.node != definition.None:
			c.draft.Nodes[e.node].Exits = exits
		case e.of != definition.None:
			c.draft.Nodes[e.of].Blocks[e.block].Exits = exits
		default:
			r.Start = exits
		}
	}
	f := &model.Flow{
		Compile: c.host.Free("compile" + exported(name)), Var: c.host.Free(lower + "Compiled"), Data: c.host.TypeID(c.data), Vars: c.top.model,
		Builder: c.builderName, Body: w.out,
	}
	for _, frame := range c.frames[1:] {
		if !frame.empty() {
			f.Frames = append(f.Frames, frame.model)
		}
	}
	slices.SortFunc(c.from, func(a, b *ast.FuncDecl) int { return int(a.Pos() - b.Pos()) })
	for _, fn := range slices.Compact(c.from) {
		f.From = append(f.From, model.Origin{Name: fn.Name.Name, Hash: c.host.Hash(fn)})
	}
	c.codecs = append(c.codecs, f.Data)
	f.Codecs, f.Locals = c.codecs, slices.Sorted(maps.Keys(c.locals))
	for _, path := range slices.Sorted(maps.Keys(c.imports)) {
		f.Imports = append(f.Imports, model.Import{Path: path, Name: c.imports[path]})
	}
	r.Flow = f
	return r
}

// declare makes the type of a frame.
func (f *frame) declare(name string, host Host) *types.Named {
	var fields []*types.Var
	var tags []string
	for _, v := range f.vars {
		if v.saved {
			fields = append(fields, types.NewField(v.pos, host.Pkg, v.as, host.Declared(v.typ), false))
			tags = append(tags, `json:"`+v.as+`,omitzero"`)
		}
	}
	return types.NewNamed(types.NewTypeName(token.NoPos, host.Pkg, name, nil), types.NewStruct(fields, tags), nil)
}

func lowerFirst(s string) string {
	if s == "" {
		return ""
	}
	for i, r := range s {
		if i > 0 && (r < 'A' || r > 'Z') {
			if i > 1 {
				i--
			}
			return toLower(s[:i]) + s[i:]
		}
	}
	return toLower(s)
}

func toLower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

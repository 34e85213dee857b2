package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// varsMember is the member of the saved data that holds the variables of the function.
const varsMember = "wfe:vars"

// stores collects which members of the saved data a unit writes.
type stores struct {
	*compiler
	frag  frag
	names []string
	all   bool // or any other one too
}

// stores returns the members of the saved data that a unit writes, by their names in JSON; ok is false when it may be any.
func (c *compiler) stores(u *unit) (names []string, ok bool) {
	s := &stores{compiler: c}
	for _, f := range u.frags {
		s.frag = f
		if f.define != nil {
			s.variable(f.define)
		}
		for _, v := range f.results {
			s.variable(v)
		}
		if f.node == nil {
			continue
		}
		if f.leave != nil {
			for _, v := range f.leave.results {
				s.variable(v)
			}
		}
		if x, ok := f.node.(ast.Expr); ok && f.assigned {
			s.write(x)
		}
		ast.Inspect(f.node, s.visit)
	}
	slices.Sort(s.names)
	return slices.Compact(s.names), !s.all
}

func (s *stores) variable(v *variable) {
	if v.saved && v.frame.cell == "" {
		s.names = append(s.names, varsMember)
	}
	if v.field == "" {
		for _, p := range s.parts[v.key] {
			s.variable(p)
		}
	}
}

func (s *stores) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.AssignStmt:
		for _, x := range n.Lhs {
			s.write(x)
		}
	case *ast.IncDecStmt:
		s.write(n.X)
	case *ast.RangeStmt:
		if n.Tok == token.ASSIGN {
			for _, x := range []ast.Expr{n.Key, n.Value} {
				if x != nil {
					s.write(x)
				}
			}
		}
	case *ast.ValueSpec:
		for _, name := range n.Names {
			s.write(name)
		}
	case *ast.UnaryExpr:
		if n.Op == token.AND {
			if _, literal := ast.Unparen(n.X).(*ast.CompositeLit); !literal {
				s.all = true // what is done through the pointer is not followed
			}
		}
	case *ast.SelectorExpr:
		if m := s.host.Info.Selections[n]; m != nil && m.Kind() == types.MethodVal { // called, or kept to be called
			s.all = s.all || reaches(m.Recv()) || hasPointerReceiver(m.Obj())
		}
	case *ast.CallExpr:
		if _, ok := s.frag.instead[n]; ok {
			return false
		}
		if isFail(s.host.Info, n) {
			ast.Inspect(n.Args[1], s.visit)
			return false
		}
		s.call(n)
	}
	return true
}

// write notes an assignment.
func (s *stores) write(x ast.Expr) { s.writeTo(x, false) }

// writeTo notes a write; through says that it is of an element, or of what a pointer leads to.
func (s *stores) writeTo(x ast.Expr, through bool) {
	for {
		switch e := ast.Unparen(x).(type) {
		case *ast.Ident:
			s.root(e, nil, through)
			return
		case *ast.IndexExpr:
			through, x = true, e.X
		case *ast.SliceExpr:
			through, x = true, e.X
		case *ast.StarExpr:
			through, x = true, e.X
		case *ast.SelectorExpr:
			if m := s.host.Info.Selections[e]; m != nil && m.Indirect() && len(m.Index()) > 1 { // an embedded pointer
				through = true
			}
			if id, ok := ast.Unparen(e.X).(*ast.Ident); ok {
				s.root(id, e, through)
				return
			}
			through = through || isPointer(s.host.Info.TypeOf(e.X))
			x = e.X
		default:
			s.all = true
			return
		}
	}
}

// root notes a write of a variable, or of a field of it.
func (s *stores) root(id *ast.Ident, field *ast.SelectorExpr, through bool) {
	obj := s.host.Info.Defs[id]
	if obj == nil {
		obj = s.host.Info.Uses[id]
	}
	k := key{s.frag.in, obj}
	switch v := s.vars[k]; {
	case id.Name == "_":
	case s.isData(s.frag.in, obj):
		s.member(field)
	case v == nil || through || field != nil && isPointer(obj.Type()):
		s.all = true // it may share memory with the data
	default:
		s.variable(v)
	}
}

func isPointer(t types.Type) bool {
	_, ok := t.Underlying().(*types.Pointer)
	return ok
}

// member notes a write of a field of the data.
func (s *stores) member(field *ast.SelectorExpr) {
	if field == nil {
		s.all = true
		return
	}
	sel := s.host.Info.Selections[field]
	data, ok := s.data.Underlying().(*types.Struct)
	if sel == nil || !ok || len(sel.Index()) != 1 || sel.Kind() != types.FieldVal {
		s.all = true
		return
	}
	i := sel.Index()[0]
	tag := reflect.StructTag(data.Tag(i)).Get("json")
	if !data.Field(i).Exported() || tag == "-" { // no member; another one may have its name
		s.all = true
		return
	}
	name, _, _ := strings.Cut(tag, ",")
	if name == "" {
		name = data.Field(i).Name()
	}
	s.names = append(s.names, name)
}

// call notes what a call may write: nothing, when it is one of a function that is given no way to reach the data.
func (s *stores) call(x *ast.CallExpr) {
	if tv := s.host.Info.Types[x.Fun]; tv.IsType() {
		return
	}
	if id, ok := ast.Unparen(x.Fun).(*ast.Ident); ok {
		if b, ok := s.host.Info.Uses[id].(*types.Builtin); ok {
			switch b.Name() {
			case "copy", "delete", "clear":
				s.write(x.Args[0])
				s.all = s.all || !s.fieldOfData(x.Args[0])
			case "append":
				s.appends(x)
			}
			return
		}
	}
	for _, arg := range x.Args {
		s.all = s.all || reaches(s.host.Info.TypeOf(arg))
	}
	if callee(x.Fun) == nil {
		s.all = true
	}
}

// appends notes what append writes: behind the end of a slice nobody looks, but in the room of one that was shortened, or that
// a variable has from somewhere else, there may be elements of another one.
func (s *stores) appends(call *ast.CallExpr) {
	if len(call.Args) < 2 {
		return
	}
	base, m := call.Args[0], s.memory()
	if len(m.sources(base)) == 0 {
		return
	}
	p, ok := m.place(base)
	switch {
	case !ok:
		s.all = true
	case shortened(base):
		s.writeTo(base, true)
	case !s.isData(s.frag.in, p.root):
		s.all = s.all || m.handed[p.root]
	}
}

// fieldOfData reports whether an expression is a field of the data.
func (s *stores) fieldOfData(x ast.Expr) bool {
	sel, ok := ast.Unparen(x).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	id, ok := ast.Unparen(sel.X).(*ast.Ident)
	return ok && s.isData(s.frag.in, s.host.Info.Uses[id])
}

func hasPointerReceiver(obj types.Object) bool {
	fn, ok := obj.(*types.Func)
	return ok && fn.Signature().Recv() != nil && isPointer(fn.Signature().Recv().Type())
}

// reaches reports whether a function that is given a value of a type can change what lies outside of it.
func reaches(t types.Type) bool {
	return reachesIn(t, map[types.Type]bool{})
}

func reachesIn(t types.Type, seen map[types.Type]bool) bool {
	if t == nil || seen[t] {
		return false
	}
	seen[t] = true
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Kind() == types.UnsafePointer
	case *types.Array:
		return reachesIn(u.Elem(), seen)
	case *types.Struct:
		if named, ok := types.Unalias(t).(*types.Named); ok && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == "time" {
			return false
		}
		for i := range u.NumFields() {
			if reachesIn(u.Field(i).Type(), seen) {
				return true
			}
		}
		return false
	}
	return true
}

// stored writes which members of the data a unit writes, as names between separators.
func (w *writer) stored(u *unit) (names string, ok bool) {
	list, ok := w.stores(u)
	quoted := make([]string, len(list))
	for i, name := range list {
		quoted[i] = strconv.Quote(name)
	}
	return strings.Join(quoted, ", "), ok
}

// storesCall says behind code what that writes.
func (w *writer) storesCall(u *unit) {
	if u == nil {
		return
	}
	if names, ok := w.stored(u); ok {
		w.text("%s.Stores(%s)\n", w.builderName, names)
	}
	if w.shares(u) {
		w.text("%s.Shares()\n", w.builderName)
	}
}

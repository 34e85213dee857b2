package flow

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"
)

// A variable may have fields and elements that are an any. What is in one is saved with the name of its type, which has to be
// one that the runtime knows: see package codec, Exact. Data are what JSON says of them, whatever was put into them.

// dynamic is a value in an any that nothing says how to read again.
type dynamic struct {
	typ string
	at  span
}

// readable are the types that the runtime reads again out of an any.
func readable() map[string]bool {
	return set("bool", "string", "int", "int8", "int16", "int32", "int64", "uint", "uint8", "uint16", "uint32", "uint64", "uintptr", "float32", "float64",
		"[]any", "map[string]any", "[]string", "[]int", "[]float64", "[]bool", "[]byte", "[]uint8", "map[string]string", "map[string]int",
		"map[string]float64", "map[string]bool", "time.Time", "time.Duration", "encoding/json.Number", "encoding/json.RawMessage")
}

// holdsAny reports whether there can be an any in a value.
func holdsAny(t types.Type, seen map[types.Type]bool) bool {
	if t == nil || seen[t] {
		return false
	}
	seen[t] = true
	if n, ok := types.Unalias(t).(*types.Named); ok && marshals(n) {
		return false
	}
	switch u := t.Underlying().(type) {
	case *types.Interface:
		return u.NumMethods() == 0
	case *types.Pointer:
		return holdsAny(u.Elem(), seen)
	case *types.Slice:
		return holdsAny(u.Elem(), seen)
	case *types.Array:
		return holdsAny(u.Elem(), seen)
	case *types.Map:
		return holdsAny(u.Elem(), seen)
	case *types.Struct:
		return slices.ContainsFunc(slices.Collect(u.Fields()), func(f *types.Var) bool { return holdsAny(f.Type(), seen) })
	}
	return false
}

// dynamicIn returns what lies in an any of a value and cannot be read again, nil for none.
func (w *walker) dynamicIn(x ast.Expr) *dynamic {
	if x == nil || !holdsAny(w.typeOf(x), map[types.Type]bool{}) {
		return nil
	}
	switch e := ast.Unparen(x).(type) {
	case *ast.UnaryExpr:
		return w.dynamicIn(e.X)
	case *ast.CompositeLit:
		return w.dynamicElements(e)
	case *ast.CallExpr:
		return w.dynamicResult(e)
	}
	if p, ok := w.place(x); ok {
		return w.dynamics[p.root]
	}
	return nil
}

// dynamicFor is dynamicIn for a value that is given to something of type t.
func (w *walker) dynamicFor(t types.Type, x ast.Expr) *dynamic {
	if t == nil || !isAny(t) || types.IsInterface(w.typeOf(x)) || w.Info.Types[x].IsNil() {
		return w.dynamicIn(x)
	}
	of := types.Default(w.typeOf(x))
	if readable()[strings.ReplaceAll(types.TypeString(types.Unalias(of), nil), "interface{}", "any")] {
		return w.dynamicIn(x)
	}
	return &dynamic{types.TypeString(of, types.RelativeTo(w.Pkg)), w.span(x)}
}

func isAny(t types.Type) bool {
	i, ok := t.Underlying().(*types.Interface)
	return ok && i.NumMethods() == 0
}

func (w *walker) dynamicElements(e *ast.CompositeLit) *dynamic {
	t := w.typeOf(e).Underlying()
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem().Underlying()
	}
	for i, x := range e.Elts {
		kv, keyed := x.(*ast.KeyValueExpr)
		if keyed {
			x = kv.Value
		}
		var of types.Type
		switch t := t.(type) {
		case *types.Struct:
			if id, ok := keyOf(kv); ok {
				of = fieldOf(t, id.Name)
			} else if i < t.NumFields() {
				of = t.Field(i).Type()
			}
		case *types.Array:
			of = t.Elem()
		default:
			of = elem(t)
		}
		if d := w.dynamicFor(of, x); d != nil {
			return d
		}
	}
	return nil
}

// dynamicResult is dynamicIn for what a call returns: an argument of it, or what the body of a function of the package makes.
func (w *walker) dynamicResult(call *ast.CallExpr) *dynamic {
	if tv := w.Info.Types[call.Fun]; tv.IsType() && len(call.Args) == 1 {
		return w.dynamicFor(tv.Type, call.Args[0])
	} else if tv.IsBuiltin() && len(call.Args) > 0 {
		for i, x := range call.Args {
			of := types.Type(nil)
			if i > 0 && !call.Ellipsis.IsValid() {
				of = elem(w.typeOf(call))
			}
			if d := w.dynamicFor(of, x); d != nil {
				return d
			}
		}
		return nil
	}
	if fn := w.called(call); fn != nil && w.decls[fn] != nil {
		return w.dynamicBody(fn)
	}
	for _, x := range call.Args {
		if d := w.dynamicIn(x); d != nil {
			return d
		}
	}
	return nil
}

// dynamicBody looks for what a function puts into an any, of fields and elements.
func (w *walker) dynamicBody(fn *types.Func) (found *dynamic) {
	if d, known := w.dynamicOf[fn]; known {
		return d
	}
	w.dynamicOf[fn] = nil
	ast.Inspect(w.decls[fn].Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CompositeLit:
			found = first(found, w.dynamicIn(n))
		case *ast.CallExpr:
			found = first(found, w.dynamicIn(n))
		case *ast.AssignStmt:
			for i, x := range n.Lhs {
				if len(n.Lhs) == len(n.Rhs) && ident(x) == nil {
					found = first(found, w.dynamicFor(w.typeOf(x), n.Rhs[i]))
				}
			}
		}
		return found == nil
	})
	w.dynamicOf[fn] = found
	return found
}

func first(a, b *dynamic) *dynamic {
	if a != nil {
		return a
	}
	return b
}

// puts notes what an assignment to x puts into an any.
func (w *walker) puts(x, value ast.Expr) {
	p, ok := w.place(x)
	if !ok || packageLevel(p.root) {
		return
	}
	t := w.typeOf(x)
	if v, ok := w.Info.Defs[ident(x)].(*types.Var); ok {
		t = v.Type()
	}
	if d := w.dynamicFor(t, value); d != nil {
		w.dynamics[p.root] = d
	}
}

// unreadable says why a variable cannot be saved with what is in it.
func (d *dynamic) unreadable() *why {
	return &why{"with a value of type " + d.typ + " in an interface, and nothing says how to read that again", "keep it in a variable or field of its own type; in an any there may be Go's basic types, slices and maps of these, and times"}
}

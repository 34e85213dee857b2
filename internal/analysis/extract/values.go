package extract

import (
	"cmp"
	"encoding/json"
	"go/ast"
	"go/constant"
	"go/types"
	"strings"

	"github.com/wfegen/wfe/internal/analysis/model"
	"github.com/wfegen/wfe/runtime/definition"
)

// What the arguments of builder calls say: ids, numbers, outcomes, references, types.

// segment returns a constant that is to be the last segment of a node's id.
func (r *reader) segment(x ast.Expr) string {
	id := r.constant(x)
	if err := definition.CheckSegment(id); err != nil && r.bodies.Types[x].Value != nil {
		r.report(badSegment(r.pos(x.Pos()), r.lineEnd(x), id, err))
		r.ok = false
	}
	return id
}

// constant returns the text of a string that wfegen has to know.
func (r *reader) constant(x ast.Expr) string {
	v := r.bodies.Types[x].Value
	if v == nil || v.Kind() != constant.String {
		if r.bodies.Types[x].Type != types.Typ[types.Invalid] {
			r.report(notConstant(r.pos(x.Pos()), r.lineEnd(x), "a name"))
		}
		r.ok = false
		return ""
	}
	return constant.StringVal(v)
}

// number returns a number that wfegen has to know.
func (r *reader) number(x ast.Expr) int {
	if v := r.bodies.Types[x].Value; v != nil {
		if n, ok := constant.Int64Val(constant.ToInt(v)); ok {
			return int(n)
		}
	}
	r.report(notConstant(r.pos(x.Pos()), r.lineEnd(x), "a number"))
	r.ok = false
	return 0
}

// reference returns the id of the workflow that a generated reference, such as OrderPipelineRef, means. The variable need
// not be there yet: its name is that of the workflow function, with Ref behind it.
func (r *reader) reference(x ast.Expr) string {
	pkg, name := r.marked.pkg.Types, ""
	switch x := ast.Unparen(x).(type) {
	case *ast.Ident:
		name = x.Name
	case *ast.SelectorExpr:
		if id, ok := x.X.(*ast.Ident); ok {
			if imported, ok := r.bodies.Uses[id].(*types.PkgName); ok {
				pkg, name = imported.Imported(), x.Sel.Name
			}
		}
	}
	fn, ok := strings.CutSuffix(name, "Ref")
	if m := r.extraction.marked[pkg.Path()]; ok && m != nil {
		for _, d := range m.types("workflow") {
			if d.name() == fn {
				return cmp.Or(d.directive("workflow").Text("id"), definition.Kebab(fn))
			}
		}
	}
	r.report(noReference(r.pos(x.Pos()), r.lineEnd(x), name))
	r.ok = false
	return ""
}

// outcome returns a constant as the runtime writes an outcome: strings as they are, others as JSON.
func (r *reader) outcome(x ast.Expr) string {
	tv := r.bodies.Types[x]
	if _, named := tv.Type.(*types.Named); tv.Value == nil || named && methodsOf(tv.Type) != (model.Methods{}) {
		r.report(notConstant(r.pos(x.Pos()), r.lineEnd(x), "an outcome"))
		r.ok = false
		return ""
	}
	var v any
	switch tv.Value.Kind() {
	case constant.String:
		if _, named := tv.Type.(*types.Named); !named {
			return constant.StringVal(tv.Value)
		}
		v = constant.StringVal(tv.Value)
	case constant.Bool:
		v = constant.BoolVal(tv.Value)
	case constant.Int:
		return constant.ToInt(tv.Value).ExactString()
	default:
		v, _ = constant.Float64Val(constant.ToFloat(tv.Value))
	}
	text, _ := json.Marshal(v) // of a string, a bool or a number
	return string(text)
}

// typeArgument returns the type argument i of a call of the runtime: the one that is written, or the one that a function
// among the arguments takes as its second parameter.
func (r *reader) typeArgument(x *ast.CallExpr, i int) *types.Named {
	_, typeArgs := called(x)
	if len(typeArgs) > i {
		return r.declared(r.bodies.TypeOf(typeArgs[i]))
	}
	for _, arg := range x.Args {
		typ := lastOfTwo(r.bodies.TypeOf(arg))
		if typ == nil {
			continue
		}
		if p, ok := types.Unalias(typ).(*types.Pointer); ok {
			if named := r.declared(p.Elem()); named != nil {
				return named
			}
		}
	}
	return nil
}

// elements enters the type of what wfe.Each runs for. It is Invalid when the compiler has something to say of it.
func (r *reader) elements(x *ast.CallExpr) model.TypeID {
	var elem types.Type
	if _, typeArgs := called(x); len(typeArgs) > 1 {
		elem = r.bodies.TypeOf(typeArgs[1])
	}
	for _, arg := range x.Args {
		if p, ok := lastOfTwo(r.bodies.TypeOf(arg)).(*types.Pointer); ok && elem == nil {
			elem = p.Elem()
		}
	}
	if elem == nil || types.Unalias(elem) == types.Typ[types.Invalid] {
		return 0
	}
	return r.table.id(r.asDeclared(elem))
}

// asDeclared is a type with the named types of this package in it being those of its declarations; see declared.
func (r *reader) asDeclared(typ types.Type) types.Type {
	switch t := types.Unalias(typ).(type) {
	case *types.Pointer:
		return types.NewPointer(r.asDeclared(t.Elem()))
	case *types.Slice:
		return types.NewSlice(r.asDeclared(t.Elem()))
	case *types.Array:
		return types.NewArray(r.asDeclared(t.Elem()), t.Len())
	case *types.Map:
		return types.NewMap(r.asDeclared(t.Key()), r.asDeclared(t.Elem()))
	case *types.Named:
		named := r.declared(t.Origin())
		if t.TypeArgs().Len() == 0 {
			return named
		}
		var args []types.Type
		for arg := range t.TypeArgs().Types() {
			args = append(args, r.asDeclared(arg))
		}
		if instance, err := types.Instantiate(nil, named, args, false); err == nil {
			return instance
		}
	}
	return typ
}

// declared returns a named type, nil for any other. One of this package is that of its declarations: the bodies were checked
// by themselves, and have another one of that name.
func (r *reader) declared(typ types.Type) *types.Named {
	named, ok := types.Unalias(typ).(*types.Named)
	if !ok || named.Obj().Pkg() == nil || named.Obj().Parent() != named.Obj().Pkg().Scope() || named.Obj().Pkg().Path() != r.marked.pkg.Path {
		return named
	}
	if obj := r.object(named.Obj().Name()); obj != nil {
		if own, ok := types.Unalias(obj.Type()).(*types.Named); ok {
			return own
		}
	}
	return named
}

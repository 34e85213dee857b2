package extract

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/wfegen/wfe/internal/analysis/model"
)

// look describes a function that is given to a node: its text, what it writes to the data (its first parameter), and which
// fields of the step or event (its second one) it touches. A function of another package touches all of them.
func (r *reader) look(x ast.Expr) model.Code {
	c := model.Code{Pos: r.pos(x.Pos()), Text: line(r.hash.text(x.Pos(), x.End()))}
	var typ *ast.FuncType
	var body *ast.BlockStmt
	switch x := ast.Unparen(x).(type) {
	case *ast.FuncLit:
		typ, body = x.Type, x.Body
	case *ast.Ident:
		if fn := r.work.function(x.Name); fn != nil {
			typ, body = fn.Type, fn.Body
		}
	}
	if body == nil {
		c.Whole = true
		return c
	}
	_, literal := ast.Unparen(x).(*ast.FuncLit)
	if literal {
		c.Text = line(r.hash.text(body.Lbrace+1, body.Rbrace))
	}
	if value := returned(body); value != nil {
		if literal {
			c.Text = line(r.hash.text(value.Pos(), value.End()))
		}
		if v := r.bodies.Types[value].Value; v != nil && v.Kind() == constant.Bool {
			b := constant.BoolVal(v)
			c.Constant = &b
		}
	}
	params := r.params(typ)
	l := &look{info: r.bodies, pos: r.pos, code: &c}
	if len(params) > 0 {
		l.data = params[0]
	}
	if len(params) > 1 {
		l.other = params[1]
	}
	ast.Inspect(body, l.visit)
	slices.Sort(c.Fields)
	c.Fields = slices.Compact(c.Fields)
	return c
}

// returned is the value that a function does nothing but return.
func returned(body *ast.BlockStmt) ast.Expr {
	if len(body.List) == 1 {
		if ret, ok := body.List[0].(*ast.ReturnStmt); ok && len(ret.Results) == 1 {
			return ret.Results[0]
		}
	}
	return nil
}

// line is source on one line.
func line(src []byte) string { return strings.Join(strings.Fields(string(src)), " ") }

// params are the parameters of a function, nil for one without a name.
func (r *reader) params(typ *ast.FuncType) []types.Object {
	var out []types.Object
	for _, f := range typ.Params.List {
		for _, name := range f.Names {
			out = append(out, r.bodies.Defs[name])
		}
		if len(f.Names) == 0 {
			out = append(out, nil)
		}
	}
	return out
}

// look goes through the body of a function.
type look struct {
	info        *types.Info
	pos         func(token.Pos) token.Position
	code        *model.Code
	data, other types.Object // parameters; nil for one without a name
	stack       []ast.Node
}

func (l *look) visit(n ast.Node) bool {
	if n == nil {
		l.stack = l.stack[:len(l.stack)-1]
		return true
	}
	switch n := n.(type) {
	case *ast.AssignStmt:
		for i, to := range n.Lhs {
			l.write(to, n.Tok, assigned(n, i))
		}
	case *ast.IncDecStmt:
		l.write(n.X, n.Tok, nil)
	case *ast.Ident:
		if obj := l.info.Uses[n]; obj != nil && obj == l.other {
			l.touch()
		}
	}
	l.stack = append(l.stack, n)
	return true
}

func assigned(n *ast.AssignStmt, i int) ast.Expr {
	if len(n.Rhs) == len(n.Lhs) {
		return n.Rhs[i]
	}
	return nil
}

// write notes an assignment, if it is one to the data.
func (l *look) write(to ast.Expr, tok token.Token, from ast.Expr) {
	if set, _, ok := l.path(to, l.other); ok && set != "" {
		l.code.Sets = append(l.code.Sets, set)
	}
	path, adds, ok := l.path(to, l.data)
	if !ok {
		return
	}
	adds = adds || tok != token.ASSIGN && tok != token.DEFINE
	if from != nil && !adds { // o.Log = append(o.Log, ...), o.N = o.N + 1
		ast.Inspect(from, func(n ast.Node) bool {
			if x, ok := n.(ast.Expr); ok {
				if read, _, ok := l.path(x, l.data); ok && read == path {
					adds = true
				}
			}
			return !adds
		})
	}
	w := model.Write{Pos: l.pos(to.Pos()), Path: path, Adds: adds}
	if from != nil && l.info.Types[from].Value != nil {
		w.Text = l.info.Types[from].Value.ExactString()
	}
	l.code.Writes = append(l.code.Writes, w)
}

// path is the way from a parameter to what an expression denotes, as far as that is made of fields. An element of what is
// there counts as an addition.
func (l *look) path(x ast.Expr, from types.Object) (path string, element, ok bool) {
	switch x := ast.Unparen(x).(type) {
	case *ast.Ident:
		obj := l.info.Uses[x]
		return "", false, obj != nil && obj == from
	case *ast.StarExpr:
		return l.path(x.X, from)
	case *ast.IndexExpr:
		path, _, ok = l.path(x.X, from)
		return path, true, ok
	case *ast.SelectorExpr:
		path, element, ok = l.path(x.X, from)
		if !element && path != "" {
			path += "."
		}
		if !element {
			path += x.Sel.Name
		}
		return path, element, ok
	}
	return "", false, false
}

// touch notes a use of the step or event, which is the top of the stack's next.
func (l *look) touch() {
	path := ""
	for i := len(l.stack) - 1; i >= 0; i-- {
		switch n := l.stack[i].(type) {
		case *ast.ParenExpr, *ast.StarExpr:
			if path == "" {
				continue
			}
		case *ast.SelectorExpr:
			if sel := l.info.Selections[n]; sel == nil || sel.Kind() == types.FieldVal {
				path = strings.TrimPrefix(path+"."+n.Sel.Name, ".")
				continue
			}
			l.code.Whole = l.code.Whole || path == "" // a method is called on it
		case *ast.AssignStmt:
			if path == "" && l.literal(n) {
				return
			}
		}
		break
	}
	if path == "" {
		l.code.Whole = true
		return
	}
	l.code.Fields = append(l.code.Fields, path)
}

// literal notes *s = Step{SKU: ..., Qty: ...}.
func (l *look) literal(n *ast.AssignStmt) bool {
	if len(n.Lhs) != 1 || len(n.Rhs) != 1 {
		return false
	}
	lit, ok := ast.Unparen(n.Rhs[0]).(*ast.CompositeLit)
	if !ok {
		return false
	}
	for _, e := range lit.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			return false
		}
		if key, ok := kv.Key.(*ast.Ident); ok {
			l.code.Fields = append(l.code.Fields, key.Name)
		}
	}
	return true
}

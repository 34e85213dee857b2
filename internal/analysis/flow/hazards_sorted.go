package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// sortedBehind reports whether what is collected in a loop over a map is sorted before anything else is done with it.
func (u *unordered) sortedBehind(w roundWrite) bool {
	if len(w.path) > 0 && w.path[len(w.path)-1].shared() {
		return false
	}
	decl := u.around(u.loop)
	if decl == nil {
		return false
	}
	c := &collected{hazards: u.hazards, place: w.place, places: u.places}
	blocks := blocksAround(decl, u.loop)
	for _, b := range slices.Backward(blocks) {
		for _, s := range b.list[b.at+1:] {
			if c.sorts(s, u.unique(w, decl)) {
				return true
			}
			if c.used(s) {
				return false
			}
		}
		if b.again != nil && c.usedElsewhere(b.again) {
			return false
		}
		if b.function {
			return false
		}
	}
	return len(w.path) == 0 && !resultOf(u.hazards, decl, w.root) && !packageLevel(w.root) // it is dropped
}

// enclosing is a list of statements, with the one in which something stands.
type enclosing struct {
	list     []ast.Stmt
	at       int
	again    ast.Node // the loop whose body it is
	function bool     // it is the body of a function literal
}

// blocksAround are the blocks around a node, the outermost first.
func blocksAround(decl *ast.FuncDecl, n ast.Node) []enclosing {
	var out []enclosing
	var above []ast.Node
	ast.Inspect(decl.Body, func(c ast.Node) bool {
		if c == nil || c.Pos() > n.Pos() || c.End() < n.End() || c == n {
			return false
		}
		var list []ast.Stmt
		switch c := c.(type) {
		case *ast.BlockStmt:
			list = c.List
		case *ast.CaseClause:
			list = c.Body
		}
		i := slices.IndexFunc(list, func(s ast.Stmt) bool { return s.Pos() <= n.Pos() && n.End() <= s.End() })
		if i >= 0 {
			b := enclosing{list: list, at: i}
			if len(above) > 0 {
				switch up := above[len(above)-1].(type) {
				case *ast.ForStmt, *ast.RangeStmt:
					b.again = up
				case *ast.FuncLit:
					b.function = true
				}
			}
			out = append(out, b)
		}
		above = append(above, c)
		return true
	})
	return out
}

func resultOf(h *hazards, decl *ast.FuncDecl, v *types.Var) bool {
	fn, ok := h.Info.Defs[decl.Name].(*types.Func)
	if !ok {
		return false
	}
	for r := range fn.Signature().Results().Variables() {
		if r == v {
			return true
		}
	}
	return false
}

// collected is what a loop over a map has appended to.
type collected struct {
	*hazards
	place  place
	places *places
}

// used reports whether code uses it, but for its length.
func (c *collected) used(n ast.Node) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && c.Info.Types[call.Fun].IsBuiltin() {
			if id := callee(call.Fun); id != nil && id.Name == "len" {
				return false
			}
		}
		if x, ok := n.(ast.Expr); ok && !found {
			if p, ok := c.places.place(x); ok {
				found = p.overlaps(c.place)
				return false
			}
		}
		return !found
	})
	return found
}

// usedElsewhere reports whether a loop uses it otherwise than to collect more.
func (c *collected) usedElsewhere(loop ast.Node) bool {
	found := false
	ast.Inspect(loop, func(n ast.Node) bool {
		if a, ok := n.(*ast.AssignStmt); ok && len(a.Lhs) == 1 && len(a.Rhs) == 1 {
			if call, ok := ast.Unparen(a.Rhs[0]).(*ast.CallExpr); ok && len(call.Args) > 0 && types.ExprString(call.Args[0]) == types.ExprString(a.Lhs[0]) {
				if id := callee(call.Fun); id != nil && id.Name == "append" {
					for _, x := range call.Args[1:] {
						found = found || c.used(x)
					}
					return false
				}
			}
		}
		if x, ok := n.(ast.Expr); ok && !found {
			if p, ok := c.places.place(x); ok {
				found = p.overlaps(c.place)
				return false
			}
		}
		return !found
	})
	return found
}

// sorts reports whether a statement sorts it, so that equal elements alone are left as they come.
func (c *collected) sorts(s ast.Stmt, unique string) bool {
	x, ok := s.(*ast.ExprStmt)
	if !ok {
		return false
	}
	call, ok := ast.Unparen(x.X).(*ast.CallExpr)
	if !ok || len(call.Args) == 0 || c.Info.Types[call.Fun].IsType() {
		return false
	}
	fn := c.called(call)
	if fn == nil || fn.Pkg() == nil {
		return false
	}
	list := call.Args[0]
	switch name := qualified(fn); name {
	case "sort.Sort", "sort.Stable":
		for {
			inner, ok := ast.Unparen(list).(*ast.CallExpr)
			if !ok || len(inner.Args) != 1 {
				break
			}
			if fn := c.called(inner); fn != nil && qualified(fn) != "sort.Reverse" {
				return false
			}
			if tv := c.Info.Types[inner.Fun]; tv.IsType() && !isNamed(tv.Type, "sort", "StringSlice") && !isNamed(tv.Type, "sort", "IntSlice") && !isNamed(tv.Type, "sort", "Float64Slice") {
				return false
			}
			list = inner.Args[0]
		}
	case "slices.Sort", "sort.Strings", "sort.Ints", "sort.Float64s":
	case "slices.SortFunc", "slices.SortStableFunc", "sort.Slice", "sort.SliceStable":
		if len(call.Args) != 2 || !c.total(call.Args[1], elem(c.typeOf(list)), unique) {
			return false
		}
	default:
		return false
	}
	p, ok := c.places.place(list)
	return ok && p.key() == c.place.key()
}

// unique is the field of what is collected that has the map's key, which no two elements share: SKU of Line{SKU: k}.
func (u *unordered) unique(w roundWrite, decl *ast.FuncDecl) string {
	s, ok := w.at.(*ast.AssignStmt)
	if !ok || u.key == nil || len(w.path) > 0 || len(s.Rhs) != 1 {
		return ""
	}
	call, ok := ast.Unparen(s.Rhs[0]).(*ast.CallExpr)
	if !ok || len(call.Args) != 2 || call.Ellipsis.IsValid() || u.filledBefore(w, decl) {
		return ""
	}
	lit, ok := ast.Unparen(call.Args[1]).(*ast.CompositeLit)
	if !ok {
		return ""
	}
	st, ok := u.typeOf(lit).Underlying().(*types.Struct)
	if !ok {
		return ""
	}
	for i, x := range lit.Elts {
		name := ""
		if kv, ok := x.(*ast.KeyValueExpr); ok {
			name, x = ident(kv.Key).Name, kv.Value
		} else {
			name = st.Field(i).Name()
		}
		if id := ident(x); id != nil && u.Info.Uses[id] == u.key {
			return "." + name
		}
	}
	return ""
}

// filledBefore reports whether there may be something in a list before the loop adds to it, or twice in a round.
func (u *unordered) filledBefore(w roundWrite, decl *ast.FuncDecl) bool {
	for _, o := range u.writes {
		if o.at != w.at && o.overlaps(w.place) {
			return true
		}
	}
	for _, b := range blocksAround(decl, w.at) {
		if b.again != nil && b.again != u.loop && !(b.again.Pos() < w.root.Pos() && w.root.Pos() < b.again.End()) {
			return true
		}
	}
	filled := false
	ast.Inspect(decl.Body, func(n ast.Node) bool {
		if n == nil || n == u.loop || n.Pos() >= u.loop.End() {
			return false
		}
		switch n := n.(type) {
		case *ast.ValueSpec:
			if len(n.Values) == 0 {
				return false
			}
		case *ast.AssignStmt:
			if id := ident(n.Lhs[0]); len(n.Lhs) == 1 && id != nil && u.Info.Defs[id] == w.root && u.empty(n.Rhs[0]) {
				return false
			}
		case *ast.Ident:
			filled = filled || u.object(n) == w.root
		}
		return true
	})
	return filled
}

// empty reports whether a list has nothing in it: []T{}, []T(nil), make([]T, 0, n).
func (u *unordered) empty(x ast.Expr) bool {
	switch e := ast.Unparen(x).(type) {
	case *ast.CompositeLit:
		return len(e.Elts) == 0
	case *ast.CallExpr:
		if id := callee(e.Fun); id != nil && id.Name == "make" && u.Info.Types[e.Fun].IsBuiltin() && len(e.Args) > 1 {
			v := u.Info.Types[e.Args[1]].Value
			return v != nil && v.ExactString() == "0"
		}
		return u.Info.Types[e.Fun].IsType() && len(e.Args) == 1 && u.Info.Types[e.Args[0]].IsNil()
	}
	return false
}

// total reports whether a function that compares elements calls none equal that differ: it compares all of them, or the part
// that is unique.
func (h *hazards) total(f ast.Expr, elem types.Type, unique string) bool {
	var typ *ast.FuncType
	var body *ast.BlockStmt
	switch e := ast.Unparen(f).(type) {
	case *ast.FuncLit:
		typ, body = e.Type, e.Body
	default:
		id := callee(f)
		if id == nil {
			return false
		}
		fn, ok := h.Info.Uses[id].(*types.Func)
		if !ok || fn.Pkg() == nil {
			return false
		}
		switch qualified(fn) {
		case "strings.Compare", "cmp.Compare":
			return true
		}
		decl := h.decls[fn]
		if decl == nil || fn.Signature().Recv() != nil {
			return false
		}
		typ, body = decl.Type, decl.Body
	}
	c := &comparing{hazards: h, seen: map[string]bool{}}
	for _, f := range typ.Params.List {
		for _, name := range f.Names {
			c.params = append(c.params, h.Info.Defs[name])
		}
	}
	if len(c.params) != 2 || len(body.List) == 0 || !c.read(body) {
		return false
	}
	return c.seen[unique] && unique != "" || c.covers(elem, "")
}

// comparing finds which parts of two elements a function compares.
type comparing struct {
	*hazards
	params []types.Object
	seen   map[string]bool // ".SKU"; "" for all of it
}

func (c *comparing) read(body *ast.BlockStmt) bool {
	ret, ok := body.List[len(body.List)-1].(*ast.ReturnStmt)
	if !ok || len(ret.Results) != 1 {
		return false
	}
	decides, fine := true, map[ast.Node]bool{}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ReturnStmt:
			for _, x := range n.Results {
				decides = decides && c.Info.Types[x].Value == nil
			}
		case *ast.BinaryExpr:
			switch n.Op {
			case token.LSS, token.GTR:
				c.pair(n.X, n.Y)
			case token.LOR:
				if and := c.next(n); and != nil {
					fine[and] = true
				} else {
					decides = false
				}
			case token.LAND:
				decides = decides && fine[n]
			}
		case *ast.CallExpr:
			fn := c.called(n)
			if fn == nil || fn.Pkg() == nil {
				break
			}
			switch qualified(fn) {
			case "cmp.Compare", "strings.Compare":
				c.pair(n.Args[0], n.Args[1])
			}
		}
		return true
	})
	return decides
}

// next returns what follows in a.N < b.N || a.N == b.N && a.SKU < b.SKU: the &&; nil if it is something else.
func (c *comparing) next(or *ast.BinaryExpr) *ast.BinaryExpr {
	less, ok := ast.Unparen(or.X).(*ast.BinaryExpr)
	and, is := ast.Unparen(or.Y).(*ast.BinaryExpr)
	if !ok || !is || and.Op != token.LAND || less.Op != token.LSS && less.Op != token.GTR {
		return nil
	}
	equal, ok := ast.Unparen(and.X).(*ast.BinaryExpr)
	if !ok || equal.Op != token.EQL {
		return nil
	}
	a, i := c.part(less.X)
	b, j := c.part(equal.X)
	if i < 0 || j < 0 || a != b {
		return nil
	}
	return and
}

// pair notes the same part of both elements.
func (c *comparing) pair(x, y ast.Expr) {
	a, i := c.part(x)
	b, j := c.part(y)
	if i >= 0 && j >= 0 && i != j && a == b {
		c.seen[a] = true
	}
}

// part is the way from an element to x, and which of the two it is: a.SKU, lines[i].SKU.
func (c *comparing) part(x ast.Expr) (way string, which int) {
	switch e := ast.Unparen(x).(type) {
	case *ast.Ident:
		return "", slices.Index(c.params, c.Info.Uses[e])
	case *ast.IndexExpr:
		if id := ident(e.Index); id != nil {
			return "", slices.Index(c.params, c.Info.Uses[id])
		}
	case *ast.SelectorExpr:
		way, which = c.part(e.X)
		return way + "." + e.Sel.Name, which
	}
	return "", -1
}

// covers reports whether all of an element is compared.
func (c *comparing) covers(t types.Type, way string) bool {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return c.seen[way]
	case *types.Struct:
		for f := range u.Fields() {
			if !c.covers(f.Type(), way+"."+f.Name()) {
				return false
			}
		}
		return true
	}
	return false
}

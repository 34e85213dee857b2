package flow

import (
	"go/ast"
	"go/types"
)

// memory knows what shares memory in the functions that are compiled, wherever in them.
type memory struct {
	*places
	handed map[*types.Var]bool // variables that have a slice or a map from somewhere else: it may be a part of another one
}

// memory looks at all that was compiled.
func (c *compiler) memory() *memory {
	if c.mem != nil {
		return c.mem
	}
	m := &memory{places: &places{hazards: newHazards(c.host.Known), data: map[*types.Var]*types.Var{}}, handed: map[*types.Var]bool{}}
	for k := range c.dataKeys {
		if v, ok := k.obj.(*types.Var); ok {
			m.data[v] = v
		}
	}
	for _, fn := range c.from {
		for _, p := range parameters(fn.Type) {
			if v, ok := c.host.Info.Defs[p].(*types.Var); ok {
				m.handed[v] = true
			}
		}
		ast.Inspect(fn.Body, m.look)
	}
	c.mem = m
	return m
}

func (m *memory) look(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.AssignStmt:
		for i, x := range n.Lhs {
			m.hand(x, n.Rhs[min(i, len(n.Rhs)-1)])
		}
	case *ast.ValueSpec:
		for i, name := range n.Names {
			if len(n.Values) > 0 {
				m.hand(name, n.Values[min(i, len(n.Values)-1)])
			}
		}
	case *ast.RangeStmt:
		if v, ok := m.Info.Defs[ident(n.Value)].(*types.Var); ok {
			m.handed[v] = true
		}
	case *ast.FuncLit:
		for _, p := range parameters(n.Type) {
			if v, ok := m.Info.Defs[p].(*types.Var); ok {
				m.handed[v] = true
			}
		}
	}
	return true
}

// hand notes that a variable is given what shares memory with another place.
func (m *memory) hand(to, value ast.Expr) {
	p, ok := m.place(to)
	if !ok || m.data[p.root] != nil {
		return
	}
	for _, s := range m.sources(value) {
		if s.from.root != p.root && !anyShared(s.sub) {
			m.handed[p.root] = true
		}
	}
}

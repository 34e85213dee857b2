package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/wfegen/wfe/internal/analysis/model"
	"github.com/wfegen/wfe/runtime/definition"
)

// instance is a function as it is compiled once: the workflow's own, or a helper at one of the places where it is called.
type instance struct {
	fn    *ast.FuncDecl
	outer *instance // of the function that calls it
}

// key names a variable: those of a helper are others in each instance.
type key struct {
	in  *instance
	obj types.Object
}

// variable is a local variable of the function.
type variable struct {
	key
	field  string // where only a field of a step is saved: its name
	name   string // in the source
	typ    types.Type
	pos    token.Pos
	unit   *unit                // that declares it
	seq    *definition.Sequence // in which
	open   int                  // and how many blocks of the source are open there
	begins bool                 // with a value that is not one of the source
	again  bool                 // it is a variable of other units too, and not saved
	frame  *frame               // in which it would be saved
	saved  bool
	as     string // name of its field in the frame
}

// cell is an element of a loop, or its index, as the loop hands it to the functions of its body.
type cell struct {
	name string
	used bool
}

// frame holds the saved variables of the function, or of one round or element of a loop.
type frame struct {
	outer *frame
	vars  []*variable
	cell  string // through which units reach it; empty for that of the function
	model *model.Frame
	named *types.Named
}

// empty reports whether nothing is saved in the frame.
func (f *frame) empty() bool {
	return !slices.ContainsFunc(f.vars, func(v *variable) bool { return v.saved })
}

// unit is a function literal of generated code: what of the source runs in one go.
type unit struct {
	seq     *definition.Sequence // in which it stands
	locals  []*variable          // of other units, which it reads nothing of
	within  []*instance          // that begin in it, and name the data themselves
	unsaved []*variable          // that cannot be saved, and are declared or given a value here
	opened  int                  // how many blocks of the source are open in it
	frags   []frag
	exits   []exit // where it can lead other than on
	leads   bool   // it is code of an edge: its result says where to go on
	node    int    // whose code it is, None for that of the function's beginning
	what    string // it is to the node
	inline  bool   // its fragments make up one statement
}

// frag is a piece of a unit.
type frag struct {
	in       *instance
	node     ast.Node           // of the source; nil for none
	instead  map[ast.Node]other // what is written for some nodes in it
	before   string             // text around it
	after    string
	define   *variable // node, or text, is its value
	typed    bool      // its type is written, for that of the value may be another one
	there    bool      // what it defines is declared already
	text     string
	leave    *leave      // what return, break and continue mean in it
	typ      types.Type  // written between before and after, when node is nil
	returns  bool        // a return statement in it is one of the unit
	skip     ast.Stmt    // node is this statement, without its init statement
	assigned bool        // node is a variable that is given what after says
	brace    bool        // text is the brace of a block
	results  []*variable // node is a return statement, whose values go to these
	exit     *exit       // the unit ends here
	opens    bool        // what follows runs under a condition
	another  bool        // what follows runs under another one
	closes   bool        // up to here
	use      *variable   // stands between text and after
}

// other is written in place of a node: text, or saved variables.
type other struct {
	text string
	vars []*variable
}

func (o other) write(w *writer) {
	w.text("%s", o.text)
	for i, v := range o.vars {
		if i > 0 {
			w.text(", ")
		}
		w.variable(v)
	}
}

// exit is a place where the flow can go on, other than behind a node.
type exit struct {
	node  int // None is the end of the workflow
	leave bool
	fail  string // it fails, under that segment of an id, in place of that
}

// leave says where the statements that leave a scope lead.
type leave struct {
	ret       exit
	results   []*variable // of the helper, which return sets
	brk, cont *exit       // nil where there is nothing to leave
	left      *variable   // is set by a break, which leaves a switch of the unit itself
	returned  *variable   // is set by a return, of a helper that begins in the unit
}

// use is a use of a variable.
type use struct {
	key  key
	unit *unit
	sel  string // the field that is read of it, if that is all
}

// note records the variables that a fragment declares and uses.
func (b *block) note(u *unit, f frag) {
	in, fields := f.in, map[*ast.Ident]string{}
	ast.Inspect(f.node, func(n ast.Node) bool {
		if _, ok := f.instead[n]; ok {
			return false
		}
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if id, ok := ast.Unparen(n.X).(*ast.Ident); ok {
				if s := b.host.Info.Selections[n]; s != nil && s.Kind() == types.FieldVal && len(s.Index()) == 1 {
					fields[id] = n.Sel.Name
				}
			}
		case *ast.Ident:
			if obj, ok := b.host.Info.Defs[n].(*types.Var); ok && !obj.IsField() && n.Name != "_" {
				v := b.declare(u, key{in, obj}, b.frame)
				v.seq, v.open = b.seq, b.open
			}
			if obj := b.host.Info.Uses[n]; obj != nil {
				b.uses = append(b.uses, use{key{in, obj}, u, fields[n]})
			}
			b.noteUnsaved(u, key{in, b.host.Info.ObjectOf(n)})
		}
		return true
	})
}

// noteUnsaved notes a variable of a unit that cannot be saved.
func (b *block) noteUnsaved(u *unit, k key) {
	v := b.vars[k]
	if v == nil || !u.leads || slices.Contains(u.unsaved, v) {
		return
	}
	if _, basic := v.typ.(*types.Basic); !basic && b.hazards().unsavable(v.typ) != nil {
		u.unsaved = append(u.unsaved, v)
	}
}

// declare enters a variable.
func (c *compiler) declare(u *unit, k key, fr *frame) *variable {
	if v := c.vars[k]; v != nil {
		return v
	}
	v := &variable{key: k, name: k.obj.Name(), typ: k.obj.Type(), pos: k.obj.Pos(), unit: u, frame: fr}
	c.vars[k] = v
	fr.vars = append(fr.vars, v)
	return v
}

// hidden makes a variable that the source does not have, which is always saved.
func (c *compiler) hidden(in *instance, name string, typ types.Type, pos token.Pos, fr *frame) *variable {
	v := &variable{key: key{in, types.NewVar(pos, nil, name, typ)}, name: name, typ: typ, pos: pos, frame: fr, saved: true}
	c.vars[v.key] = v
	fr.vars = append(fr.vars, v)
	return v
}

// settle decides which variables are saved, and names them.
func (c *compiler) settle() {
	uses := map[key][]use{}
	for _, u := range c.uses {
		if v := c.vars[u.key]; v != nil {
			v.saved = v.saved || v.unit != u.unit && !c.lives(u.unit, v)
			uses[u.key] = append(uses[u.key], u)
		}
	}
	for _, f := range c.frames {
		for _, v := range slices.Clone(f.vars) {
			if v.saved {
				c.fields(f, v, uses[v.key])
			}
		}
		names := map[string]bool{}
		for _, v := range f.vars {
			if !v.saved {
				continue
			}
			if why := c.hazards().unsavable(v.typ); why != nil && v.seq != nil { // where Hazards has taken two units for one
				at := c.host.Fset.PositionFor(v.pos, false)
				c.host.Report(notSaved(span{pos: at}, v.name, at, *why))
				c.ok = false
			}
			name := exported(v.name + exported(v.field))
			v.as = name
			for i := 2; names[v.as]; i++ {
				v.as = name + strconv.Itoa(i)
			}
			names[v.as] = true
		}
	}
	for _, u := range c.uses {
		v := c.vars[u.key]
		if v != nil && !v.saved && v.unit != u.unit && c.parts[v.key] == nil && !slices.Contains(u.unit.locals, v) {
			u.unit.locals = append(u.unit.locals, v)
			v.again = true
		}
	}
}

// fields replaces a saved result of which only fields are read by these.
func (c *compiler) fields(f *frame, v *variable, uses []use) {
	if !c.results[v.key] || slices.ContainsFunc(uses, func(u use) bool { return u.sel == "" }) {
		return
	}
	v.saved = false
	s, ok := v.typ.Underlying().(*types.Struct)
	if !ok {
		return
	}
	for i := range s.NumFields() {
		field := s.Field(i)
		if !slices.ContainsFunc(uses, func(u use) bool { return u.sel == field.Name() && u.unit != v.unit }) {
			continue
		}
		part := &variable{key: v.key, field: field.Name(), name: v.name, typ: field.Type(), pos: v.pos, unit: v.unit, frame: f, saved: true}
		c.parts[v.key] = append(c.parts[v.key], part)
		f.vars = append(f.vars, part)
	}
}

// exported is a name with its first letter in upper case.
func exported(name string) string {
	r, n := utf8.DecodeRuneInString(name)
	if n == 0 {
		return ""
	}
	if up := unicode.ToUpper(r); up != r {
		return string(up) + name[n:]
	}
	if !unicode.IsUpper(r) {
		return "X" + name
	}
	return name
}

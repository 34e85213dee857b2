package flow

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"

	"github.com/wfegen/wfe/internal/analysis/load"
	"github.com/wfegen/wfe/internal/analysis/model"
	"github.com/wfegen/wfe/runtime/definition"
)

// writer writes generated source.
type writer struct {
	*compiler
	out       model.Source
	needsVars bool // what was written names the variables of the function
}

func (w *writer) text(format string, args ...any) {
	text := format
	if len(args) > 0 {
		text = fmt.Sprintf(format, args...)
	}
	if n := len(w.out); n > 0 && w.out[n-1].Text != "" {
		w.out[n-1].Text += text
		return
	}
	w.out = append(w.out, model.Piece{Text: text})
}

func (w *writer) add(code model.Source) {
	for _, p := range code {
		switch {
		case p.Text != "":
			w.text("%s", p.Text)
		case p.Line != 0:
			w.line(p)
		default:
			w.out = append(w.out, p)
		}
	}
}

// line writes a comment that says of what line the following ones are. It stands on a line of its own.
func (w *writer) line(p model.Piece) {
	if n := len(w.out); n > 0 {
		w.out[n-1].Text = strings.TrimSuffix(w.out[n-1].Text, "\n")
	}
	w.out = append(w.out, p)
}

// wfe writes a name of the runtime.
func (w *writer) wfe(name string) { w.name(load.RuntimePath, "wfe", name) }

// name writes what a package declares.
func (w *writer) name(path, pkg, name string) {
	w.imports[path] = pkg
	w.out = append(w.out, model.Piece{Path: path, Name: name})
}

func (w *writer) typ(t types.Type) {
	w.out = append(w.out, model.Piece{Type: w.host.TypeID(t)})
}

func (w *writer) codec(t types.Type) {
	w.out = append(w.out, model.Piece{Codec: w.host.TypeID(t)})
}

// state writes the parameter of a function that is given the data with its variables.
func (w *writer) state() {
	w.text("%s *", w.dataName)
	w.stateType()
}

// builder writes the parameter of a function that is given the builder.
func (w *writer) builder() {
	w.text("%s *", w.builderName)
	w.wfe("Plain")
	w.text("[")
	w.typ(w.data)
	w.text("]")
}

// stateType writes the type of the data with its variables.
func (w *writer) stateType() {
	w.wfe("Saved")
	w.text("[")
	w.typ(w.data)
	w.text("]")
}

// undoBy says how a step is undone by another one.
func (w *writer) undoBy(m *model.Method) {
	w.text("Undo: ")
	w.out = append(w.out, model.Piece{Undo: m})
	w.text(",\n")
}

// expr writes an expression that is the same for all instances.
func (w *writer) expr(b *block, x ast.Expr) {
	u := &unit{node: definition.None}
	w.node(u, frag{in: b.in, node: x}, x)
}

// taker writes a function that is given the data and a pointer to what it takes, or nil where nothing is taken.
func (w *writer) taker(u *unit, param string, typ func()) {
	if u == nil {
		w.text("nil")
		return
	}
	w.text("func(")
	w.state()
	w.text(", %s *", param)
	typ()
	w.text(") {\n")
	w.body(u)
	w.text("}")
}

// functionOf writes a function that returns a type of package time.
func (w *writer) functionOf(u *unit, name string) {
	w.text("func(")
	w.state()
	w.text(") ")
	w.name("time", "time", name)
	w.text(" {\n")
	w.body(u)
	w.text("}")
}

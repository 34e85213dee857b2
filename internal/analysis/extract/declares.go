package extract

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/wfegen/wfe/internal/analysis/model"
)

// declares lists the names that users see in generated code, and finds those that the package has already.
func (w *work) declares() {
	files := w.fileNames()
	add := func(name, what string, pos token.Position) {
		d := model.Declared{Name: name, For: what, Pos: pos}
		if obj := cmp.Or(w.object(name), files[name]); obj != nil {
			d.User = w.pos(obj.Pos())
		}
		w.out.Declares = append(w.out.Declares, d)
	}
	if len(w.out.Steps)+len(w.out.Events)+len(w.out.Workflows) > 0 {
		add("Steps", "", token.Position{})
		add("NewSteps", "", token.Position{})
	}
	if len(w.out.Workflows) > 0 {
		add("Register", "", token.Position{})
	}
	for _, e := range w.out.Events {
		add(e.Publish, "event "+e.Name, e.Pos)
		add(e.Signal, "event "+e.Name, e.Pos)
	}
	for _, f := range w.out.Workflows {
		add(f.Start, "workflow "+f.Func, f.Pos)
		add(f.Get, "workflow "+f.Func, f.Pos)
		add(f.Ref, "workflow "+f.Func, f.Pos)
	}
	for _, b := range w.out.Builders {
		add(b.Name, "data "+strings.TrimSuffix(b.Name, "Builder"), b.Pos)
		w.methodNames(b)
	}
	slices.SortStableFunc(w.out.Declares, func(a, b model.Declared) int { return cmp.Compare(a.Name, b.Name) })
	w.hides()
}

// fileNames are the names that files of the package import: nothing at the top of the package can be called so.
func (w *work) fileNames() map[string]types.Object {
	out := map[string]types.Object{}
	scope := w.marked.pkg.Types.Scope()
	for i := range scope.NumChildren() {
		file := scope.Child(i)
		for _, name := range file.Names() {
			if _, ok := out[name]; !ok {
				out[name] = file.Lookup(name)
			}
		}
	}
	return out
}

// methodNames finds methods that the package itself gives to a builder and that generated code would declare too.
func (w *work) methodNames(b *model.Builder) {
	what := map[string]model.Declared{"Base": {For: "data " + strings.TrimSuffix(b.Name, "Builder"), Pos: b.Pos}}
	for _, m := range b.Methods {
		what[m.Name] = model.Declared{For: "step " + m.Step.Name, Pos: m.Step.Pos}
	}
	for _, l := range b.Loops {
		what[l.Name] = model.Declared{For: "field " + l.From.Name, Pos: l.From.Pos}
	}
	for _, f := range w.marked.pkg.Files {
		for _, decl := range f.Syntax.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok || fn.Recv == nil || receiver(fn) != b.Name {
				continue
			}
			if d, ok := what[fn.Name.Name]; ok {
				d.Name, d.User = b.Name+"."+fn.Name.Name, w.pos(fn.Name.Pos())
				w.out.Declares = append(w.out.Declares, d)
			}
		}
	}
}

// hides lists the predeclared names that mean something else in the package.
func (w *work) hides() {
	for _, name := range types.Universe.Names() {
		if obj := w.object(name); obj != nil {
			w.out.Hides = append(w.out.Hides, model.Hidden{Name: name, Pos: w.pos(obj.Pos())})
		}
	}
}

package extract

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/wfegen/wfe/internal/analysis/diag"
	"github.com/wfegen/wfe/internal/analysis/directive"
	"github.com/wfegen/wfe/internal/analysis/flow"
	"github.com/wfegen/wfe/internal/analysis/load"
	"github.com/wfegen/wfe/internal/analysis/model"
	"github.com/wfegen/wfe/runtime/definition"
)

// Packages returns the models of the packages that have something marked, in the order of the program, and what was found
// on the way. Errors of the compiler that concern marked declarations are among the findings. The nolints silence what of
// the findings of a whole run they name.
func Packages(p *load.Program) ([]*model.Package, []diag.Diagnostic, []directive.Nolint) {
	x := &extraction{program: p, docs: docs(p), marked: map[string]*marked{}}
	for _, pkg := range p.Packages {
		if pkg.Marked {
			x.marked[pkg.Path] = x.find(pkg)
		}
	}
	for _, pkg := range p.Foreign {
		quiet := &extraction{program: p}
		x.marked[pkg.Path] = quiet.find(pkg)
	}
	var models []*model.Package
	for _, pkg := range p.Packages {
		if m := x.marked[pkg.Path]; m != nil && m.any() && pkg.Types != nil {
			models = append(models, x.pkg(m))
		}
	}
	return models, append(x.diags, compilerErrors(x)...), x.nolints
}

// extraction is the work on a program.
type extraction struct {
	program *load.Program
	docs    map[token.Pos]string // doc comments of fields, by the position of the field's name
	marked  map[string]*marked   // by import path
	invalid []*load.Package      // packages in which a saved type has an error somewhere
	nolints []directive.Nolint
	diags   []diag.Diagnostic
}

func (x *extraction) report(d diag.Diagnostic) { x.diags = append(x.diags, d) }

func (x *extraction) pos(p token.Pos) token.Position { return x.program.Fset.PositionFor(p, false) }

// pkg makes the model of one package.
func (x *extraction) pkg(m *marked) *model.Package {
	w := &work{
		extraction: x, marked: m,
		table: newTable(x.program.Fset, m.pkg.Types, x.docs),
		out: &model.Package{
			Path: m.pkg.Path, Name: m.pkg.Name, Dir: m.pkg.Dir, Requested: m.pkg.Requested,
			Taken: slices.Sorted(slices.Values(m.pkg.Types.Scope().Names())),
		},
		unread:   map[*ast.FuncDecl]bool{},
		used:     map[*directive.Directive]bool{},
		builders: map[*types.TypeName]*model.Builder{}, builderData: map[*model.Builder]*types.Named{},
	}
	for _, f := range m.pkg.Files {
		w.out.Files = append(w.out.Files, f.Name)
	}
	slices.Sort(w.out.Files)
	w.data()
	w.events()
	w.steps()
	w.compensations()
	if len(m.types("workflow")) > 0 || len(m.types("pure")) > 0 {
		w.checked = x.program.Bodies(m.pkg)
		w.bodies = w.checked.Info
	}
	w.workflows()
	w.localBuilders()
	w.wiring()
	w.graphs()
	w.unusedStatements()
	w.unusedBuilders()
	w.pure()
	w.dependencies()
	w.uses()
	w.table.finish()
	w.out.Types = w.table.types
	w.nameableLoops()
	if w.table.invalid {
		x.invalid = append(x.invalid, m.pkg)
	}
	w.declares()
	w.names()
	return w.out
}

// work is the making of one model.
type work struct {
	*extraction
	marked  *marked
	table   *table
	out     *model.Package
	bodies  *types.Info            // of the package's functions, when there are workflows
	checked load.Checked           // what bodies are of
	methods []stepType             // the steps with their Go types, as in out.Steps
	unread  map[*ast.FuncDecl]bool // workflow functions with statements that cannot be read

	used    map[*directive.Directive]bool // of those above statements
	taken   names                         // at the top of the package, when that was asked for
	indexed *flow.Input                   // the package, when that was asked for

	builders    map[*types.TypeName]*model.Builder // by data type
	builderData map[*model.Builder]*types.Named
}

type stepType struct {
	step  *model.Step
	named *types.Named
}

// object returns what a marked type or function declares.
func (w *work) object(name string) types.Object { return w.marked.pkg.Types.Scope().Lookup(name) }

func (w *work) data() {
	for _, d := range w.marked.types("data") {
		if named := w.structType(d); named != nil {
			w.out.Data = append(w.out.Data, &model.Data{
				Name: d.name(), Type: w.table.id(named), Doc: d.Doc.Text(), Pos: w.pos(d.Type.Name.Pos()),
			})
		}
	}
	slices.SortFunc(w.out.Data, func(a, b *model.Data) int { return cmp.Compare(a.Name, b.Name) })
}

func (w *work) events() {
	for _, d := range w.marked.types("event") {
		named := w.structType(d)
		if named == nil {
			continue
		}
		w.out.Events = append(w.out.Events, &model.Event{
			Event: cmp.Or(d.directive("event").Text("name"), definition.Kebab(d.name())), Name: d.name(),
			Publish: prefixed("Publish", d.name()), Signal: prefixed("Signal", d.name()), Type: w.table.id(named), Doc: d.Doc.Text(), Pos: w.pos(d.Type.Name.Pos()),
		})
	}
	slices.SortFunc(w.out.Events, func(a, b *model.Event) int { return cmp.Compare(a.Name, b.Name) })
}

// structType returns the type of a marked declaration when it is a struct without type parameters, else reports.
func (w *work) structType(d declaration) *types.Named {
	at := d.Type.Name
	if d.Type.Assign.IsValid() {
		w.report(notStruct(w.pos(at.Pos()), w.pos(at.End()), d.name(), "an alias"))
		return nil
	}
	obj, ok := w.object(d.name()).(*types.TypeName)
	if !ok {
		return nil // redeclared: the compiler's error is reported
	}
	named, ok := obj.Type().(*types.Named)
	if !ok {
		return nil
	}
	if named.TypeParams().Len() > 0 {
		w.report(generic(w.pos(at.Pos()), w.pos(at.End()), "type "+d.name()))
		return nil
	}
	if _, ok := named.Underlying().(*types.Struct); !ok {
		if named.Underlying() != types.Typ[types.Invalid] {
			w.report(notStruct(w.pos(at.Pos()), w.pos(at.End()), d.name(), "of kind "+kindOf(named.Underlying()).String()))
		}
		w.table.id(named)
		return nil
	}
	return named
}

func prefixed(prefix, name string) string {
	if token.IsExported(name) {
		return prefix + name
	}
	return lowerFirst(prefix) + upperFirst(name)
}

func value[T any](from []*directive.Directive, key string, get func(directive.Value) T) *T {
	for _, d := range from {
		if v, ok := d.Value(key); ok {
			out := get(v)
			return &out
		}
	}
	return nil
}

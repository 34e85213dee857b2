package extract

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/wfegen/wfe/internal/analysis/diag"
	"github.com/wfegen/wfe/internal/analysis/flow"
	"github.com/wfegen/wfe/internal/analysis/load"
	"github.com/wfegen/wfe/internal/analysis/model"
	"github.com/wfegen/wfe/runtime/definition"
)

// isPlain reports whether a function is a workflow in plain Go: func(w *wfe.Flow, data *Data).
func (w *work) isPlain(fn *ast.FuncDecl) bool {
	params := w.paramTypes(fn)
	return len(params) > 0 && isPointerTo(params[0], load.RuntimePath, "Flow")
}

// paramTypes are the types of the parameters of a function.
func (w *work) paramTypes(fn *ast.FuncDecl) []types.Type {
	obj, ok := w.bodies.Defs[fn.Name].(*types.Func)
	if !ok {
		return nil
	}
	var out []types.Type
	for v := range obj.Signature().Params().Variables() {
		out = append(out, v.Type())
	}
	return out
}

func isPointerTo(t types.Type, path, name string) bool {
	p, ok := types.Unalias(t).(*types.Pointer)
	return ok && isNamed(p.Elem(), path, name)
}

// plainBuilder finds the builder of the data of a workflow in plain Go. It stands for the data: the function does not use
// it.
func (w *work) plainBuilder(fn *ast.FuncDecl) *model.Builder {
	at, end := w.pos(fn.Name.Pos()), w.pos(fn.Name.End())
	params := w.paramTypes(fn)
	if !w.isFunction(fn) {
		return nil
	}
	if fn.Type.Results.NumFields() > 0 {
		w.report(badWorkflow(at, end, fn.Name.Name, "it has a result, and a call that has failed for good does not return; what comes out of a workflow is its data"))
		return nil
	}
	if len(params) != 2 {
		w.report(badWorkflow(at, end, fn.Name.Name, "its signature is another one"))
		return nil
	}
	p, ok := types.Unalias(params[1]).(*types.Pointer)
	if !ok {
		w.report(badWorkflow(at, end, fn.Name.Name, "its data is no pointer to a struct"))
		return nil
	}
	named, ok := types.Unalias(p.Elem()).(*types.Named)
	if !ok || named.Obj().Pkg() == nil {
		w.report(badWorkflow(at, end, fn.Name.Name, "its data is no pointer to a struct marked //wfe:data"))
		return nil
	}
	name := named.Obj().Name()
	for _, obj := range w.dataNamed(name) {
		if obj.Pkg().Path() == named.Obj().Pkg().Path() {
			return w.builder(obj)
		}
	}
	if last := fn.Type.Params.List[len(fn.Type.Params.List)-1]; named.Obj().Pkg().Path() == w.out.Path && w.object(name) != nil {
		w.report(unmarkedPlainData(w.pos(last.Type.Pos()), w.pos(last.Type.End()), name, w.pos(w.object(name).Pos())))
	} else {
		w.report(badWorkflow(at, end, fn.Name.Name, fmt.Sprintf("its data, %s, is no struct marked //wfe:data", types.TypeString(named, w.qualifier))))
	}
	return nil
}

// compile compiles a workflow in plain Go, and reads what it builds.
func (w *work) compile(f *model.Workflow, fn *ast.FuncDecl, hash *codeHash) {
	r := &reader{work: w, builder: f.Builder, hash: hash, ok: true}
	if w.hazards(fn) {
		return
	}
	out := flow.Compile(r.host(), fn, f.Func)
	if out == nil || !r.ok {
		return
	}
	if len(out.Nodes) == 0 {
		r.report(nothingWaits(r.pos(fn.Name.Pos()), r.pos(fn.Name.End()), f.Func))
		return
	}
	r.draft, r.nodes, r.start = out.Draft, out.Nodes, out.Start
	for _, code := range out.Code {
		r.hashed = append(r.hashed, hashed{code: code})
	}
	f.Graph, f.Flow = r.graph(f), out.Flow
}

// host is what the compiler of plain Go asks this package.
func (r *reader) host() flow.Host {
	return flow.Host{
		Fset: r.program.Fset, Info: r.bodies, Pkg: r.checked.Types, Known: r.hazardInput(), Text: r.hash.text, Hash: r.hash.function, Function: r.work.function,
		ID: r.idAbove, Declared: r.asDeclared, TypeID: func(t types.Type) model.TypeID { return r.table.id(r.asDeclared(t)) },
		Step: r.plainStep, Event: r.plainEvent, Child: r.plainChild,
		Segment: func(at ast.Node, id string) bool {
			err := definition.CheckSegment(id)
			if err != nil {
				r.report(badSegment(r.pos(at.Pos()), r.lineEnd(at), id, err))
			}
			return err == nil
		},
		Rhythm:    func(x ast.Expr, n *definition.Node) bool { r.rhythm(x, n); return r.ok },
		Free:      func(name string) string { return r.work.plainNames().free(name) },
		Qualifier: r.qualifier, Report: r.report,
	}
}

// plainNames are the names that are taken at the top of the package.
func (w *work) plainNames() names {
	if w.taken == nil {
		w.taken = newNames(append(fixedImports(), w.out.Taken...)...)
		for name := range w.fileNames() {
			w.taken[name] = true
		}
	}
	return w.taken
}

// idAbove returns what //wfe:id says directly above a statement.
func (w *work) idAbove(n ast.Node) (string, bool) {
	pos := w.pos(n.Pos())
	for _, d := range w.marked.statements {
		if d.Verb == "id" && d.Pos.Filename == pos.Filename && d.Above == pos.Line {
			w.used[d] = true
			return d.Text("name"), true
		}
	}
	return "", false
}

// unusedStatements reports directives above what is no node.
func (w *work) unusedStatements() {
	plain := slices.ContainsFunc(w.out.Workflows, func(f *model.Workflow) bool { return f.Plain })
	for _, d := range w.marked.statements {
		switch {
		case w.used[d]:
		case !plain:
			w.report(noPlainGo(d, `in a function that takes a builder, name the node in the call: .Name("large")`))
		case !slices.ContainsFunc(w.out.Workflows, func(f *model.Workflow) bool { return f.Plain && f.Graph == nil }):
			w.report(noNode(d))
		}
	}
	for _, d := range w.marked.types("pure") {
		if !plain && !d.Func.Name.IsExported() { // one that is exported is for workflows of other packages
			w.report(noPlainGo(d.directive("pure"), "conditions and bindings of a builder may call any function; delete it"))
		}
	}
}

// plainStep returns the step of a type.
func (r *reader) plainStep(x ast.Expr, t *types.Named) *flow.Step {
	named := r.declared(t)
	name, ok := r.storedName(named, "step")
	if !ok {
		r.report(notRegistered(r.pos(x.Pos()), r.lineEnd(x), "step", types.TypeString(named, r.qualifier)))
		return nil
	}
	s := &flow.Step{Name: name, Undo: undoes(named)}
	if _, sel := method(named, "Run"); sel != nil {
		s.Item = item(sel.Type().(*types.Signature))
	}
	if named.Obj().Pkg() != r.marked.pkg.Types {
		s.Name = named.Obj().Pkg().Name() + "." + name
		return s
	}
	for _, m := range r.builder.Methods {
		if m.Step.Name == named.Obj().Name() {
			s.Method = m
			if c := m.Step.Compensate; c != nil && c.By != nil {
				s.By = c.By.Step
			}
		}
	}
	return s
}

func (r *reader) plainEvent(x ast.Expr, t *types.Named) (string, bool) {
	named := r.declared(t)
	name, ok := r.storedName(named, "event")
	if !ok {
		r.report(notRegistered(r.pos(x.Pos()), r.lineEnd(x), "event", types.TypeString(named, r.qualifier)))
	}
	return name, ok
}

// plainChild returns the reference to a workflow, which is given as its function or as that.
func (r *reader) plainChild(x ast.Expr) (pkg model.Import, ref, id string, ok bool) {
	var name *ast.Ident
	switch x := ast.Unparen(x).(type) {
	case *ast.Ident:
		name = x
	case *ast.SelectorExpr:
		name = x.Sel
	}
	if name == nil {
		r.report(notConstant(r.pos(x.Pos()), r.lineEnd(x), "a workflow"))
		return pkg, "", "", false
	}
	fn, isFunc := r.bodies.Uses[name].(*types.Func)
	if !isFunc {
		before := len(r.diags)
		id := r.reference(x)
		out := model.Import{Path: r.out.Path, Name: r.out.Name}
		if sel, ok := ast.Unparen(x).(*ast.SelectorExpr); ok {
			if pkg, ok := r.bodies.Uses[sel.X.(*ast.Ident)].(*types.PkgName); ok {
				out = model.Import{Path: pkg.Imported().Path(), Name: pkg.Imported().Name()}
			}
		}
		return out, name.Name, id, len(r.diags) == before
	}
	if m := r.extraction.marked[fn.Pkg().Path()]; m != nil {
		for _, d := range m.types("workflow") {
			if d.name() == fn.Name() {
				return model.Import{Path: fn.Pkg().Path(), Name: fn.Pkg().Name()}, fn.Name() + "Ref", cmp.Or(d.directive("workflow").Text("id"), definition.Kebab(fn.Name())), true
			}
		}
	}
	r.report(noReference(r.pos(x.Pos()), r.lineEnd(x), name.Name))
	return pkg, "", "", false
}

// hazards reports what would behave differently, and whether there is anything that keeps a function from being compiled.
func (w *work) hazards(fn *ast.FuncDecl) bool {
	if w.broken(fn) {
		return true
	}
	in := w.hazardInput()
	in.Func = fn
	found := flow.Hazards(in)
	for _, d := range found {
		w.report(d)
	}
	worst, ok := diag.Worst(found)
	return ok && worst == diag.Error
}

// broken reports the errors of the compiler in a workflow in plain Go and in functions that are given the Flow. That a
// reference is not there yet is none.
func (w *work) broken(fn *ast.FuncDecl) bool {
	found := false
	for _, e := range w.checked.Errors {
		for _, f := range w.marked.pkg.Files {
			for _, decl := range f.Syntax.Decls {
				part, ok := decl.(*ast.FuncDecl)
				if !ok || e.At < part.Pos() || e.At >= part.End() || part != fn && !w.isPlain(part) || w.isReference(part, e.At) {
					continue
				}
				w.report(Compiler(e, diag.Error))
				found = true
			}
		}
	}
	return found
}

// isReference reports whether what stands at a place is the reference that is given to wfe.SubWorkflowOf.
func (w *work) isReference(fn *ast.FuncDecl, at token.Pos) bool {
	found := false
	ast.Inspect(fn, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && len(call.Args) > 1 && call.Args[1].Pos() <= at && at < call.Args[1].End() {
			name, _ := called(call)
			found = found || runtimeFunc(w.bodies, name) == "SubWorkflowOf"
		}
		return !found
	})
	return found
}

func (w *work) hazardInput() flow.Input {
	if w.indexed != nil {
		return *w.indexed
	}
	in := flow.Input{Fset: w.program.Fset, Info: w.bodies, Pkg: w.checked.Types, Pure: w.isPure}
	for _, f := range w.marked.pkg.Files {
		in.Files = append(in.Files, f.Syntax)
	}
	in = in.Indexed()
	w.indexed = &in
	return in
}

// isPure reports whether a function or method is marked //wfe:pure.
func (w *work) isPure(fn *types.Func) bool {
	m := w.extraction.marked[fn.Pkg().Path()]
	if m == nil {
		return false
	}
	of := ""
	if recv := fn.Signature().Recv(); recv != nil {
		t := types.Unalias(recv.Type())
		if p, ok := t.(*types.Pointer); ok {
			t = types.Unalias(p.Elem())
		}
		if n, ok := t.(*types.Named); ok {
			of = n.Obj().Name()
		}
	}
	return slices.ContainsFunc(m.types("pure"), func(d declaration) bool {
		return d.name() == fn.Name() && (d.Func.Recv == nil && of == "" || d.Func.Recv != nil && receiver(d.Func) == of)
	})
}

// pure checks the functions that are marked //wfe:pure.
func (w *work) pure() {
	if len(w.marked.types("pure")) > 0 {
		for _, d := range flow.Impure(w.hazardInput()) {
			w.report(d)
		}
	}
}

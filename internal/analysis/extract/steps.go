package extract

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"time"

	"github.com/wfegen/wfe/internal/analysis/directive"
	"github.com/wfegen/wfe/internal/analysis/load"
	"github.com/wfegen/wfe/internal/analysis/model"
	"github.com/wfegen/wfe/runtime/definition"
)

func (w *work) steps() {
	for _, d := range w.marked.types("step") {
		if named := w.structType(d); named != nil {
			w.methods = append(w.methods, stepType{w.step(d, named), named})
		}
	}
	slices.SortFunc(w.methods, func(a, b stepType) int { return cmp.Compare(a.step.Name, b.step.Name) })
	for _, m := range w.methods {
		w.out.Steps = append(w.out.Steps, m.step)
	}
}

func (w *work) step(d declaration, named *types.Named) *model.Step {
	dir := d.directive("step")
	s := &model.Step{
		Step: cmp.Or(dir.Text("name"), definition.Kebab(d.name())), Name: d.name(), Method: cmp.Or(dir.Text("method"), d.name()),
		Type: w.table.id(named), Doc: d.Doc.Text(), Pos: w.pos(d.Type.Name.Pos()),
		Policy: policy(dir, w.marked.defaults), Keys: map[string]token.Position{}, Defaults: map[string]token.Position{},
	}
	for _, key := range directiveKeys("step") {
		if v, ok := dir.Value(key); ok {
			s.Keys[key] = v.Pos
		} else if v, ok := w.marked.defaults.Value(key); ok {
			s.Defaults[key] = v.Pos
		}
	}
	if v, ok := dir.Value("compensate"); ok && v.Text == directive.None {
		s.Asks = true
	} else if ok {
		s.Compensate = &model.Compensation{Step: v.Text, Pos: v.Pos, End: v.End}
	}
	roles := w.fields(s, named)
	s.Retry = retry(s.Policy)
	s.Record = w.table.object(named)
	s.Record.Clashes = nil // those of the whole struct are reported
	s.Record.Members = slices.DeleteFunc(s.Record.Members, func(m model.Member) bool {
		role := roles[m.Selector()]
		return role != model.RoleIn && role != model.RoleOut
	})
	w.run(d, s, named)
	w.undo(d, s, named)
	return s
}

func directiveKeys(verb string) []string {
	var out []string
	for _, v := range directive.Verbs() {
		for _, k := range v.Keys {
			if v.Name == verb {
				out = append(out, k.Name)
			}
		}
	}
	return out
}

// policy is what a step says itself, else what its package does.
func policy(d, defaults *directive.Directive) model.Policy {
	integer := func(v directive.Value) int { return v.Int }
	float := func(v directive.Value) float64 { return v.Float }
	duration := func(v directive.Value) time.Duration { return v.Duration }
	from := []*directive.Directive{d, defaults}
	return model.Policy{
		Retry: value(from, "retry", integer), Backoff: value(from, "backoff", duration), Factor: value(from, "factor", float),
		MaxBackoff: value(from, "max-backoff", duration), Jitter: value(from, "jitter", float),
		OnError: model.Then(cmp.Or(d.Text("on-error"), defaults.Text("on-error"))), Timeout: value(from, "timeout", duration),
	}
}

// retry fills up what a directive says with the defaults of steps without one. Without retries the waits mean nothing.
func retry(p model.Policy) *model.Retry {
	if !p.Set() {
		return nil
	}
	def := definition.DefaultRetry()
	r := &model.Retry{
		MaxRetries: or(p.Retry, def.MaxRetries), Interval: or(p.Backoff, def.Interval), Factor: or(p.Factor, def.Factor),
		MaxInterval: or(p.MaxBackoff, def.MaxInterval), Jitter: or(p.Jitter, def.Jitter), Then: p.OnError,
	}
	if r.MaxRetries == 0 {
		return &model.Retry{Then: p.OnError}
	}
	return r
}

func or[T any](v *T, otherwise T) T {
	if v == nil {
		return otherwise
	}
	return *v
}

// run finds the step's Run and checks its form.
func (w *work) run(d declaration, s *model.Step, named *types.Named) {
	at := d.Type.Name
	receiver, sel := method(named, "Run")
	if sel == nil {
		w.report(noRun(w.pos(at.Pos()), w.pos(at.End()), s.Name))
		return
	}
	pos, end := w.methodPlace(sel, at)
	sig := sel.Type().(*types.Signature)
	err := types.Universe.Lookup("error").Type()
	switch {
	case hasInvalid(sig):
		return // the compiler's error is reported
	case sig.Variadic():
		w.report(badRun(pos, end, s.Name, types.TypeString(sig, w.qualifier)))
	case sig.Params().Len() == 1 && isNamed(sig.Params().At(0).Type(), "context", "Context") && hasTypes(sig.Results(), err):
		s.Run = model.RunPlain
	case steers(sig) && isNamed(sig.Params().At(0).Type(), load.RuntimePath, "StepContext"):
		s.Run = model.RunSteers
	case item(sig) != nil:
		s.Run, s.Item = model.RunBranches, w.table.id(item(sig))
	default:
		w.report(badRun(pos, end, s.Name, types.TypeString(sig, w.qualifier)))
		return
	}
	w.branches(d, s, item(sig), pos, end)
	if receiver == model.OnValue && len(s.Outputs) > 0 && !throughPointer(sel, named) {
		w.report(valueReceiver(pos, end, s.Name, s.Outputs[0].Name))
	}
}

// steers reports whether a Run has one parameter and the results of one that steers.
func steers(sig *types.Signature) bool {
	return sig.Params().Len() == 1 && sig.Results().Len() == 2 && isNamed(sig.Results().At(0).Type(), load.RuntimePath, "Result") &&
		types.Identical(sig.Results().At(1).Type(), types.Universe.Lookup("error").Type())
}

// item returns what a Run branches into; nil if it does not.
func item(sig *types.Signature) types.Type {
	if !steers(sig) || !isNamed(sig.Params().At(0).Type(), load.RuntimePath, "BranchContext") {
		return nil
	}
	return types.Unalias(sig.Params().At(0).Type()).(*types.Named).TypeArgs().At(0)
}

// branches compares what the directive and Run say of what the step branches into.
func (w *work) branches(d declaration, s *model.Step, item types.Type, pos, end token.Position) {
	v, said := d.directive("step").Value("branches")
	takes := ""
	if item != nil {
		takes = types.TypeString(item, w.qualifier)
	}
	switch {
	case !said && item != nil:
		w.report(branchesUnsaid(pos, end, s.Name, takes))
	case said && item == nil:
		w.report(cannotBranch(v, s.Name))
	case said && !types.Identical(item, w.typeCalled(v.Text, d.Type.Pos())):
		w.report(branchesOtherwise(v, s.Name, takes))
	}
}

// typeCalled returns the type of a name at a place; an invalid one if there is none.
func (w *work) typeCalled(name string, at token.Pos) types.Type {
	scope := w.marked.pkg.Types.Scope()
	if inner := scope.Innermost(at); inner != nil {
		scope = inner
	}
	first, second, qualified := strings.Cut(name, ".")
	_, obj := scope.LookupParent(first, token.NoPos)
	if pkg, ok := obj.(*types.PkgName); ok && qualified {
		obj, qualified = pkg.Imported().Scope().Lookup(second), false
	}
	if t, ok := obj.(*types.TypeName); ok && !qualified {
		return t.Type()
	}
	return types.Typ[types.Invalid]
}

// throughPointer reports whether a method is promoted from an embedded pointer, or is on a pointer there, so that it works
// on the one struct all the same. A value receiver at the end of the way copies.
func throughPointer(sel *types.Selection, named *types.Named) bool {
	if len(sel.Index()) < 2 {
		return false
	}
	recv := sel.Obj().(*types.Func).Signature().Recv()
	if recv == nil {
		return false
	}
	_, pointer := types.Unalias(recv.Type()).(*types.Pointer)
	return pointer
}

// undo finds the step's own compensation.
func (w *work) undo(d declaration, s *model.Step, named *types.Named) {
	_, sel := method(named, "Undo")
	if sel == nil {
		return
	}
	sig := sel.Type().(*types.Signature)
	if hasInvalid(sig) {
		return
	}
	if s.Undo = isUndo(sig); !s.Undo {
		pos, end := w.methodPlace(sel, d.Type.Name)
		w.report(badUndo(pos, end, s.Name, types.TypeString(sig, w.qualifier)))
	}
}

// undoes reports whether a step has a compensation of its own.
func undoes(named *types.Named) bool {
	_, sel := method(named, "Undo")
	return sel != nil && isUndo(sel.Type().(*types.Signature))
}

func isUndo(s *types.Signature) bool {
	return !s.Variadic() && s.Params().Len() == 1 && isNamed(s.Params().At(0).Type(), "context", "Context") &&
		hasTypes(s.Results(), types.Universe.Lookup("error").Type())
}

// methodPlace returns where a method is declared, if that is in this package, else the given place.
func (w *work) methodPlace(sel *types.Selection, otherwise *ast.Ident) (pos, end token.Position) {
	if sel.Obj().Pkg() != w.marked.pkg.Types {
		return w.pos(otherwise.Pos()), w.pos(otherwise.End())
	}
	return w.pos(sel.Obj().Pos()), w.pos(sel.Obj().Pos() + token.Pos(len(sel.Obj().Name())))
}

func hasInvalid(s *types.Signature) bool {
	for _, tuple := range []*types.Tuple{s.Params(), s.Results()} {
		for v := range tuple.Variables() {
			if types.Unalias(v.Type()) == types.Typ[types.Invalid] {
				return true
			}
		}
	}
	return false
}

// qualifier writes types in messages as this package would.
func (w *work) qualifier(pkg *types.Package) string {
	switch pkg.Path() {
	case w.out.Path:
		return ""
	case load.RuntimePath:
		return "wfe"
	}
	return pkg.Name()
}

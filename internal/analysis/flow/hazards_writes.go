package flow

import (
	"go/ast"
	"go/types"
	"strings"
)

// effect is what a call of a builtin, or of a function that is not of this package, writes of what it is given.
type effect struct {
	kind effectKind
	x    ast.Expr // the argument, or what the method is called on
	path []hop    // from there on
}

type effectKind uint8

const (
	itself  effectKind = iota // the variable: b in b.WriteString("x")
	reached                   // what its value reaches: the elements of a slice, what a pointer points to
	spare                     // what lies behind the end of a slice, as append does
)

// receiver stands for what a method is called on, in place of the index of an argument.
const receiver = -1

// effects is the one place that says which calls write to memory that they are given.
func (h *hazards) effects(call *ast.CallExpr) []effect {
	tv := h.Info.Types[call.Fun]
	if tv.IsType() {
		return nil
	}
	if tv.IsBuiltin() {
		return builtinEffects(call)
	}
	fn := h.called(call)
	switch {
	case fn == nil || fn.Pkg() == nil:
		return nil
	case fn.Pkg() == h.Pkg:
		return h.ownEffects(call, fn)
	case h.Pure != nil && h.Pure(fn):
		return nil
	}
	return h.libraryEffects(call, fn)
}

// libraryEffects are what a function of Go's library writes.
func (h *hazards) libraryEffects(call *ast.CallExpr, fn *types.Func) []effect {
	args := call.Args
	var of ast.Expr
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
		switch s := h.Info.Selections[sel]; {
		case s == nil:
		case s.Kind() == types.MethodVal:
			of = sel.X
		case len(args) > 0: // (*T).Method(x)
			of, args = args[0], args[1:]
		}
	}
	var out []effect
	for _, i := range writesTo(fn) {
		switch {
		case i == receiver && of != nil:
			out = append(out, effect{kind: reached, x: of})
		case 0 <= i && i < len(args):
			out = append(out, effect{kind: reached, x: args[i]})
		}
	}
	if strings.HasPrefix(qualified(fn), "fmt.Sscan") && len(args) > 0 {
		for _, x := range args[min(len(args), 1+strings.Count(fn.Name(), "f")):] {
			out = append(out, effect{kind: reached, x: x})
		}
	}
	if appendsTo(fn) && len(args) > 0 {
		out = append(out, effect{kind: spare, x: args[0]})
	}
	if of != nil {
		out = append(out, h.methodEffects(of, fn)...)
	}
	return out
}

func builtinEffects(call *ast.CallExpr) []effect {
	id := callee(call.Fun)
	if id == nil || len(call.Args) == 0 {
		return nil
	}
	switch id.Name {
	case "copy", "clear", "delete":
		return []effect{{kind: reached, x: call.Args[0]}}
	case "append":
		if len(call.Args) > 1 {
			return []effect{{kind: spare, x: call.Args[0]}}
		}
	}
	return nil
}

// ownEffects are what a function of the package appends to. It writes nothing else, or is refused.
func (h *hazards) ownEffects(call *ast.CallExpr, fn *types.Func) []effect {
	if h.decls[fn] == nil {
		return nil
	}
	var out []effect
	for _, p := range h.summary(fn).appends {
		if x := argumentFor(h, call, p.root); x != nil {
			out = append(out, effect{kind: spare, x: x, path: p.path})
		}
	}
	return out
}

// methodEffects are what a method with a pointer receiver writes of what it is called on.
func (h *hazards) methodEffects(of ast.Expr, fn *types.Func) []effect {
	if !isPointer(fn.Signature().Recv().Type()) || reads(fn) {
		return nil
	}
	if isPointer(h.typeOf(of)) {
		return []effect{{kind: reached, x: of}}
	}
	return []effect{{kind: itself, x: of}}
}

// valueEffects are what may be written later through a method that is used as a value: s.Swap.
func (h *hazards) valueEffects(sel *ast.SelectorExpr) []effect {
	s := h.Info.Selections[sel]
	if s == nil || s.Kind() != types.MethodVal {
		return nil
	}
	fn, ok := s.Obj().(*types.Func)
	if !ok || fn.Pkg() == nil || fn.Pkg() == h.Pkg {
		return nil
	}
	out := h.methodEffects(sel.X, fn)
	for _, i := range writesTo(fn) {
		if i == receiver {
			out = append(out, effect{kind: reached, x: sel.X})
		}
	}
	return out
}

// target is a place that an effect writes.
type target struct {
	place
	fit
}

// targets are the places that an effect writes: elements, or what is pointed to; for spare, the slices whose room it is.
func (l *places) targets(e effect) []target {
	var out []target
	for _, s := range l.sources(e.x) {
		rest, ok := after(s.sub, e.path)
		switch {
		case len(e.path) > 0:
			if ok {
				out = append(out, target{s.from.with(rest...), fit{}})
			}
		case e.kind == spare && (len(s.sub) == 0 || s.same && len(s.sub) == 1):
			out = append(out, target{s.from, s.fit})
		case e.kind == spare:
		case len(s.sub) == 0 && isPointer(l.typeOf(e.x)):
			out = append(out, target{l.deref(s.from), fit{}})
		case len(s.sub) == 0:
			out = append(out, target{s.from.with(hop{kind: beyond}), fit{}})
		case s.same && len(s.sub) == 1, s.sub[0].kind == pointed:
			out = append(out, target{s.from, fit{}})
		}
	}
	return out
}

// effect follows what a call writes of what it is given.
func (w *walker) effect(e effect, s *state) {
	if e.kind == itself {
		w.write(e.x, "", s)
		return
	}
	for _, t := range w.targets(e) {
		switch {
		case e.kind == reached:
			w.change(e.x, t.place, "", s)
		case t.clipped:
		case t.shorter:
			w.change(e.x, t.with(hop{kind: beyond}), "", s)
		default:
			w.behind(e.x, t.place, s)
		}
	}
}

// behind looks for slices that reach beyond the end of one that is appended to.
func (w *walker) behind(x ast.Expr, p place, s *state) {
	old := w.isData(p.root) || w.units[p.root] != w.unit
	for k, q := range s.pairs {
		if !q.broken && !old {
			continue
		}
		for _, names := range [2]struct {
			a, b   place
			longer bool
		}{{q.a, q.b, q.bLonger}, {q.b, q.a, q.aLonger}} {
			if rest, ok := names.a.below(p); !ok || len(rest) > 0 || !names.longer {
				continue
			}
			if w.isData(names.b.root) {
				w.report(appended(w.span(x), p, names.b))
			} else {
				s.written[k] = written{at: w.span(x), by: p, other: names.b.with(hop{kind: beyond}), appends: true}
			}
		}
	}
}

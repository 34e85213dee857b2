package flow

import (
	"go/ast"
	"go/constant"
	"go/types"
	"strings"
)

// printed yields the arguments of a call whose text has an address in it: fmt follows a pointer at the top, and no other one.
func (h *hazards) printed(call *ast.CallExpr, yield func(impurity)) {
	args, verbs := h.texts(call)
	for i, x := range args {
		verb := "v"
		if i < len(verbs) {
			verb = verbs[i]
		}
		if t := h.typeOf(x); verb == "p" || verb != "T" && addressed(t, verb) {
			yield(impurity{at: h.span(x), what: h.text(x), kind: address})
		}
	}
}

// texts returns what a call writes as text, and the verbs that are known of it.
func (h *hazards) texts(call *ast.CallExpr) (args []ast.Expr, verbs []string) {
	if id := callee(call.Fun); id != nil && id.Name == "panic" && h.Info.Types[call.Fun].IsBuiltin() {
		return call.Args, nil
	}
	fn := h.called(call)
	if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != "fmt" || fn.Signature().Recv() != nil {
		return nil, nil
	}
	first, format := 0, strings.HasSuffix(fn.Name(), "f")
	switch {
	case strings.HasPrefix(fn.Name(), "Append"), strings.HasPrefix(fn.Name(), "Fprint"):
		first = 1
	case strings.HasPrefix(fn.Name(), "Sprint"), fn.Name() == "Errorf":
	default:
		return nil, nil
	}
	if format {
		first++
	}
	if len(call.Args) < first {
		return nil, nil
	}
	if v := h.Info.Types[call.Args[max(0, first-1)]].Value; format && v != nil && v.Kind() == constant.String {
		verbs = verbsOf(constant.StringVal(v))
	}
	return call.Args[first:], verbs
}

// verbsOf returns the verb for each argument of a format, with a # where it has one; none for a format that says which
// argument it means.
func verbsOf(format string) []string {
	var out []string
	for rest := format; ; {
		_, after, ok := strings.Cut(rest, "%")
		if !ok {
			return out
		}
		end := strings.IndexFunc(after, func(r rune) bool { return !strings.ContainsRune("+-# 0123456789.*", r) })
		if end < 0 {
			return out
		}
		flags := after[:end]
		for range strings.Count(flags, "*") {
			out = append(out, "d")
		}
		switch verb := after[end : end+1]; {
		case verb == "[":
			return nil
		case verb == "v" && strings.Contains(flags, "#"):
			out = append(out, "#v")
		case verb != "%":
			out = append(out, verb)
		}
		rest = after[end+1:]
	}
}

// addressed reports whether fmt writes an address for a value of a type.
func addressed(t types.Type, verb string) bool {
	p := &printer{verb: verb, seen: map[types.Type]bool{}}
	if ptr, ok := t.Underlying().(*types.Pointer); ok && !p.speaks(t) {
		switch ptr.Elem().Underlying().(type) {
		case *types.Struct, *types.Map, *types.Slice, *types.Array:
			return p.reaches(ptr.Elem(), true)
		}
	}
	return p.reaches(t, true)
}

type printer struct {
	verb string
	seen map[types.Type]bool
}

// reaches says it of what is not at the top. The methods of what is in a field that is not exported are not called.
func (p *printer) reaches(t types.Type, methods bool) bool {
	if methods && p.speaks(t) || p.seen[t] {
		return false
	}
	p.seen[t] = true
	defer delete(p.seen, t)
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Kind() == types.UnsafePointer
	case *types.Pointer, *types.Chan, *types.Signature:
		return true
	case *types.Interface:
		return !methods && isError(t)
	case *types.Slice:
		return p.reaches(u.Elem(), methods)
	case *types.Array:
		return p.reaches(u.Elem(), methods)
	case *types.Map:
		return p.reaches(u.Key(), methods) || p.reaches(u.Elem(), methods)
	case *types.Struct:
		for f := range u.Fields() {
			if p.reaches(f.Type(), methods && f.Exported()) {
				return true
			}
		}
	}
	return false
}

// speaks reports whether a value says itself what its text is.
func (p *printer) speaks(t types.Type) bool {
	names := []string{"Format"}
	switch p.verb {
	case "#v":
		names = append(names, "GoString")
	case "v", "s", "x", "X", "q", "w":
		names = append(names, "Error", "String")
	}
	methods := types.NewMethodSet(t)
	for _, name := range names {
		m := methods.Lookup(nil, name)
		if m == nil {
			continue
		}
		sig := m.Type().(*types.Signature)
		if name == "Format" && sig.Params().Len() == 2 || sig.Params().Len() == 0 && sig.Results().Len() == 1 && types.Identical(sig.Results().At(0).Type(), types.Typ[types.String]) {
			return true
		}
	}
	return false
}

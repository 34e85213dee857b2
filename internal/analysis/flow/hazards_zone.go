package flow

import (
	"go/ast"
	"go/constant"
	"go/types"
	"strings"
)

// settleZones notes the functions in a call that give a time of the machine's zone where that makes no difference: those whose
// result is asked for another zone, or only when it is, and time.Parse of a layout without a zone.
func (h *hazards) settleZones(call *ast.CallExpr, settled map[*ast.Ident]bool) {
	fn := h.called(call)
	if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != "time" {
		return
	}
	switch name := qualified(fn); name {
	case "time.Parse":
		if len(call.Args) == 2 && zoneless(h.Info.Types[call.Args[0]].Value) {
			settled[callee(call.Fun)] = true
		}
	case "Time.UTC", "Time.In", "Time.Unix", "Time.UnixMilli", "Time.UnixMicro", "Time.UnixNano", "Time.IsZero",
		"Time.Sub", "Time.Before", "Time.After", "Time.Equal", "Time.Compare":
		for _, x := range receiverAndArgs(h, call) {
			h.settleZone(x, settled)
		}
	}
}

func (h *hazards) settleZone(x ast.Expr, settled map[*ast.Ident]bool) {
	call, ok := ast.Unparen(x).(*ast.CallExpr)
	if !ok {
		return
	}
	fn := h.called(call)
	if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != "time" {
		return
	}
	switch qualified(fn) {
	case "time.Unix", "time.UnixMilli", "time.UnixMicro":
		settled[callee(call.Fun)] = true
	case "Time.Add", "Time.Truncate", "Time.Round":
		h.settleZone(ast.Unparen(call.Fun).(*ast.SelectorExpr).X, settled)
	}
}

// zoneless reports whether a layout is known, and has no zone.
func zoneless(layout constant.Value) bool {
	if layout == nil || layout.Kind() != constant.String {
		return false
	}
	for _, zone := range []string{"MST", "Z07", "-07"} {
		if strings.Contains(constant.StringVal(layout), zone) {
			return false
		}
	}
	return true
}

// decodedZones yields a call that decodes JSON into what has a time in it: one with the offset of the machine's zone gets that zone.
func (h *hazards) decodedZones(call *ast.CallExpr, yield func(impurity)) {
	fn := h.called(call)
	if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != "encoding/json" || len(call.Args) == 0 {
		return
	}
	switch qualified(fn) {
	case "json.Unmarshal", "Decoder.Decode":
		if into := call.Args[len(call.Args)-1]; hasTime(h.typeOf(into), map[types.Type]bool{}) {
			yield(impurity{at: h.span(call.Fun), what: qualified(fn) + " of a time", kind: zone})
		}
	}
}

// hasTime reports whether what a type reaches has a time.Time in it that JSON is decoded into.
func hasTime(t types.Type, seen map[types.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	if isNamed(t, "time", "Time") {
		return true
	}
	if types.NewMethodSet(types.NewPointer(t)).Lookup(nil, "UnmarshalJSON") != nil {
		return false
	}
	switch t := t.Underlying().(type) {
	case *types.Pointer:
		return hasTime(t.Elem(), seen)
	case *types.Slice:
		return hasTime(t.Elem(), seen)
	case *types.Array:
		return hasTime(t.Elem(), seen)
	case *types.Map:
		return hasTime(t.Elem(), seen)
	case *types.Struct:
		for f := range t.Fields() {
			if (f.Exported() || f.Embedded()) && hasTime(f.Type(), seen) {
				return true
			}
		}
	}
	return false
}

func isNamed(t types.Type, path, name string) bool {
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == path && n.Obj().Name() == name
}

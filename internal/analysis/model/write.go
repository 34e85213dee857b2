package model

import (
	"strconv"
	"strings"
)

// String returns the type as Go writes it, with packages by import path: map[string]*example.com/x/order.Item. It is the
// same for the same type in every run, and made for comparison and for messages, not for source code.
func (ts Types) String(id TypeID) string {
	w := writer{types: ts, qualify: func(t *Type) string { return t.Pkg }}
	w.write(id)
	return w.String()
}

// Short is String with package names instead of paths, and none for the package with the path own: what people read.
func (ts Types) Short(id TypeID, own string) string {
	w := writer{types: ts, qualify: func(t *Type) string {
		if t.Pkg == own {
			return ""
		}
		return t.PkgName
	}}
	w.write(id)
	return w.String()
}

type writer struct {
	strings.Builder
	types   Types
	qualify func(*Type) string
}

func (w *writer) write(id TypeID) {
	t := w.types.At(id)
	if t.Name != "" {
		w.name(t)
		return
	}
	switch t.Kind {
	case Pointer:
		w.around("*", t.Elem)
	case Slice:
		w.around("[]", t.Elem)
	case Array:
		w.around("["+strconv.FormatInt(t.Len, 10)+"]", t.Elem)
	case Map:
		w.around("map[", t.Key)
		w.around("]", t.Elem)
	case Chan:
		w.around(t.Dir+" ", t.Elem)
	case Struct:
		w.fields(t.Fields)
	case Interface:
		w.methods(t)
	case Func:
		w.WriteString("func")
		for _, s := range t.Sigs {
			w.signature(s)
		}
	default:
		w.WriteString(t.Kind.String())
	}
}

func (w *writer) around(before string, id TypeID) {
	w.WriteString(before)
	w.write(id)
}

func (w *writer) name(t *Type) {
	if q := w.qualify(t); q != "" {
		w.WriteString(q + ".")
	}
	w.WriteString(t.Name)
	if len(t.Args) > 0 {
		w.WriteString("[")
		w.list(t.Args)
		w.WriteString("]")
	}
}

func (w *writer) list(ids []TypeID) {
	for i, id := range ids {
		if i > 0 {
			w.WriteString(", ")
		}
		w.write(id)
	}
}

func (w *writer) fields(fields []Field) {
	w.WriteString("struct{")
	for i, f := range fields {
		if i > 0 {
			w.WriteString("; ")
		}
		if !f.Embedded {
			w.WriteString(f.Name + " ")
		}
		w.write(f.Type)
		if f.Tag != "" {
			w.WriteString(" " + strconv.Quote(f.Tag))
		}
	}
	w.WriteString("}")
}

func (w *writer) methods(t *Type) {
	if t.Empty {
		w.WriteString("any")
		return
	}
	w.WriteString("interface{")
	for i, s := range t.Sigs {
		if i > 0 {
			w.WriteString("; ")
		}
		w.WriteString(s.Name)
		w.signature(s)
	}
	w.WriteString("}")
}

func (w *writer) signature(s Signature) {
	w.WriteString("(")
	if last := len(s.Params) - 1; s.Variadic {
		w.list(s.Params[:last])
		if last > 0 {
			w.WriteString(", ")
		}
		w.around("...", w.types.At(s.Params[last]).Elem)
	} else {
		w.list(s.Params)
	}
	w.WriteString(")")
	switch len(s.Results) {
	case 0:
	case 1:
		w.around(" ", s.Results[0])
	default:
		w.WriteString(" (")
		w.list(s.Results)
		w.WriteString(")")
	}
}

package gen

import (
	"github.com/dave/jennifer/jen"

	"github.com/wfegen/wfe/internal/analysis/model"
)

// appended is code that appends a value to b: an expression whose value is the new b or, if it can fail, the new b and an
// error.
type appended struct {
	expr  *jen.Statement
	fails bool
}

// appendType writes append<Ident> for a type of the package's list.
func (e *codecs) appendType(t *model.Type) *jen.Statement {
	recursive := e.recursive[t.ID]
	if t.Kind == model.Struct {
		return e.appendObject(t.Object, recursive)
	}
	e.inside = recursive
	value := e.appendStructure(t, target())
	body := []jen.Code{}
	if recursive {
		body = append(body, depthGuard())
	}
	return e.appendSignature(t.Ident, t.ID, recursive).Block(append(body, value.result())...)
}

// appendSignature begins a function:
//
//	// appendOrder appends v in JSON.
//	func appendOrder(b []byte, v *Order) ([]byte, error)
func (e *codecs) appendSignature(ident string, id model.TypeID, recursive bool) *jen.Statement {
	params := []jen.Code{jen.Id("b").Index().Byte(), jen.Id("v").Op("*").Add(e.goType(id))}
	if recursive {
		params = append(params, jen.Id("depth").Int())
	}
	return jen.Add(comment(appendName(ident)+" appends v in JSON.")).Line().
		Func().Add(named(appendName(ident))).Params(params...).Params(jen.Index().Byte(), jen.Error())
}

// depthGuard is the beginning of a function for a type that may hold itself:
//
//	if depth > codec.MaxDepth {
//		return b, codec.ErrDepth
//	}
func depthGuard() jen.Code {
	return jen.If(jen.Id("depth").Op(">").Add(cdc("MaxDepth"))).Block(jen.Return(jen.Id("b"), cdc("ErrDepth")))
}

// appendObject writes append<Ident> for a struct, or for some fields of a step. If the first field is always there, each
// further one brings its comma; otherwise each has its comma behind it, and if the last field may be absent,
// codec.CloseObject takes the last comma away.
func (e *codecs) appendObject(o *model.Object, recursive bool) *jen.Statement {
	e.inside = recursive
	w := appendBody{}
	if recursive {
		w.add(depthGuard())
	}
	guards := make([]*jen.Statement, len(o.Members))
	for i, m := range o.Members {
		guards[i] = e.present(m)
	}
	last := len(o.Members) - 1
	commaBehind := last >= 0 && guards[0] != nil
	openEnd := commaBehind && guards[last] != nil
	w.text("{")
	for i, m := range o.Members {
		inner := &w
		if guards[i] != nil {
			w.flush()
			inner = &appendBody{}
		}
		if !commaBehind && i > 0 {
			inner.text(",")
		}
		inner.text(nameLit(m.Name))
		inner.value(e.appendMember(m))
		if commaBehind && (i < last || openEnd) {
			inner.text(",")
		}
		if guards[i] != nil {
			inner.flush()
			w.add(jen.If(guards[i]).Block(inner.code...))
			w.fails = w.fails || inner.fails
		}
	}
	body := []jen.Code{}
	if w.fails {
		body = append(body, jen.Var().Err().Error())
	}
	if openEnd {
		w.flush()
		w.add(jen.Return(cdc("CloseObject").Call(jen.Id("b")), jen.Nil()))
	} else {
		w.text("}")
		w.add(jen.Return(w.rest(), jen.Nil()))
	}
	return e.appendSignature(o.Ident, o.Type, recursive).Block(append(body, w.code...)...)
}

// appendBody collects statements, and constant text until the next statement.
type appendBody struct {
	code    []jen.Code
	pending string
	fails   bool // err is used
}

func (w *appendBody) add(c jen.Code) { w.code = append(w.code, c) }

func (w *appendBody) text(s string) { w.pending += s }

// flush writes the text collected: b = append(b, `,"qty":`...)
func (w *appendBody) flush() {
	if w.pending != "" {
		w.add(jen.Id("b").Op("=").Add(w.rest()))
	}
}

// rest is b with the text collected.
func (w *appendBody) rest() *jen.Statement {
	s := w.pending
	w.pending = ""
	if len(s) == 1 {
		return jen.Append(jen.Id("b"), runeLit(s[0]))
	}
	return jen.Append(jen.Id("b"), textLit(s).Op("..."))
}

// value writes one of
//
//	b = codec.AppendInt(b, v.Qty)
//
//	if b, err = codec.AppendTime(b, v.At); err != nil {
//		return b, err
//	}
func (w *appendBody) value(a appended) {
	w.flush()
	if !a.fails {
		w.add(jen.Id("b").Op("=").Add(a.expr))
		return
	}
	w.fails = true
	w.add(jen.If(jen.List(jen.Id("b"), jen.Err()).Op("=").Add(a.expr), jen.Err().Op("!=").Nil()).
		Block(jen.Return(jen.Id("b"), jen.Err())))
}

// result returns what is appended from a function that appends one value only.
func (a appended) result() jen.Code {
	if a.fails {
		return jen.Return(a.expr)
	}
	return jen.Return(a.expr, jen.Nil())
}

// appendMember is the value of a member.
func (e *codecs) appendMember(m model.Member) appended {
	at := field(m)
	t := e.types.At(m.Type)
	if !m.Quoted {
		return e.appendValue(m.Type, at)
	}
	if t.Kind == model.Pointer && t.Name == "" {
		elem := e.types.At(t.Elem)
		if !quotes(e.encode(elem)) {
			return e.appendValue(m.Type, at)
		}
		inner := e.appendQuoted(elem, target())
		return appended{cdc("AppendPointer").Call(jen.Id("b"), at.value(), e.appendClosure(t.Elem, inner)), true}
	}
	if !quotes(e.encode(t)) {
		return e.appendValue(m.Type, at)
	}
	return e.appendQuoted(t, at)
}

// quotes reports whether the option "string" changes how a value of the form is encoded.
func quotes(form model.Form) bool {
	return form == model.FormKind || form == model.FormNumber
}

func (e *codecs) appendQuoted(t *model.Type, at place) appended {
	name := scalar(t.Kind)
	if t.Encode == model.FormNumber {
		name = "Number"
	}
	return appended{cdc("AppendQuoted"+name).Call(jen.Id("b"), at.value()), t.Encode == model.FormNumber || t.Kind.Float()}
}

// appendValue is the value of the type at a place.
func (e *codecs) appendValue(id model.TypeID, at place) appended {
	t := e.types.At(id)
	call := func(name string, arg *jen.Statement) *jen.Statement { return cdc(name).Call(jen.Id("b"), arg) }
	switch e.encode(t) {
	case model.FormKind:
		if e.own[id] {
			return appended{e.appendOwn(t, at), true}
		}
		return e.appendStructure(t, at)
	case model.FormBytes:
		return appended{call("AppendBytes", at.value()), false}
	case model.FormTime:
		return appended{call("AppendTime", at.value()), true}
	case model.FormRaw:
		return appended{call("AppendRaw", at.value()), true}
	case model.FormNumber:
		return appended{call("AppendNumber", at.value()), true}
	case model.FormJSON:
		return appended{call("AppendMarshaler", at.addr()), true}
	case model.FormText:
		return appended{call("AppendTextMarshaler", at.addr()), true}
	default:
		return appended{call("AppendAny", at.addr()), true}
	}
}

// appendOwn calls append<Ident>.
func (e *codecs) appendOwn(t *model.Type, at place) *jen.Statement {
	args := []jen.Code{jen.Id("b"), at.addr()}
	switch {
	case e.recursive[t.ID] && e.inside:
		args = append(args, jen.Id("depth").Op("+").Lit(1))
	case e.recursive[t.ID]:
		args = append(args, jen.Lit(0))
	}
	return named(appendName(t.Ident)).Call(args...)
}

// appendStructure is a value of FormKind, by its kind.
func (e *codecs) appendStructure(t *model.Type, at place) appended {
	b := jen.Id("b")
	if name := scalar(t.Kind); name != "" {
		return appended{cdc("Append"+name).Call(b, at.value()), t.Kind.Float()}
	}
	if !e.types.At(t.Elem).Nameable {
		return appended{cdc("AppendAny").Call(b, at.addr()), true}
	}
	values := at.value
	if t.Kind == model.Array {
		values = at.slice
	}
	switch t.Kind {
	case model.Pointer:
		return appended{cdc("AppendPointer").Call(b, values(), e.appendFunc(t.Elem)), true}
	case model.Slice, model.Array:
		elem := e.types.At(t.Elem)
		if name := scalar(elem.Kind); e.encode(elem) == model.FormKind && name != "" && !elem.Kind.Float() {
			return appended{cdc("AppendValues").Call(b, values(), cdc("Append"+name)), false}
		}
		return appended{cdc("AppendSlice").Call(b, values(), e.appendFunc(t.Elem)), true}
	case model.Map:
		if e.types.At(t.Elem).AddrMatters {
			break
		}
		switch e.types.At(t.Key).KeyEncode {
		case model.KeyString:
			return appended{cdc("AppendMap").Call(b, values(), e.appendFunc(t.Elem)), true}
		case model.KeyInt, model.KeyUint:
			return appended{cdc("AppendIntMap").Call(b, values(), e.appendFunc(t.Elem)), true}
		}
	}
	return appended{cdc("AppendAny").Call(b, at.addr()), true}
}

// appendFunc is a function value that appends a value of the type: func(b []byte, v *T) ([]byte, error).
func (e *codecs) appendFunc(id model.TypeID) *jen.Statement {
	t := e.types.At(id)
	if e.own[id] && e.encode(t) == model.FormKind && !e.recursive[id] {
		return named(appendName(t.Ident))
	}
	return e.appendClosure(id, e.appendValue(id, target()))
}

func (e *codecs) appendClosure(id model.TypeID, a appended) *jen.Statement {
	return jen.Func().Params(jen.Id("b").Index().Byte(), jen.Id("v").Op("*").Add(e.goType(id))).
		Params(jen.Index().Byte(), jen.Error()).Block(a.result())
}

// present is the condition on which a member is written, nil if it always is.
func (e *codecs) present(m model.Member) *jen.Statement {
	var all *jen.Statement
	and := func(condition *jen.Statement) {
		if condition == nil {
			return
		}
		if all == nil {
			all = condition
		} else {
			all = all.Op("&&").Add(condition)
		}
	}
	for i, elem := range m.Path[:len(m.Path)-1] {
		if elem.Pointer {
			and(selected(m.Path[:i+1]).value().Op("!=").Nil())
		}
	}
	at := field(m)
	if m.OmitEmpty {
		and(e.notEmpty(e.types.At(m.Type), at))
	}
	if m.OmitZero {
		and(e.notZero(e.types.At(m.Type), at))
	}
	return all
}

// notEmpty is the condition of the option "omitempty", nil if a value of the type is never empty.
func (e *codecs) notEmpty(t *model.Type, at place) *jen.Statement {
	switch t.Kind {
	case model.Slice, model.Map, model.Array:
		return jen.Len(at.value()).Op("!=").Lit(0)
	case model.Struct:
		return nil
	}
	return notZeroScalar(t, at)
}

// notZero is the condition of the option "omitzero".
func (e *codecs) notZero(t *model.Type, at place) *jen.Statement {
	isZero := func() *jen.Statement { return jen.Op("!").Add(at.value()).Dot("IsZero").Call() }
	method := t.Methods.IsZero
	if t.Kind == model.Pointer && t.Name == "" {
		method = e.types.At(t.Elem).Methods.IsZero
	}
	switch {
	case method != model.Absent && (t.Kind == model.Pointer || t.Kind == model.Interface):
		return at.value().Op("!=").Nil().Op("&&").Add(isZero())
	case method != model.Absent:
		return isZero()
	case t.Kind.Float():
		return cdc("NotZero").Call(at.value())
	case t.Kind == model.Slice, t.Kind == model.Map:
		return at.value().Op("!=").Nil()
	case t.Kind == model.Struct, t.Kind == model.Array:
		return jen.Op("!").Add(cdc("IsZero").Call(at.addr()))
	}
	return notZeroScalar(t, at)
}

func notZeroScalar(t *model.Type, at place) *jen.Statement {
	switch t.Kind {
	case model.Bool:
		return at.value()
	case model.String:
		return at.value().Op("!=").Lit("")
	case model.Pointer, model.Interface:
		return at.value().Op("!=").Nil()
	}
	return at.value().Op("!=").Lit(0)
}

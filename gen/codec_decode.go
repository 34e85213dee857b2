package gen

import (
	"go/token"
	"unicode/utf8"

	"github.com/dave/jennifer/jen"

	"github.com/wfegen/wfe/internal/analysis/model"
)

// decodeType writes decode<Ident> for a type of the package's list.
func (e *codecs) decodeType(t *model.Type) *jen.Statement {
	if t.Kind == model.Struct {
		return e.decodeObject(t.Object)
	}
	return e.decodeSignature(t.Ident, t.ID).Block(e.decodeStructure(t, target()))
}

// decodeSignature begins a function:
//
//	// decodeOrder reads v from JSON.
//	func decodeOrder(d *codec.Decoder, v *Order)
func (e *codecs) decodeSignature(ident string, id model.TypeID) *jen.Statement {
	return jen.Add(comment(decodeName(ident) + " reads v from JSON.")).Line().
		Func().Add(named(decodeName(ident))).Params(e.decodeParams(id)...)
}

func (e *codecs) decodeParams(id model.TypeID) []jen.Code {
	return []jen.Code{jen.Id("d").Op("*").Add(cdc("Decoder")), jen.Id("v").Op("*").Add(e.goType(id))}
}

// decodeObject writes decode<Ident> for a struct, or for some fields of a step.
func (e *codecs) decodeObject(o *model.Object) *jen.Statement {
	body := jen.Id("d").Dot("Skip").Call()
	if len(o.Members) > 0 {
		cases := make([]jen.Code, 0, len(o.Members)+1)
		for _, m := range o.Members {
			cases = append(cases, jen.Case(jen.Lit(m.Name)).Block(e.decodeMember(m)...))
		}
		cases = append(cases, jen.Default().Block(jen.Id("d").Dot("Unmatched").Call(unmatched(o)...)))
		body = jen.Switch(jen.String().Call(jen.Id("name"))).Block(cases...)
	}
	return e.decodeSignature(o.Ident, o.Type).Block(
		jen.For(
			jen.Id("name").Op(":=").Id("d").Dot("FirstField").Call(),
			jen.Id("name").Op("!=").Nil(),
			jen.Id("name").Op("=").Id("d").Dot("NextField").Call(),
		).Block(body),
	)
}

// unmatched are the arguments of Decoder.Unmatched, in lines of about a hundred characters.
func unmatched(o *model.Object) []jen.Code {
	args := []jen.Code{jen.Id("name")}
	width := 30
	for _, m := range o.Members {
		arg := jen.Lit(m.Name)
		if width += utf8.RuneCountInString(m.Name) + 4; width > 100 {
			arg = jen.Line().Lit(m.Name)
			width = 20 + utf8.RuneCountInString(m.Name)
		}
		args = append(args, arg)
	}
	return args
}

// decodeMember reads the value of a member. What it is embedded in by pointer is made first:
//
//	codec.Make(&v.Base)
//	codec.DecodeString(d, &v.Base.ID)
func (e *codecs) decodeMember(m model.Member) []jen.Code {
	var code []jen.Code
	for i, elem := range m.Path[:len(m.Path)-1] {
		if !elem.Pointer {
			continue
		}
		at := selected(m.Path[:i+1])
		if token.IsExported(elem.Name) {
			code = append(code, cdc("Make").Call(at.addr()))
		} else {
			code = append(code, jen.If(at.value().Op("==").Nil()).
				Block(jen.Id("d").Dot("Fail").Call(cdc("ErrEmbedded")), jen.Break()))
		}
	}
	if m.Quoted {
		return append(code, e.decodeQuoted(m))
	}
	return append(code, e.decodeValue(m.Type, field(m)))
}

// decodeQuoted reads a member with the option "string".
func (e *codecs) decodeQuoted(m model.Member) jen.Code {
	at := field(m)
	t := e.types.At(m.Type)
	if t.Kind != model.Pointer || t.Name != "" {
		return cdc(quotedName(t)).Call(jen.Id("d"), at.addr())
	}
	elem := e.types.At(t.Elem)
	read := cdc(quotedName(elem))
	if elem.Decode == model.FormJSON || elem.Decode == model.FormText {
		read = jen.Func().Params(e.decodeParams(t.Elem)...).Block(read.Call(jen.Id("d"), jen.Id("v")))
	}
	return cdc("DecodeQuotedPointer").Call(jen.Id("d"), at.addr(), read)
}

func quotedName(t *model.Type) string {
	switch t.Decode {
	case model.FormNumber:
		return "DecodeQuotedNumber"
	case model.FormJSON:
		return "DecodeQuotedUnmarshaler"
	case model.FormText:
		return "DecodeQuotedTextUnmarshaler"
	}
	return "DecodeQuoted" + scalar(t.Kind)
}

// decodeValue reads a value of the type at a place.
func (e *codecs) decodeValue(id model.TypeID, at place) jen.Code {
	t := e.types.At(id)
	d := jen.Id("d")
	switch e.decode(t) {
	case model.FormKind:
		if e.own[id] {
			return named(decodeName(t.Ident)).Call(d, at.addr())
		}
		return e.decodeStructure(t, at)
	case model.FormJSON:
		return cdc("DecodeUnmarshaler").Call(d, at.addr())
	case model.FormText:
		call := cdc("DecodeTextUnmarshaler").Call(d, at.addr())
		switch t.Kind {
		case model.Slice, model.Map:
			return jen.If(jen.Id("d").Dot("Null").Call()).Block(at.value().Op("=").Nil()).Else().Block(call)
		}
		return call
	}
	if name := leaf(e.decode(t)); name != "" {
		return cdc(name).Call(d, at.addr())
	}
	return cdc("DecodeAny").Call(d, at.addr())
}

// leaf is the function for a form that has one which takes a pointer to the value; empty for other forms.
func leaf(form model.Form) string {
	switch form {
	case model.FormBytes:
		return "DecodeBytes"
	case model.FormTime:
		return "DecodeTime"
	case model.FormRaw:
		return "DecodeRaw"
	case model.FormNumber:
		return "DecodeNumber"
	}
	return ""
}

// decodeStructure reads a value of FormKind, by its kind.
func (e *codecs) decodeStructure(t *model.Type, at place) jen.Code {
	d := jen.Id("d")
	if name := scalar(t.Kind); name != "" {
		return cdc("Decode"+name).Call(d, at.addr())
	}
	if !e.types.At(t.Elem).Nameable {
		return cdc("DecodeAny").Call(d, at.addr())
	}
	switch t.Kind {
	case model.Pointer:
		return cdc("DecodePointer").Call(d, at.addr(), e.decodeFunc(t.Elem))
	case model.Slice:
		return cdc("DecodeSlice").Call(d, at.addr(), e.decodeFunc(t.Elem))
	case model.Array:
		return cdc("DecodeArray").Call(d, at.slice(), e.decodeFunc(t.Elem))
	case model.Map:
		switch e.types.At(t.Key).KeyDecode {
		case model.KeyString:
			return cdc("DecodeMap").Call(d, at.addr(), e.decodeFunc(t.Elem))
		case model.KeyInt:
			return cdc("DecodeIntMap").Call(d, at.addr(), e.decodeFunc(t.Elem))
		case model.KeyUint:
			return cdc("DecodeUintMap").Call(d, at.addr(), e.decodeFunc(t.Elem))
		}
	}
	return cdc("DecodeAny").Call(d, at.addr())
}

// decodeFunc is a function value that reads a value of the type: func(d *codec.Decoder, v *T).
func (e *codecs) decodeFunc(id model.TypeID) *jen.Statement {
	t := e.types.At(id)
	if e.decode(t) == model.FormKind {
		if e.own[id] {
			return named(decodeName(t.Ident))
		}
		if name := scalar(t.Kind); name != "" {
			return cdc("Decode" + name)
		}
	}
	if name := leaf(e.decode(t)); name != "" {
		return cdc(name)
	}
	return jen.Func().Params(e.decodeParams(id)...).Block(e.decodeValue(id, target()))
}

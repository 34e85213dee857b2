package gen

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/dave/jennifer/jen"

	"github.com/wfegen/wfe/internal/analysis/model"
)

// emitCodecs writes the functions that encode and decode what the package records: one append and one decode function for
// each type of pkg.Codecs, and for the inputs and outputs of each step.
//
//	// appendItem appends v in JSON.
//	func appendItem(b []byte, v *Item) ([]byte, error) {
//		b = append(b, `{"sku":`...)
//		b = codec.AppendString(b, v.SKU)
//		b = append(b, `,"qty":`...)
//		b = codec.AppendInt(b, v.Qty)
//		return append(b, '}'), nil
//	}
//
//	// decodeItem reads v from JSON.
//	func decodeItem(d *codec.Decoder, v *Item) {
//		for name := d.FirstField(); name != nil; name = d.NextField() {
//			switch string(name) {
//			case "sku":
//				codec.DecodeString(d, &v.SKU)
//			case "qty":
//				codec.DecodeInt(d, &v.Qty)
//			default:
//				d.Unmatched(name, "sku", "qty")
//			}
//		}
//	}
func emitCodecs(f *jen.File, pkg *model.Package) {
	e := newCodecs(pkg)
	for _, id := range pkg.Codecs {
		t := e.types.At(id)
		if e.encode(t) == model.FormKind {
			f.Line().Add(e.appendType(t))
		}
		if hasFields(pkg, id) {
			f.Line().Add(e.memberFunc(t))
		}
		if e.decode(t) == model.FormKind {
			f.Line().Add(e.decodeType(t))
		}
	}
	for _, step := range pkg.Steps {
		f.Line().Add(e.appendObject(&step.Record, false))
		f.Line().Add(e.decodeObject(&step.Record))
	}
}

// typeCodec is an expression for the codec.Codec of a type: data or an event.
//
//	codec.New("Order", 0x1f8a…, appendOrder, decodeOrder)
func typeCodec(pkg *model.Package, id model.TypeID) *jen.Statement {
	e := newCodecs(pkg)
	t := e.types.At(id)
	if e.encode(t) == model.FormStd && e.decode(t) == model.FormStd {
		return cdc("JSON").Types(e.goType(id)).Call()
	}
	schema := uint64(0)
	if t.Object != nil {
		schema = schemaFingerprint(pkg.Types, t.Object)
	}
	c := cdc("New").Call(jen.Lit(e.label(id)), hexLit(schema), e.appendFunc(id), e.decodeFunc(id))
	if hasFields(pkg, id) {
		c.Dot("WithFields").Call(withFields(t)...)
	}
	return c
}

// objectCodec is an expression for the codec.Codec of what is recorded of a step, which are fields of the step's struct.
func objectCodec(pkg *model.Package, o *model.Object) *jen.Statement {
	e := newCodecs(pkg)
	return cdc("New").Call(jen.Lit(e.label(o.Type)), hexLit(schemaFingerprint(pkg.Types, o)),
		named(appendName(o.Ident)), named(decodeName(o.Ident)))
}

// schemaFingerprint is what model.Types.Fingerprint says, as the number that a codec.Codec has.
func schemaFingerprint(types model.Types, o *model.Object) uint64 {
	n, err := strconv.ParseUint(types.Fingerprint(o), 16, 64)
	if err != nil {
		panic(fmt.Sprintf("gen: fingerprint is not a number of 64 bits: %v", err))
	}
	return n
}

// codecs writes the code of one package.
type codecs struct {
	pkg       *model.Package
	types     model.Types
	own       map[model.TypeID]bool // types of pkg.Codecs
	recursive map[model.TypeID]bool // those of them that hold, or may hold, a value of themselves
	inside    bool                  // the function being written has a parameter depth
}

func newCodecs(pkg *model.Package) *codecs {
	e := &codecs{pkg: pkg, types: pkg.Types, own: map[model.TypeID]bool{}, recursive: map[model.TypeID]bool{}}
	for _, id := range pkg.Codecs {
		e.own[id] = true
		e.recursive[id] = e.reaches(id, id, make([]bool, len(pkg.Types)))
	}
	return e
}

// reaches reports whether encoding a value of type from may come to one of type to that it holds.
func (e *codecs) reaches(from, to model.TypeID, seen []bool) bool {
	t := e.types.At(from)
	if e.encode(t) != model.FormKind {
		return false
	}
	var next []model.TypeID
	if t.Kind == model.Struct {
		for _, m := range t.Object.Members {
			next = append(next, m.Type)
		}
	} else if t.Elem != 0 {
		next = append(next, t.Elem)
	}
	return slices.ContainsFunc(next, func(id model.TypeID) bool {
		if id == to {
			return true
		}
		if seen[id] {
			return false
		}
		seen[id] = true
		return e.reaches(id, to, seen)
	})
}

// encode is how a value of the type is encoded.
func (e *codecs) encode(t *model.Type) model.Form { return e.form(t, t.Encode) }

// decode is how a value of the type is decoded.
func (e *codecs) decode(t *model.Type) model.Form { return e.form(t, t.Decode) }

// form corrects what the model says for types that generic functions can or cannot do: a scalar need not be named to be
// passed to one, and one for []byte does not take bytes of another type.
func (e *codecs) form(t *model.Type, form model.Form) model.Form {
	switch {
	case form == model.FormStd && scalar(t.Kind) != "":
		return model.FormKind
	case form == model.FormBytes && !e.types.At(t.Elem).Basic():
		return model.FormStd
	}
	return form
}

// label is what errors call a type.
func (e *codecs) label(id model.TypeID) string { return e.types.Short(id, e.pkg.Path) }

func appendName(ident string) string { return "append" + ident }
func decodeName(ident string) string { return "decode" + ident }
func memberName(ident string) string { return "member" + ident }

// place is a variable in generated code: a field of v, or *v.
type place struct {
	value, addr, slice func() *jen.Statement
}

// field is v.Base.ID.
func field(m model.Member) place {
	return selected(m.Path)
}

// selected is the field at the end of the path from v.
func selected(path []model.Elem) place {
	value := func() *jen.Statement {
		s := jen.Id("v")
		for _, e := range path {
			s.Add(dot(e.Name))
		}
		return s
	}
	return place{
		value: value,
		addr:  func() *jen.Statement { return jen.Op("&").Add(value()) },
		slice: func() *jen.Statement { return value().Index(jen.Empty(), jen.Empty()) },
	}
}

// target is *v.
func target() place {
	return place{
		value: func() *jen.Statement { return jen.Op("*").Id("v") },
		addr:  func() *jen.Statement { return jen.Id("v") },
		slice: func() *jen.Statement { return jen.Id("v").Index(jen.Empty(), jen.Empty()) },
	}
}

// scalar is the part of a function's name that stands for a scalar kind; empty for other kinds.
func scalar(k model.Kind) string {
	switch {
	case k == model.Bool:
		return "Bool"
	case k == model.String:
		return "String"
	case k == model.Float32:
		return "Float32"
	case k == model.Float64:
		return "Float64"
	case k.Int():
		return "Int"
	case k.Uint():
		return "Uint"
	}
	return ""
}

func (e *codecs) goType(id model.TypeID) *jen.Statement { return goType(e.pkg, id) }

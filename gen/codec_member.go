package gen

import (
	"slices"

	"github.com/dave/jennifer/jen"

	"github.com/wfegen/wfe/internal/analysis/model"
)

// Data is stored by its fields, so that one that is large and was not written costs nothing.

// hasFields reports whether a type is the data of workflows and its members can be appended one by one.
func hasFields(pkg *model.Package, id model.TypeID) bool {
	t := pkg.Types.At(id)
	return t.Kind == model.Struct && t.Encode == model.FormKind && len(t.Object.Members) > 1 &&
		slices.ContainsFunc(pkg.Builders, func(b *model.Builder) bool { return b.Data == id })
}

// withFields are the arguments of codec.Codec.WithFields:
//
//	memberOrder, "id", "items"
func withFields(t *model.Type) []jen.Code {
	args := []jen.Code{named(memberName(t.Ident))}
	for _, m := range t.Object.Members {
		args = append(args, jen.Lit(m.Name))
	}
	return args
}

// memberFunc writes member<Ident>:
//
//	// memberOrder appends member i of v in JSON, with its name.
//	func memberOrder(b []byte, v *Order, i int) ([]byte, error) {
//		switch i {
//		case 0:
//			b = append(b, `"id":`...)
//			b = codec.AppendString(b, v.ID)
//		}
//		return b, nil
//	}
func (e *codecs) memberFunc(t *model.Type) *jen.Statement {
	e.inside = false
	fails := false
	cases := make([]jen.Code, len(t.Object.Members))
	for i, m := range t.Object.Members {
		w := appendBody{}
		w.text(nameLit(m.Name))
		w.value(e.appendMember(m))
		fails = fails || w.fails
		code := w.code
		if guard := e.present(m); guard != nil {
			code = []jen.Code{jen.If(guard).Block(code...)}
		}
		cases[i] = jen.Case(jen.Lit(i)).Block(code...)
	}
	var body []jen.Code
	if fails {
		body = append(body, jen.Var().Err().Error())
	}
	body = append(body, jen.Switch(jen.Id("i")).Block(cases...), jen.Return(jen.Id("b"), jen.Nil()))
	return jen.Add(comment(memberName(t.Ident)+" appends member i of v in JSON, with its name.")).Line().
		Func().Add(named(memberName(t.Ident))).
		Params(jen.Id("b").Index().Byte(), jen.Id("v").Op("*").Add(e.goType(t.ID)), jen.Id("i").Int()).
		Params(jen.Index().Byte(), jen.Error()).Block(body...)
}

// stored lists the members of the data that wires write, by their names in JSON.
//
//	Stores: []string{"receipt"}
func stored(data *model.Object, ws []model.Wire) *jen.Statement {
	var names []jen.Code
	for _, m := range data.Members {
		if slices.ContainsFunc(ws, func(w model.Wire) bool { return within(w.To.Path, m.Path) || within(m.Path, w.To.Path) }) {
			names = append(names, jen.Lit(m.Name))
		}
	}
	return jen.Index().String().Values(names...)
}

// within reports whether a field lies in the struct at the end of the path outer, or is that.
func within(path, outer []model.Elem) bool {
	return len(path) >= len(outer) &&
		slices.EqualFunc(path[:len(outer)], outer, func(a, b model.Elem) bool { return a.Name == b.Name })
}

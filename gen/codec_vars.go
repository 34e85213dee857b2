package gen

import (
	"github.com/dave/jennifer/jen"

	"github.com/wfegen/wfe/internal/analysis/model"
)

// emitCodecVars writes the codecs that are handed to the runtime:
//
//	var (
//		codecItem  = codec.New("Item", 0x1f8a…, appendItem, decodeItem)
//		codecOrder = codec.New("Order", 0x0c4d…, appendOrder, decodeOrder)
//	)
func emitCodecVars(f *jen.File, pkg *model.Package) {
	vars := make([]jen.Code, len(pkg.Vars))
	for i, v := range pkg.Vars {
		value := typeCodec(pkg, v.Type)
		if v.Step != nil {
			value = objectCodec(pkg, &v.Step.Record)
		}
		vars[i] = named(v.Name).Op("=").Add(value)
	}
	f.Line().Var().Defs(vars...)
}

// emitAliases writes other names for types that a variable would hide:
//
//	type typeB = b
func emitAliases(f *jen.File, pkg *model.Package) {
	for _, id := range pkg.Aliases {
		t := pkg.Types.At(id)
		f.Line().Type().Add(named(t.Alias)).Op("=").Add(nameOf(pkg, t))
	}
}

package gen

import (
	"github.com/dave/jennifer/jen"

	"github.com/wfegen/wfe/internal/analysis/model"
)

// emitRegister writes the registration of the package's workflows:
//
//	// Register registers the workflows of this package with h.
//	func Register(h *wfe.Host, own Steps, mail mail.Steps) error {
//		return h.Register(own.StepSet, []wfe.StepSet{mail.StepSet},
//			wfe.Workflow[Order, *OrderBuilder]{ ... },
//		)
//	}
func emitRegister(f *jen.File, pkg *model.Package) {
	params := []jen.Code{named(pkg.Host).Op("*").Add(wfe("Host")), named(pkg.Own).Id("Steps")}
	others := jen.Nil()
	if len(pkg.Uses) > 0 {
		var sets []jen.Code
		for _, u := range pkg.Uses {
			params = append(params, named(u.Param).Qual(u.Path, "Steps"))
			sets = append(sets, named(u.Param).Dot("StepSet"))
		}
		others = jen.Index().Add(wfe("StepSet")).Values(sets...)
	}
	workflows := make([]jen.Code, len(pkg.Workflows))
	for i, w := range pkg.Workflows {
		workflows[i] = workflowValue(pkg, w)
	}
	f.Line().Add(document("Register registers the workflows of this package with " + pkg.Host + ".")).
		Func().Id("Register").Params(params...).Error().Block(
		jen.Return(named(pkg.Host).Dot("Register").Add(args(
			jen.List(named(pkg.Own).Dot("StepSet"), others), workflows...,
		))),
	)
}

// workflowValue describes a workflow to the runtime:
//
//	wfe.Workflow[Order, *OrderBuilder]{
//		ID:      "order-pipeline",
//		Version: 1,
//		Data:    codecOrder,
//		Build:   OrderPipeline,
//		New:     newOrderBuilder,
//		Code:    "b1946ac9...",
//	}
func workflowValue(pkg *model.Package, w *model.Workflow) *jen.Statement {
	b := w.Builder
	return wfe("Workflow").Types(goType(pkg, b.Data), jen.Op("*").Add(named(b.Name))).Add(lines(
		keyed("ID", jen.Lit(w.ID)),
		keyed("Version", jen.Lit(w.Version)),
		keyed("Data", named(pkg.Types.At(b.Data).Codec)),
		keyed("Build", named(w.Func)),
		keyed("New", named(b.New)),
		keyed("Code", jen.Lit(w.CodeHash)),
	))
}

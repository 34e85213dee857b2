package gen

import (
	"github.com/dave/jennifer/jen"

	"github.com/wfegen/wfe/internal/analysis/model"
)

// emitRegister writes the registration of the package's workflows:
//
//	// Register registers the workflows of this package with h.
//	func Register(h *wfe.Host, own Steps, mailSteps mail.Steps) error {
//		return h.Register(own.StepSet, []wfe.StepSet{mailSteps.StepSet},
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
		if w.Flow != nil {
			workflows[i] = named(w.Flow.Var)
			continue
		}
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
//		Code: map[string]string{
//			"charge-card": "b1946ac9...",
//		},
//		Structure: "02d4b7c0...",
//	}
func workflowValue(pkg *model.Package, w *model.Workflow) *jen.Statement {
	b := w.Builder
	fields := []jen.Code{
		keyed("ID", jen.Lit(w.ID)),
		keyed("Version", jen.Lit(w.Version)),
		keyed("Data", named(pkg.Types.At(b.Data).Codec)),
		keyed("Build", named(w.Func)),
		keyed("New", named(b.New)),
	}
	fields = append(fields, graphOf(w)...)
	return wfe("Workflow").Types(goType(pkg, b.Data), jen.Op("*").Add(named(b.Name))).Add(lines(fields...))
}

// graphOf is what was read in the source of a workflow.
func graphOf(w *model.Workflow) []jen.Code {
	if w.Graph == nil {
		return nil
	}
	return []jen.Code{keyed("Code", nodeCode(w.Graph)), keyed("Structure", jen.Lit(w.Graph.Structure))}
}

// nodeCode lists the nodes in the order of the function, each with the hash of its code.
func nodeCode(g *model.Graph) *jen.Statement {
	nodes := make([]jen.Code, len(g.Definition.Nodes))
	for i, n := range g.Definition.Nodes {
		nodes[i] = jen.Lit(n.ID).Op(":").Lit(n.Code)
	}
	return jen.Map(jen.String()).String().Add(lines(nodes...))
}

package gen

import (
	"slices"

	"github.com/dave/jennifer/jen"

	"github.com/wfegen/wfe/internal/analysis/model"
)

// emitMethod writes the builder's method that adds a step:
//
//	// ChargeCard takes the payment.
//	//
//	// Cents is read from Order.Cents. Receipt is stored in Order.Receipt.
//	func (b *OrderBuilder) ChargeCard() OrderStep[ChargeCard] {
//		return OrderStep[ChargeCard]{b, wfe.AddStep(b.Block, wfe.Use[Order, ChargeCard]{
//			In: func(data *Order, step *ChargeCard) {
//				step.Cents = data.Cents
//			},
//			Out: func(data *Order, step *ChargeCard) {
//				data.Receipt = step.Receipt
//			},
//			Stores: []string{"receipt"},
//		})}
//	}
//
// That of a step which branches takes the block that runs once for each item:
//
//	func (b *OrderBuilder) SplitOrder(body func(b *OrderBuilder, item *Parcel), opts ...wfe.LoopOption) OrderStep[SplitOrder]
func emitMethod(f *jen.File, pkg *model.Package, b *model.Builder, m *model.Method) {
	step := func() *jen.Statement { return goType(pkg, m.Step.Type) }
	closure := []jen.Code{pointer("data", goType(pkg, b.Data)), pointer("step", step())}
	var params []jen.Code
	if len(m.Need) > 0 {
		params = append(params, jen.Id("set").Func().Params(closure...))
	}
	uses := wfe("Use").Types(goType(pkg, b.Data), step()).Add(use(pkg, b, m, closure))
	added := wfe("AddStep").Call(jen.Id("b").Dot("Block"), uses)
	if m.Step.Run == model.RunBranches {
		params = append(params,
			jen.Id("body").Func().Params(pointer("b", named(b.Name)), pointer("item", goType(pkg, m.Step.Item))),
			jen.Id("opts").Op("...").Add(wfe("LoopOption")))
		added = wfe("AddBranching").Call(jen.Id("b").Dot("Block"), uses, jen.Id("body"), jen.Id("opts").Op("..."))
	}
	f.Line().Add(document(introduction(m), m.Step.Doc, wiringText(pkg, b, m))).
		Func().Params(pointer("b", named(b.Name))).Add(named(m.Name)).Params(params...).Add(named(b.Step)).Types(step()).Block(
		jen.Return(named(b.Step).Types(step()).Values(jen.Id("b"), added)),
	)
}

// use is how the workflow uses the step, the fields of a wfe.Use.
func use(pkg *model.Package, b *model.Builder, m *model.Method, closure []jen.Code) *jen.Statement {
	var fields []jen.Code
	if len(m.In) > 0 {
		fields = append(fields, keyed("In", function(closure, wires("step", "data", m.In)...)))
	}
	if len(m.Need) > 0 {
		fields = append(fields, keyed("Set", jen.Id("set")))
	}
	if len(m.Out) > 0 {
		fields = append(fields, keyed("Out", function(closure, wires("data", "step", m.Out)...)))
		if hasFields(pkg, b.Data) {
			fields = append(fields, keyed("Stores", stored(pkg.Types.At(b.Data).Object, m.Out)))
		}
	}
	if m.Step.Compensate != nil {
		fields = append(fields, keyed("Undo", undoBy(pkg, b, m)))
	}
	return lines(fields...)
}

// undoBy names the step that is the compensation:
//
//	wfe.UndoBy(func(data *Order, done *ChargeCard, undo *RefundCard) {
//		undo.Receipt = done.Receipt
//		undo.Email = data.Email
//	}, nil)
func undoBy(pkg *model.Package, b *model.Builder, m *model.Method) *jen.Statement {
	return undoWith(pkg, b, m, goType(pkg, b.Data), "data")
}

// undoWith is undoBy for a workflow whose data is the given type, in which data has the fields to wire.
func undoWith(pkg *model.Package, b *model.Builder, m *model.Method, typ *jen.Statement, data string) *jen.Statement {
	by := m.Step.Compensate
	out := jen.Nil()
	if i := slices.IndexFunc(b.Methods, func(o *model.Method) bool { return o.Step == by.By }); i >= 0 && len(b.Methods[i].Out) > 0 {
		out = function([]jen.Code{pointer(data, typ.Clone()), pointer("undo", goType(pkg, by.By.Type))}, unwrapped(data, wires("data", "undo", b.Methods[i].Out))...)
	}
	return wfe("UndoBy").Call(function([]jen.Code{
		pointer(data, typ.Clone()), pointer("done", goType(pkg, m.Step.Type)), pointer("undo", goType(pkg, by.By.Type)),
	}, append(wires("undo", "done", by.Wires), unwrapped(data, wires("undo", "data", m.Undo))...)...), out)
}

// unwrapped puts before statements about data what makes that of the data with saved variables, where the parameter is
// not called data.
func unwrapped(param string, statements []jen.Code) []jen.Code {
	if param == "data" || len(statements) == 0 {
		return statements
	}
	return append([]jen.Code{jen.Id("data").Op(":=").Op("&").Add(named(param)).Dot("Data")}, statements...)
}

// wires are assignments of fields: step.Cents = data.Cents
func wires(to, from string, ws []model.Wire) []jen.Code {
	out := make([]jen.Code, len(ws))
	for i, w := range ws {
		out[i] = assignment(to, w.To.Name, from, w.From.Name)
	}
	return out
}

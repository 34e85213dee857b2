package gen

import (
	"github.com/dave/jennifer/jen"

	"github.com/wfegen/wfe/internal/analysis/model"
)

// emitBuilders writes, for each data type over which workflows can be written, its builder with all methods.
func emitBuilders(f *jen.File, pkg *model.Package) {
	for _, b := range pkg.Builders {
		emitBuilder(f, pkg, b)
		emitStepValue(f, pkg, b)
		for _, l := range b.Loops {
			emitLoop(f, pkg, b, l)
		}
		for _, m := range b.Methods {
			emitMethod(f, pkg, b, m)
		}
	}
}

// emitBuilder writes the builder:
//
//	// OrderBuilder builds workflows over [Order].
//	type OrderBuilder struct {
//		wfe.Block[Order, *OrderBuilder]
//	}
//
//	func newOrderBuilder(b wfe.Block[Order, *OrderBuilder]) *OrderBuilder { return &OrderBuilder{b} }
func emitBuilder(f *jen.File, pkg *model.Package, b *model.Builder) {
	block := func() *jen.Statement {
		return wfe("Block").Types(goType(pkg, b.Data), jen.Op("*").Add(named(b.Name)))
	}
	f.Line().Add(document(b.Name + " builds workflows over [" + pkg.Types.Short(b.Data, pkg.Path) + "].")).
		Type().Add(named(b.Name)).Struct(block())
	f.Line().Func().Add(named(b.New)).Params(jen.Id("b").Add(block())).Op("*").Add(named(b.Name)).
		Add(inline(jen.Return(jen.Op("&").Add(named(b.Name)).Values(jen.Id("b")))))
}

// emitStepValue writes what a step's method returns:
//
//	// OrderStep is a step that was just added to a workflow over [Order].
//	type OrderStep[S any] struct {
//		*OrderBuilder
//		node wfe.StepNode[Order, S, *OrderBuilder]
//	}
//
//	// Name gives the step's node an id of its own.
//	func (s OrderStep[S]) Name(id string) OrderStep[S] {
//		s.node.Name(id)
//		return s
//	}
func emitStepValue(f *jen.File, pkg *model.Package, b *model.Builder) {
	if len(b.Methods) == 0 {
		return
	}
	step := func() *jen.Statement { return named(b.Step).Types(jen.Id("S")) }
	f.Line().Add(document(b.Step+" is a step that was just added to a workflow over ["+pkg.Types.Short(b.Data, pkg.Path)+"].")).
		Type().Add(named(b.Step)).Types(jen.Id("S").Add(anyType(pkg))).Struct(
		jen.Op("*").Add(named(b.Name)),
		jen.Id("node").Add(wfe("StepNode")).Types(goType(pkg, b.Data), jen.Id("S"), jen.Op("*").Add(named(b.Name))),
	)
	for _, m := range []struct {
		name, doc string
		args      []string
		params    []jen.Code
	}{
		{"Compensate", "Compensate has body undo the step. There, done is the step as the run that is undone left it.", []string{"body"},
			[]jen.Code{jen.Id("body").Func().Params(pointer("b", named(b.Name)), pointer("done", jen.Id("S")))}},
		{"Name", "Name gives the step's node an id of its own.", []string{"id"}, []jen.Code{jen.Id("id").String()}},
		{"OnError", "OnError gives the step a policy of its own here.", []string{"p"}, []jen.Code{jen.Id("p").Add(wfe("RetryPolicy"))}},
		{"Out", "Out stores the step's outputs, in place of how they are wired.", []string{"f"},
			[]jen.Code{jen.Id("f").Func().Params(pointer("data", goType(pkg, b.Data)), pointer("step", jen.Id("S")))}},
		{"When", "When runs body after the step if its outcome was value.", []string{"value", "body"},
			[]jen.Code{jen.Id("value").Add(anyType(pkg)), jen.Id("body").Func().Params(pointer("b", named(b.Name)))}},
	} {
		values := make([]jen.Code, len(m.args))
		for i, a := range m.args {
			values[i] = named(a)
		}
		f.Line().Add(document(m.doc)).Func().Params(jen.Id("s").Add(step())).Add(named(m.name)).Params(m.params...).Add(step()).Block(
			jen.Id("s").Dot("node").Add(dot(m.name)).Call(values...),
			jen.Return(jen.Id("s")),
		)
	}
}

// emitLoop writes the loop over a slice field of the data:
//
//	// ForEachItems runs body once for each element of Order.Items.
//	func (b *OrderBuilder) ForEachItems(body func(b *OrderBuilder, item *Item), opts ...wfe.LoopOption) *OrderBuilder {
//		return wfe.EachOf(b, "for-items", func(data *Order) []Item { return data.Items }, codecItem, body, opts...)
//	}
func emitLoop(f *jen.File, pkg *model.Package, b *model.Builder, l *model.Loop) {
	self := func() *jen.Statement { return jen.Op("*").Add(named(b.Name)) }
	elem := func() *jen.Statement { return goType(pkg, l.Elem) }
	items := jen.Func().Params(pointer("data", goType(pkg, b.Data))).Index().Add(elem()).
		Add(inline(jen.Return(jen.Id("data").Add(dot(l.From.Name)))))
	f.Line().Add(document(loopText(pkg, b, l))).
		Func().Params(jen.Id("b").Add(self())).Add(named(l.Name)).Params(
		jen.Id("body").Func().Params(jen.Id("b").Add(self()), pointer(l.Item, elem())),
		jen.Id("opts").Op("...").Add(wfe("LoopOption")),
	).Add(self()).Block(jen.Return(wfe("EachOf").Call(
		jen.Id("b"), jen.Lit(l.ID), items, named(pkg.Types.At(l.Elem).Codec), jen.Id("body"), jen.Id("opts").Op("..."),
	)))
}

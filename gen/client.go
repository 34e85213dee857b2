package gen

import (
	"github.com/dave/jennifer/jen"

	"github.com/wfegen/wfe/internal/analysis/model"
)

// emitClients writes, for each workflow, the functions that start and find its instances:
//
//	// OrderPipelineRef names the workflow order-pipeline.
//	var OrderPipelineRef = wfe.Ref[Order]{ID: "order-pipeline", Version: 1, Data: codecOrder}
//
//	// StartOrderPipeline starts an instance of the workflow order-pipeline.
//	func StartOrderPipeline(ctx context.Context, c wfe.Client, data Order, opts ...wfe.StartOption) (wfe.Handle[Order], error) {
//		return wfe.Start(ctx, c, OrderPipelineRef, &data, opts...)
//	}
//
//	// GetOrderPipeline returns the handle of an instance of the workflow order-pipeline.
//	func GetOrderPipeline(c wfe.Client, id string) wfe.Handle[Order] {
//		return wfe.Get(c, OrderPipelineRef, id)
//	}
func emitClients(f *jen.File, pkg *model.Package) {
	for _, w := range pkg.Workflows {
		data := func() *jen.Statement { return goType(pkg, w.Builder.Data) }
		client := jen.Id("c").Add(wfe("Client"))
		f.Line().Add(document(w.Ref+" names the workflow "+w.ID+".")).
			Var().Add(named(w.Ref)).Op("=").Add(wfe("Ref")).Types(data()).Values(
			keyed("ID", jen.Lit(w.ID)),
			keyed("Version", jen.Lit(w.Version)),
			keyed("Data", named(pkg.Types.At(w.Builder.Data).Codec)),
		)
		f.Line().Add(document(w.Start+" starts an instance of the workflow "+w.ID+".", w.Doc)).
			Func().Add(named(w.Start)).Params(
			jen.Id("ctx").Qual("context", "Context"), client, jen.Id("data").Add(data()), jen.Id("opts").Op("...").Add(wfe("StartOption")),
		).Params(wfe("Handle").Types(data()), jen.Error()).Block(
			jen.Return(wfe("Start").Call(jen.Id("ctx"), jen.Id("c"), named(w.Ref), jen.Op("&").Id("data"), jen.Id("opts").Op("..."))),
		)
		f.Line().Add(document(w.Get+" returns the handle of an instance of the workflow "+w.ID+".")).
			Func().Add(named(w.Get)).Params(client, jen.Id("id").String()).Add(wfe("Handle")).Types(data()).Block(
			jen.Return(wfe("Get").Call(jen.Id("c"), named(w.Ref), jen.Id("id"))),
		)
	}
}

// emitEvents writes, for each event, its description and the functions that publish it and that send it to one instance:
//
//	var approvalEvent = wfe.Event[Approval]{Name: "approval", Codec: codecApproval}
//
//	// PublishApproval publishes the event approval under key.
//	func PublishApproval(ctx context.Context, c wfe.Client, key string, e Approval, opts ...wfe.PublishOption) error {
//		return wfe.Publish(ctx, c, approvalEvent, key, &e, opts...)
//	}
//
//	// SignalApproval sends the event approval to the instance id.
//	func SignalApproval(ctx context.Context, c wfe.Client, id string, e Approval, opts ...wfe.PublishOption) error {
//		return wfe.Signal(ctx, c, approvalEvent, id, &e, opts...)
//	}
func emitEvents(f *jen.File, pkg *model.Package) {
	for _, e := range pkg.Events {
		f.Line().Var().Add(named(e.Var)).Op("=").Add(wfe("Event")).Types(goType(pkg, e.Type)).Values(
			keyed("Name", jen.Lit(e.Event)), keyed("Codec", named(pkg.Types.At(e.Type).Codec)),
		)
		emitSend(f, pkg, e, document(e.Publish+" publishes the event "+e.Event+" under key.", e.Doc), e.Publish, "Publish", "key")
		emitSend(f, pkg, e, document(e.Signal+" sends the event "+e.Event+" to the instance id."), e.Signal, "Signal", "id")
	}
}

// emitSend writes the function name of an event, which calls the one of the runtime that takes its name and to.
func emitSend(f *jen.File, pkg *model.Package, e *model.Event, doc jen.Code, name, call, to string) {
	f.Line().Add(doc).Func().Add(named(name)).Params(
		jen.Id("ctx").Qual("context", "Context"), jen.Id("c").Add(wfe("Client")), named(to).String(),
		jen.Id("e").Add(goType(pkg, e.Type)), jen.Id("opts").Op("...").Add(wfe("PublishOption")),
	).Error().Block(
		jen.Return(wfe(call).Call(jen.Id("ctx"), jen.Id("c"), named(e.Var), named(to), jen.Op("&").Id("e"), jen.Id("opts").Op("..."))),
	)
}

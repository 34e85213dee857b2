package gen

import (
	"time"

	"github.com/wfegen/wfe/internal/analysis/model"
	"github.com/wfegen/wfe/runtime/definition"
)

// small is a model made by hand with one of everything: what an emitter does is settled by the model alone.
func small() *model.Package {
	const order, text, item, items, ship, gateway, undo, paid = 1, 2, 3, 4, 5, 6, 7, 8
	pkg := &model.Package{Path: "example.com/small", Name: "small", Host: "h", Own: "own"}
	member := func(name string, id model.TypeID) model.Member {
		return model.Member{Name: name, Type: id, Path: []model.Elem{{Name: name, Type: id}}}
	}
	object := func(ident string, id model.TypeID, members ...model.Member) *model.Object {
		return &model.Object{Ident: ident, Type: id, Members: members}
	}
	structure := func(id model.TypeID, name string, members ...model.Member) model.Type {
		return model.Type{ID: id, Kind: model.Struct, Name: name, Pkg: pkg.Path, PkgName: pkg.Name, Nameable: true,
			Encode: model.FormKind, Decode: model.FormKind, Ident: name, Codec: "codec" + name, Object: object(name, id, members...)}
	}
	tag := model.Field{Name: "X", Type: text, Exported: true, Tag: `json:"x"`}
	pkg.Types = model.Types{
		{},
		structure(order, "Order", member("ID", text), member("Items", items)),
		{ID: text, Kind: model.String, Name: "string", Nameable: true, Encode: model.FormKind, Decode: model.FormKind},
		{ID: item, Kind: model.Struct, Nameable: true, Encode: model.FormKind, Decode: model.FormKind, Ident: "Item", Codec: "codecItem",
			Fields: []model.Field{tag}, Object: object("Item", item, member("X", text))},
		{ID: items, Kind: model.Slice, Elem: item, Nameable: true, Encode: model.FormKind, Decode: model.FormKind},
		structure(ship, "Ship"),
		{ID: gateway, Kind: model.Interface, Nameable: true, Sigs: []model.Signature{{Name: "Charge", Params: []model.TypeID{text}}}},
		structure(undo, "Refund"),
		structure(paid, "Paid", member("ID", text)),
	}
	field := func(name string) model.Field { return model.Field{Name: name, Type: text, Exported: true} }
	step := func(name string, id model.TypeID) *model.Step {
		return &model.Step{Step: "a-step", Name: name, Method: name, Type: id, Doc: "Doc.\n", Run: model.RunPlain, Codec: "codec" + name,
			Record: *object(name, id, member("ID", text))}
	}
	retries, timeout := 3, time.Second
	s, by := step("Ship", ship), step("Refund", undo)
	s.Policy.Retry, s.Policy.Timeout = &retries, &timeout
	s.Retry = &model.Retry{MaxRetries: 3, Interval: time.Second, Factor: 2, Jitter: 0.2, Then: model.ThenCompensate}
	s.Compensate = &model.Compensation{Step: "Refund", By: by, Wires: []model.Wire{{To: field("ID"), From: field("ID")}}}
	pkg.Steps = []*model.Step{by, s}
	pkg.Data = []*model.Data{{Name: "Order", Type: order, Doc: "Doc.\n"}}
	pkg.Events = []*model.Event{{Event: "paid", Name: "Paid", Publish: "PublishPaid", Signal: "SignalPaid", Var: "paidEvent", Type: paid, Doc: "Doc.\n"}}
	b := &model.Builder{Name: "OrderBuilder", New: "newOrderBuilder", Step: "OrderStep", Data: order,
		Loops: []*model.Loop{{Name: "ForEachItems", ID: "for-items", Item: "item", From: field("Items"), Elem: item}},
		Methods: []*model.Method{{Name: "Refund", Step: by, Need: []model.Field{field("ID")}}, {Name: "Ship", Step: s,
			In: []model.Wire{{To: field("ID"), From: field("ID")}}, Unsaved: []model.Field{field("X")}}}}
	pkg.Builders = []*model.Builder{b}
	pkg.Workflows = []*model.Workflow{{ID: "deliver", Version: 1, Func: "Deliver", Start: "StartDeliver", Get: "GetDeliver",
		Ref: "deliverRef", Doc: "Doc.\n", Builder: b, Graph: &model.Graph{Structure: "00",
			Definition: &definition.Definition{Nodes: []definition.Node{{ID: "ship", Code: "00"}}}}}}
	pkg.Deps = []*model.Dependency{{Param: "gateway", Type: gateway, For: []model.Injection{{Step: s, Field: model.Field{Name: "gateway"}}}}}
	pkg.Uses = []*model.Use{{Path: "example.com/mail", Name: "mail", Param: "mail"}}
	pkg.Imports = []model.Import{{Path: "example.com/mail", Name: "mail"}}
	pkg.Codecs = []model.TypeID{item, order, paid}
	pkg.Vars = []model.CodecVar{{Name: "codecItem", Type: item}, {Name: "codecOrder", Type: order}, {Name: "codecPaid", Type: paid},
		{Name: "codecRefund", Type: undo, Step: by}, {Name: "codecShip", Type: ship, Step: s}}
	return pkg
}

// poison puts text wherever text of users is that is no name.
func poison(pkg *model.Package, text string) {
	for _, d := range pkg.Data {
		d.Doc = text
	}
	for _, s := range pkg.Steps {
		s.Doc, s.Step = text, text
	}
	for _, e := range pkg.Events {
		e.Doc, e.Event = text, text
	}
	for _, w := range pkg.Workflows {
		w.Doc, w.ID, w.Graph.Structure, w.Graph.Definition.Nodes[0].ID = text, text, text, text
	}
	for _, b := range pkg.Builders {
		for _, l := range b.Loops {
			l.ID = text
		}
	}
	for i := range pkg.Types {
		t := &pkg.Types[i]
		for f := range t.Fields {
			t.Fields[f].Tag, t.Fields[f].Doc = text, text
		}
		if t.Object != nil && len(t.Object.Members) > 0 {
			t.Object.Members[0].Name = text
		}
	}
}

// names are the names in a package that generated code writes.
func names(pkg *model.Package) []*string {
	b, w, e, s := pkg.Builders[0], pkg.Workflows[0], pkg.Events[0], pkg.Steps[1]
	return []*string{
		&pkg.Name, &pkg.Host, &pkg.Own, &b.Name, &b.New, &b.Step, &b.Loops[0].Name, &b.Loops[0].Item, &b.Loops[0].From.Name,
		&b.Methods[0].Name, &b.Methods[1].In[0].To.Name, &b.Methods[1].In[0].From.Name, &w.Func, &w.Start, &w.Get, &w.Ref,
		&e.Publish, &e.Signal, &e.Var, &s.Codec, &s.Compensate.Wires[0].To.Name, &s.Record.Members[0].Path[0].Name,
		&pkg.Deps[0].Param, &pkg.Deps[0].For[0].Field.Name, &pkg.Uses[0].Param, &pkg.Vars[0].Name,
		&pkg.Types[1].Name, &pkg.Types[1].Codec, &pkg.Types[3].Fields[0].Name, &pkg.Types[6].Sigs[0].Name,
	}
}

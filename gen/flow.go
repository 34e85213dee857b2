package gen

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/wfegen/wfe/internal/analysis/model"
)

// flows are the package's workflows in plain Go.
func flows(pkg *model.Package) []*model.Workflow {
	var out []*model.Workflow
	for _, w := range pkg.Workflows {
		if w.Flow != nil {
			out = append(out, w)
		}
	}
	return out
}

// emitFlows writes what workflows in plain Go are compiled to:
//
//	// orderPipelineVars are the variables of OrderPipeline that are saved.
//	type orderPipelineVars struct { ... }
//
//	// compileOrderPipeline builds what OrderPipeline says.
//	//
//	// Compiled from OrderPipeline: 9b2f2c7a51e8d3f0.
//	func compileOrderPipeline(b *wfe.Plain[Order]) { ... }
//
//	// orderPipelineCompiled is OrderPipeline as a host runs it.
//	var orderPipelineCompiled = wfe.Workflow[wfe.Saved[Order], *wfe.Plain[Order]]{ ... }
func emitFlows(f *jen.File, pkg *model.Package) {
	for _, w := range flows(pkg) {
		flow := w.Flow
		emitFrame(f, pkg, flow.Vars, flow.Vars.Name+" are the variables of "+w.Func+" that are saved.")
		for _, frame := range flow.Frames {
			emitFrame(f, pkg, frame, frame.Name+" are those of one round, or of one element.")
		}
		builder := jen.Op("*").Add(wfe("Plain")).Types(goType(pkg, flow.Data))
		var from []string
		for _, o := range flow.From {
			from = append(from, "Compiled from "+o.Name+": "+o.Hash+".")
		}
		f.Line().Add(document(flow.Compile+" builds what "+w.Func+" says.", strings.Join(from, "\n"))).
			Func().Add(named(flow.Compile)).Params(named(flow.Builder).Add(builder.Clone())).Block(source(pkg, w, flow.Body))
		fields := append([]jen.Code{
			keyed("ID", jen.Lit(w.ID)),
			keyed("Version", jen.Lit(w.Version)),
			keyed("Data", wfe("SavedCodec").Call(named(pkg.Types.At(flow.Data).Codec), named(pkg.Types.At(flow.Vars.Type).Codec))),
			keyed("Build", named(flow.Compile)),
			keyed("New", wfe("NewPlain").Types(goType(pkg, flow.Data))),
			keyed("Func", named(w.Func)),
		}, graphOf(w)...)
		f.Line().Add(document(flow.Var+" is "+w.Func+" as a host runs it.")).
			Var().Add(named(flow.Var)).Op("=").Add(wfe("Workflow")).Types(saved(pkg, flow), builder).Add(lines(fields...))
	}
}

// saved is the type of the data of a workflow with its variables.
func saved(pkg *model.Package, flow *model.Flow) *jen.Statement {
	return wfe("Saved").Types(goType(pkg, flow.Data))
}

// emitFrame writes the struct of saved variables.
func emitFrame(f *jen.File, pkg *model.Package, frame *model.Frame, doc string) {
	fields := pkg.Types.At(frame.Type).Fields
	code := make([]jen.Code, len(fields))
	for i, field := range fields {
		code[i] = named(field.Name).Add(goType(pkg, field.Type)).Add(textLit(field.Tag))
	}
	f.Line().Add(document(doc)).Type().Add(named(frame.Name)).Struct(code...)
}

// ownLine stands for the number of the line behind it.
const ownLine = "//line wfe_gen.go:99999999"

// numberLines fills in the numbers of lines that lead back from the user's files.
func numberLines(src []byte) []byte {
	if !bytes.Contains(src, []byte(ownLine)) {
		return src
	}
	all := bytes.Split(src, []byte("\n"))
	for i, line := range all {
		if string(line) == ownLine {
			all[i] = []byte(strings.TrimSuffix(ownLine, "99999999") + strconv.Itoa(i+2))
		}
	}
	return bytes.Join(all, []byte("\n"))
}

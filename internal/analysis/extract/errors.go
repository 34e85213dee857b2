package extract

import (
	"fmt"
	"go/parser"
	"go/token"
	"go/types"
	"strings"

	"github.com/wfegen/wfe/internal/analysis/diag"
	"github.com/wfegen/wfe/internal/analysis/directive"
	"github.com/wfegen/wfe/internal/analysis/flow"
	"github.com/wfegen/wfe/internal/analysis/model"
	"github.com/wfegen/wfe/runtime/definition"
)

func noPlainGo(d *directive.Directive, hint string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.NoEffect, Pos: d.Pos, End: d.End,
		Message: fmt.Sprintf("//wfe:%s has no effect: it is for workflows in plain Go, and there is none here", d.Verb),
		Hints:   []string{hint},
	}
}

func nothingWaits(pos, end token.Position, fn string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.BadWorkflow, Pos: pos, End: end,
		Message: fmt.Sprintf("%s calls nothing of wfe, so nothing in it needs a workflow", fn),
		Hints:   []string{"run steps in it by wfe.Do, or delete //wfe:workflow above it"},
	}
}

func noNode(d *directive.Directive) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.NoEffect, Pos: d.Pos, End: d.End,
		Message: fmt.Sprintf("//wfe:%s has no effect: the statement below it adds no node to a workflow", d.Verb),
		Hints:   []string{"put it directly above a call of wfe, or above an if, switch or for with one in it"},
	}
}

func unmarkedPlainData(pos, end token.Position, name string, at token.Position) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.BadWorkflow, Pos: pos, End: end,
		Message: fmt.Sprintf("the data of a workflow is marked, and %s is not", name),
		Hints:   []string{"add //wfe:data above it"},
		Related: []diag.Related{{Pos: at, Message: name + " is declared here"}},
	}
}

func noSteps(d *directive.Directive) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.NoEffect, Pos: d.Pos, End: d.End,
		Message: "//wfe:defaults has no effect: the package has no step",
		Hints:   []string{"put it in the package that declares the steps"},
	}
}

func secondDefaults(d, first *directive.Directive) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.DuplicateVerb, Pos: d.Pos, End: d.End,
		Message: "//wfe:defaults is given twice for the package",
		Related: []diag.Related{{Pos: first.Pos, Message: "the other one"}},
	}
}

func notStruct(pos, end token.Position, name, is string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.NotStruct, Pos: pos, End: end,
		Message: fmt.Sprintf("%s is %s, not a struct", name, is),
		Hints:   []string{fmt.Sprintf("declare type %s struct {...}", name)},
	}
}

func generic(pos, end token.Position, what string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.Generic, Pos: pos, End: end,
		Message: what + " has type parameters, and cannot be marked",
		Hints:   []string{"declare one for each instance that is needed"},
	}
}

func noRun(pos, end token.Position, step string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.BadRun, Pos: pos, End: end,
		Message: fmt.Sprintf("step %s has no Run method", step),
		Hints:   []string{fmt.Sprintf("add func (s *%s) Run(ctx context.Context) error", step)},
	}
}

func badRun(pos, end token.Position, step, has string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.BadRun, Pos: pos, End: end,
		Message: fmt.Sprintf("Run of step %s is %s", step, has),
		Hints: []string{
			"want Run(ctx context.Context) error",
			"or, to steer the workflow, Run(ctx wfe.StepContext) (wfe.Result, error)",
			"or, with branches=Item, Run(ctx wfe.BranchContext[Item]) (wfe.Result, error)",
		},
	}
}

func branchesUnsaid(pos, end token.Position, step, item string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.BranchesDisagree, Pos: pos, End: end,
		Message: fmt.Sprintf("Run of step %s branches into %s, and its directive does not say so", step, item),
		Hints:   []string{fmt.Sprintf("write //wfe:step branches=%s", item)},
	}
}

func cannotBranch(v directive.Value, step string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.BranchesDisagree, Pos: v.Pos, End: v.End,
		Message: fmt.Sprintf("step %s says branches=%s, and its Run cannot branch", step, v.Text),
		Hints:   []string{fmt.Sprintf("write func (s *%s) Run(ctx wfe.BranchContext[%s]) (wfe.Result, error)", step, v.Text)},
	}
}

func branchesOtherwise(v directive.Value, step, item string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.BranchesDisagree, Pos: v.Pos, End: v.End,
		Message: fmt.Sprintf("step %s says branches=%s, and its Run branches into %s", step, v.Text, item),
		Hints:   []string{fmt.Sprintf("write branches=%s, or Run(ctx wfe.BranchContext[%s]) (wfe.Result, error)", item, v.Text)},
	}
}

func noBranchBlock(pos, end token.Position, step string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.NoBranchBlock, Pos: pos, End: end,
		Message: fmt.Sprintf("step %s branches, and is given no block for that", step),
		Hints:   []string{"add it by wfe.ThenBranch, with a function that takes the builder and an item"},
	}
}

func badUndo(pos, end token.Position, step, has string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.BadUndo, Pos: pos, End: end,
		Message: fmt.Sprintf("Undo of step %s is %s", step, has),
		Hints:   []string{"want Undo(ctx context.Context) error"},
	}
}

func valueReceiver(pos, end token.Position, step, output string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.ValueReceiver, Pos: pos, End: end,
		Message: fmt.Sprintf("Run of step %s has a value receiver, so its output %s would be lost", step, output),
		Hints:   []string{fmt.Sprintf("write func (s *%s) Run", step)},
	}
}

func embeddedPointer(f model.Field, step string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.BadField, Pos: f.Pos,
		Message: fmt.Sprintf("step %s embeds a pointer, *%s, which is nil when the step is made", step, f.Name),
		Hints:   []string{"embed the struct itself, or tag it wfe:\"inject\" if it is a dependency"},
	}
}

func unreachableField(f model.Field, step string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.BadField, Pos: f.Pos,
		Message: fmt.Sprintf("dependency %s of step %s is an unexported field of another package", f.Selector(), step),
		Hints:   []string{"export it there, or declare the dependency in the step itself"},
	}
}

func unexportedOutput(f model.Field, step string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.BadField, Pos: f.Pos,
		Message: fmt.Sprintf("output %s of step %s is not exported, so it cannot be saved", f.Selector(), step),
		Hints:   []string{"export it"},
	}
}

func hiddenOutput(f model.Field, step string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.BadField, Pos: f.Pos,
		Message: fmt.Sprintf("output %s of step %s is tagged json:\"-\", so it is not saved", f.Selector(), step),
		Hints:   []string{"remove one of the two tags"},
	}
}

func badWorkflow(pos, end token.Position, fn, why string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.BadWorkflow, Pos: pos, End: end,
		Message: fmt.Sprintf("%s is not a workflow function: %s", fn, why),
		Hints:   []string{fmt.Sprintf("want func %s(w *wfe.Flow, data *Order), in plain Go, or func %[1]s(b *OrderBuilder), for a struct Order that is marked //wfe:data", fn)},
	}
}

// builderElsewhere is for func(b *domain.OrderBuilder).
func builderElsewhere(pos, end token.Position, fn, qualifier, builder string) diag.Diagnostic {
	d := badWorkflow(pos, end, fn, fmt.Sprintf("its builder is of another package, %s", qualifier))
	d.Hints = []string{fmt.Sprintf("write *%s: wfegen declares it in the package of the workflow, also for data of another one", builder)}
	d.Fixes = []diag.Fix{{Message: "write " + builder, Edits: []diag.Edit{{Pos: pos, End: end, New: builder}}}}
	return d
}

func noData(pos, end token.Position, builder, data, near string) diag.Diagnostic {
	d := diag.Diagnostic{
		Code: diag.NoData, Pos: pos, End: end,
		Message: fmt.Sprintf("%s is the builder of no data type", builder),
		Hints:   []string{fmt.Sprintf("it would be that of a struct %s, marked //wfe:data, in this package or in one that it imports", data)},
	}
	if near != "" {
		d.Hints = append([]string{fmt.Sprintf("did you mean %q?", near)}, d.Hints...)
	}
	return d
}

func unmarkedData(pos, end token.Position, builder, data string, at token.Position) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.NoData, Pos: pos, End: end,
		Message: fmt.Sprintf("%s is the builder of no data type: %s is not marked", builder, data),
		Hints:   []string{fmt.Sprintf("put //wfe:data above type %s", data)},
		Related: []diag.Related{{Pos: at, Message: "declared here"}},
	}
}

func ambiguousData(pos, end token.Position, builder, one, other string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.AmbiguousData, Pos: pos, End: end,
		Message: fmt.Sprintf("%s would be the builder of data in %s and in %s", builder, one, other),
		Hints:   []string{"rename one of the types, or do not import both"},
	}
}

func controlFlow(pos, end token.Position, word, instead string) diag.Diagnostic {
	call, _, _ := strings.Cut(instead, "(")
	return diag.Diagnostic{
		Code: diag.ControlFlow, Pos: pos, End: end,
		Message: fmt.Sprintf("%s decides when the program starts, not when an instance runs: use %s", word, strings.TrimSpace(call)),
		Hints:   []string{"write " + instead},
	}
}

func notBuilder(pos, end token.Position) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.NotBuilder, Pos: pos, End: end,
		Message: "not a builder statement",
		Hints:   []string{"change data in a step, in a Set or Func, or where an event is taken; compute values inside of conditions and bindings"},
	}
}

func unmarkedCall(pos, end token.Position, fn string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.UnmarkedCall, Pos: pos, End: end,
		Message: fmt.Sprintf("%s is given the builder, but is not marked //wfe:workflow", fn),
		Hints:   []string{"write its statements here"},
	}
}

func outerBuilder(pos, end token.Position, outer string, b types.Object) diag.Diagnostic {
	d := diag.Diagnostic{
		Code: diag.NotBuilder, Pos: pos, End: end,
		Message: fmt.Sprintf("%s is the builder of a block around this one", outer),
		Hints:   []string{"give this block's function a builder of its own and use that: func(" + outer + " *DataBuilder)"},
	}
	if b != nil && b.Name() != "_" {
		d.Hints = []string{"use this block's own, " + b.Name()}
	}
	return d
}

func containsItself(pos, end token.Position, fn string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.ContainsItself, Pos: pos, End: end,
		Message: fmt.Sprintf("workflow %s contains itself, so building it would never end", fn),
		Hints:   []string{"for what is done again, use a loop over a slice of the data, or a steering step"},
	}
}

func builderCaptured(pos, end token.Position, b string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.BuilderCaptured, Pos: pos, End: end,
		Message: fmt.Sprintf("%s is used where it builds nothing any more", b),
		Hints:   []string{"a function given to a builder call runs with an instance; only one that takes the builder as its first parameter adds to the workflow"},
	}
}

func notConstant(pos, end token.Position, what string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.NotConstant, Pos: pos, End: end,
		Message: what + " has to be a constant, so that it can be read here",
		Hints:   []string{"write it out, or declare it with const"},
	}
}

func nothingToModify(pos, end token.Position, modifier string, kind definition.Kind) diag.Diagnostic {
	what := "a node"
	if kind != "" {
		what = "a node of kind " + string(kind)
	}
	return diag.Diagnostic{
		Code: diag.NothingToModify, Pos: pos, End: end,
		Message: fmt.Sprintf("%s acts on the node added last, which has to be %s", modifier, what),
	}
}

func secondBlock(pos token.Position, node, block string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.NothingToModify, Pos: pos,
		Message: fmt.Sprintf("node %q has a second block %q", node, block),
	}
}

func notRegistered(pos, end token.Position, what, typ string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.NotRegistered, Pos: pos, End: end,
		Message: fmt.Sprintf("%s is no %s: it is not marked", typ, what),
		Hints:   []string{fmt.Sprintf("put //wfe:%s above the type, and run wfegen in its package", what)},
	}
}

func noReference(pos, end token.Position, name string) diag.Diagnostic {
	what := "this"
	if name != "" {
		what = name
	}
	return diag.Diagnostic{
		Code: diag.NotRegistered, Pos: pos, End: end,
		Message: what + " is no reference to a workflow",
		Hints:   []string{"wfegen declares one for each function marked //wfe:workflow: DeliverRef for Deliver; name it here, with its package in front where that is another one"},
	}
}

func duplicateNode(n, first model.Node, d *definition.Node, plain bool) diag.Diagnostic {
	hint := `name one of them: .Name("other") behind a step or a container, wfe.Name("other") among the options of a loop`
	var fixes []diag.Fix
	switch name := nameFor(n); {
	case plain && (d.Kind == definition.If || d.Kind == definition.While):
		hint = fmt.Sprintf("name one of them: write //wfe:id %s above it", name)
		fixes = []diag.Fix{{Message: "name it " + name, Edits: []diag.Edit{{Pos: n.Pos, End: n.Pos, New: "//wfe:id " + name + "\n" + strings.Repeat("\t", n.Pos.Column-1)}}}}
	case plain && d.Kind == definition.Call:
		hint = "name one of them: write //wfe:id other above the call, as a statement of its own"
	case plain && d.Kind == definition.Decide:
		hint = "name one of them: write //wfe:id other above it"
	case plain:
		hint = `name one of them: add wfe.Name("other") to the call, or write //wfe:id other above the statement`
	}
	return diag.Diagnostic{
		Code: diag.DuplicateNode, Pos: n.Pos, End: n.End,
		Message: fmt.Sprintf("two nodes have the id %q", d.ID),
		Hints:   []string{hint}, Fixes: fixes,
		Related: []diag.Related{{Pos: first.Pos, Message: "the other one"}},
	}
}

// nameFor returns a name that fits what the condition of a node asks for.
func nameFor(n model.Node) string {
	for _, c := range n.Code {
		if x, err := parser.ParseExpr(c.Text); err == nil && c.What == "condition" {
			return flow.NameFor(x)
		}
	}
	return "other"
}

func nameMissing(pos, end token.Position, call string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.Misplaced, Pos: pos, End: end,
		Message: fmt.Sprintf("%s has no name", call),
		Hints:   []string{fmt.Sprintf("its first argument is the id of the node: %s(\"name\", ...)", call)},
	}
}

func nameTooMuch(pos, end token.Position, call, name string, kind definition.Kind) diag.Diagnostic {
	d := diag.Diagnostic{
		Code: diag.Misplaced, Pos: pos, End: end,
		Message: fmt.Sprintf("%s takes no name here", call),
		Hints:   []string{fmt.Sprintf("name the node behind the call: .Name(%s)", name)},
	}
	if kind == definition.ForEach {
		d.Hints = []string{fmt.Sprintf("name the loop by an option behind its function: wfe.Name(%s)", name)}
	}
	return d
}

func badSegment(pos, end token.Position, id string, err error) diag.Diagnostic {
	return diag.Diagnostic{Code: diag.BadDefinition, Pos: pos, End: end, Message: fmt.Sprintf("id %q: %v", id, err)}
}

func badDefinition(pos token.Position, err error) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.BadDefinition, Pos: pos,
		Message: strings.TrimPrefix(err.Error(), "definition "),
	}
}

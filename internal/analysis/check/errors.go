package check

import (
	"fmt"
	"go/token"
	"reflect"
	"strings"
	"time"

	"github.com/wfegen/wfe/internal/analysis/diag"
	"github.com/wfegen/wfe/internal/analysis/directive"
	"github.com/wfegen/wfe/internal/analysis/model"
)

func badTag(f model.Field, at place) diag.Diagnostic {
	d := diag.Diagnostic{
		Code: diag.BadTag, Pos: at.pos,
		Message: fmt.Sprintf("tag of %s is not understood: %s", at.path, f.Tag),
		Hints:   []string{`write wfe:"out" for an output, wfe:"inject" for a dependency, wfe:"secret" or wfe:"out,secret" for what no error or log may show`},
	}
	if value, ok := reflect.StructTag(f.Tag).Lookup("wfe"); ok {
		if near := directive.Suggest(value, model.Marks()); near != "" {
			d.Hints = []string{fmt.Sprintf("did you mean wfe:%q?", near)}
		}
	}
	return d
}

func tagOffStep(f model.Field, at place) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.BadTag, Pos: at.pos,
		Message: fmt.Sprintf("tag of %s has no meaning: only fields of a step are inputs, outputs or dependencies", at.path),
		Hints:   []string{"remove the wfe tag"},
	}
}

func embeddedMarshaler(at place, step, field string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.PromotedMarshaler, Pos: at.pos,
		Message: fmt.Sprintf("step %s embeds %s, which has a marshaller, without a JSON name: it would not be saved", step, field),
		Hints:   []string{"make it a field with a name"},
	}
}

func promotedMarshaler(at place, typ, field string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.PromotedMarshaler, Pos: at.pos,
		Message: fmt.Sprintf("%s: the marshaller of %s is that of its embedded %s, so its other fields would be lost", at.path, typ, field),
		Hints:   []string{fmt.Sprintf("give the field %s a name, instead of embedding it", field)},
	}
}

func halfMarshaler(at place, typ string, encodes bool) diag.Diagnostic {
	has, lacks := "UnmarshalJSON or UnmarshalText", "MarshalJSON or MarshalText"
	if encodes {
		has, lacks = lacks, has
	}
	return diag.Diagnostic{
		Code: diag.NotSerialisable, Pos: at.pos,
		Message: fmt.Sprintf("%s cannot be saved: %s has %s, but not %s", at.path, typ, has, lacks),
		Hints:   []string{"what is saved has to be read again: add the other half"},
	}
}

func notSerialisable(at place, typ string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.NotSerialisable, Pos: at.pos,
		Message: fmt.Sprintf("%s cannot be saved: %s has no form in JSON", at.path, typ),
		Hints:   []string{`tag it json:"-" if it need not be saved, wfe:"inject" if it is a dependency of a step`},
	}
}

func badMapKey(at place, key string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.BadMapKey, Pos: at.pos,
		Message: fmt.Sprintf("%s cannot be saved: %s cannot be the key of a map in JSON", at.path, key),
		Hints:   []string{"use a string, an integer, or a type with MarshalText and UnmarshalText"},
	}
}

func unexportedField(at place) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.UnexportedField, Pos: at.pos,
		Message: fmt.Sprintf("%s is not exported, so it would be lost when it is saved", at.path),
		Hints:   []string{`export it, or tag it json:"-" if that is meant`},
	}
}

func unexportedStepField(f model.Field, at place) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.UnexportedField, Pos: at.pos,
		Message: fmt.Sprintf("%s is not exported, so it can be neither input nor output", at.path),
		Hints:   []string{fmt.Sprintf(`tag it wfe:"inject" if %s is a dependency, json:"-" if the step needs it only while it runs`, f.Name)},
	}
}

func embeddedUnexportedPointer(at place, field string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.UnexportedField, Pos: at.pos,
		Message: fmt.Sprintf("%s embeds a pointer to the unexported type %s, which encoding/json cannot read again", at.path, field),
		Hints:   []string{"embed the struct itself, or export its type"},
	}
}

func foreignUnexported(at place, typ, field string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.ForeignUnexported, Level: diag.Warning, Pos: at.pos,
		Message: fmt.Sprintf("%s: %s has an unexported field (%s) and no marshaller of its own, so that is lost when it is saved", at.path, typ, field),
	}
}

func unnameable(f model.Field, at place, typ string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.BadField, Pos: at.pos,
		Message: fmt.Sprintf("dependency %s has a type that this package cannot name: %s", at.path, typ),
		Hints:   []string{fmt.Sprintf("declare an interface for what %s is needed for", f.Name)},
	}
}

func sameJSONName(c model.Clash, at place) diag.Diagnostic {
	first := c.Fields[0]
	return diag.Diagnostic{
		Code: diag.SameJSONName, Pos: at.pos,
		Message: fmt.Sprintf("%s has the JSON name %q, as %s has: neither would be saved", at.path, c.Name, first.Selector()),
		Related: []diag.Related{{Pos: first.Pos, Message: "the other field"}},
	}
}

func variablesName(m model.Member, at place) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.SameJSONName, Pos: at.pos,
		Message: fmt.Sprintf("%s has a field, %s, with the JSON name %q, under which the variables of workflows in plain Go are saved", at.path, m.Selector(), m.Name),
		Hints:   []string{"give it another name"},
	}
}

func withoutRetry(pos token.Position, key string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.KeysDisagree, Pos: pos,
		Message: fmt.Sprintf("%s has no effect with retry=0", key),
		Hints:   []string{"say how often: retry=3, or retry=unlimited"},
	}
}

func backoffTooLong(pos token.Position, longest, first time.Duration) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.KeysDisagree, Pos: pos,
		Message: fmt.Sprintf("max-backoff %v is less than backoff %v", longest, first),
	}
}

func nothingToCompensate(s *model.Step) diag.Diagnostic {
	d := diag.Diagnostic{
		Code: diag.CompensationDisagree, Pos: s.Keys["on-error"],
		Message: fmt.Sprintf("on-error=%s, but step %s has no compensation", s.Policy.OnError, s.Name),
		Hints:   []string{fmt.Sprintf("add func (s *%s) Undo(ctx context.Context) error, or compensate=OtherStep", s.Name)},
	}
	if at, ok := s.Defaults["on-error"]; ok {
		d.Pos = s.Pos
		d.Hints = append(d.Hints, "or give the step an on-error of its own")
		d.Related = []diag.Related{{Pos: at, Message: "the default of the package"}}
	}
	return d
}

func noSuchStep(c *model.Compensation, steps []*model.Step) diag.Diagnostic {
	d := diag.Diagnostic{
		Code: diag.NoSuchStep, Pos: c.Pos, End: c.End,
		Message: fmt.Sprintf("%s is not a step of this package", c.Step),
		Hints:   []string{"it has to be a struct marked //wfe:step"},
	}
	if near := directive.Suggest(c.Step, names(steps)); near != "" {
		d.Hints = []string{fmt.Sprintf("did you mean %q?", near)}
	}
	return d
}

func compensatesItself(s *model.Step) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.CompensationDisagree, Pos: s.Compensate.Pos, End: s.Compensate.End,
		Message: fmt.Sprintf("step %s cannot compensate itself", s.Name),
	}
}

func compensationBranches(s *model.Step) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.CompensationDisagree, Pos: s.Compensate.Pos, End: s.Compensate.End,
		Message: fmt.Sprintf("step %s is undone by %s, which branches: a compensation cannot", s.Name, s.Compensate.Step),
		Hints:   []string{"undo it by a step that does not branch, or by a block: Compensate where the workflow adds the step"},
	}
}

func undoneTwice(s *model.Step) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.CompensationDisagree, Pos: s.Compensate.Pos, End: s.Compensate.End,
		Message: fmt.Sprintf("step %s has an Undo of its own, and compensate=%s", s.Name, s.Compensate.Step),
		Hints:   []string{"remove one of the two"},
	}
}

func undoneThoughItAsks(s *model.Step) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.CompensationDisagree, Pos: s.Keys["compensate"],
		Message: fmt.Sprintf("step %s has an Undo of its own, and compensate=none", s.Name),
		Hints:   []string{"remove one of the two"},
	}
}

func unwiredCompensation(s *model.Step, f model.Field, typ, data string) diag.Diagnostic {
	message := fmt.Sprintf("%s needs %s %s, and step %s has no field of that name and type", s.Compensate.Step, f.Name, typ, s.Name)
	if data != "" {
		message = fmt.Sprintf("%s needs %s %s, and neither step %s nor %s has a field of that name and type",
			s.Compensate.Step, f.Name, typ, s.Name, data)
	}
	return diag.Diagnostic{
		Code: diag.UnwiredCompensation, Pos: s.Compensate.Pos, End: s.Compensate.End,
		Message: message,
		Hints:   []string{fmt.Sprintf("add the field, or undo the step in an Undo method of %s", s.Name)},
		Related: []diag.Related{{Pos: f.Pos, Message: "the input"}},
	}
}

func tooLong(s stored) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.BadValue, Pos: s.pos,
		Message: fmt.Sprintf("the name of %s %q is longer than 64 bytes", s.what, s.name),
		Hints:   []string{"give a shorter one with " + s.key + "="},
	}
}

func duplicateName(s, first stored) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.DuplicateName, Pos: s.pos,
		Message: fmt.Sprintf("two %ss have the name %q", s.what, s.unique),
		Hints:   []string{fmt.Sprintf("give one of them another name with %s=", s.key)},
		Related: []diag.Related{{Pos: first.pos, Message: "the other one"}},
	}
}

func methodTaken(m *model.Method) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.MethodTaken, Pos: m.Step.Pos,
		Message: fmt.Sprintf("step %s: the builder has a method %s of its own", m.Step.Name, m.Name),
		Hints:   []string{"give the step's method another name: method=Do" + m.Name},
	}
}

func sameMethod(m, first *model.Method) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.MethodTaken, Pos: m.Step.Pos,
		Message: fmt.Sprintf("steps %s and %s have one method name, %s", first.Step.Name, m.Step.Name, m.Name),
		Hints:   []string{"give one of them another with method="},
		Related: []diag.Related{{Pos: first.Step.Pos, Message: "the other one"}},
	}
}

func nameTaken(d model.Declared) diag.Diagnostic {
	out := diag.Diagnostic{
		Code: diag.NameTaken, Pos: d.User,
		Message: fmt.Sprintf("%s is the name of something that wfegen generates", d.Name),
		Hints:   []string{"rename it"},
	}
	if d.For != "" {
		out.Message += ", for " + d.For
		out.Related = []diag.Related{{Pos: d.Pos, Message: d.For}}
	}
	return out
}

func hidesPredeclared(h model.Hidden) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.HidesPredeclared, Pos: h.Pos,
		Message: fmt.Sprintf("%s hides the %s of the language, which generated code needs", h.Name, h.Name),
		Hints:   []string{"rename it"},
	}
}

func declaredTwice(d, first model.Declared) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.NameTaken, Pos: d.Pos,
		Message: fmt.Sprintf("%s would be generated for %s and for %s", d.Name, first.For, d.For),
		Hints:   []string{"rename one of them"},
		Related: []diag.Related{{Pos: first.Pos, Message: first.For}},
	}
}

func unsetInput(n *model.Node, f model.Field) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.UnsetInput, Level: diag.Compile, Pos: n.Pos, End: n.End,
		Message: fmt.Sprintf("input %s of step %s is set by nothing", f.Name, n.Step),
		Hints:   []string{fmt.Sprintf("set it in the function that the step is given: s.%s = ...", f.Name)},
		Related: []diag.Related{{Pos: f.Pos, Message: "the input"}},
	}
}

func inputSetTwice(n *model.Node, w model.Wire, data string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.InputSetTwice, Level: diag.Warning, Pos: n.Pos, End: n.End,
		Message: fmt.Sprintf("input %s of step %s is read from %s.%s, and set anew by the function", w.To.Name, n.Step, data, w.From.Name),
	}
}

func outputLost(n *model.Node, f model.Field, data string, out bool) diag.Diagnostic {
	d := diag.Diagnostic{
		Code: diag.OutputLost, Level: diag.Warning, Pos: n.Pos, End: n.End,
		Message: fmt.Sprintf("output %s of step %s is stored by nothing", f.Name, n.Step),
		Hints:   []string{fmt.Sprintf("give %s a field %s of its type, or store it with Out", data, f.Name)},
		Related: []diag.Related{{Pos: f.Pos, Message: "the output"}},
	}
	if out {
		d.Hints = []string{"store it in Out too: that takes the place of what is stored by name"}
	}
	return d
}

func elementWrites(w model.Write, data, loop string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.ParallelWrites, Level: diag.Warning, Pos: w.Pos,
		Message: fmt.Sprintf("each element of the loop %q writes %s, and they run in parallel: the last one counts", loop, field(data, w)),
		Hints:   []string{"append to a slice, or run the loop with wfe.Sequential()"},
	}
}

func branchesWrite(w, first model.Write, data, node string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.ParallelWrites, Level: diag.Warning, Pos: w.Pos,
		Message: fmt.Sprintf("two branches of %q write %s, and they run in parallel: the last one counts", node, field(data, w)),
		Related: []diag.Related{{Pos: first.Pos, Message: "the other one"}},
	}
}

// field names what is written; all of the data has no path.
func field(data string, w model.Write) string {
	if w.Path == "" {
		return "all of " + data
	}
	return data + "." + w.Path
}

func unreachable(n *model.Node, last token.Position) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.Unreachable, Level: diag.Warning, Pos: n.Pos, End: n.End,
		Message: "never reached: the flow does not go on after the node before it",
		Related: []diag.Related{{Pos: last, Message: "it ends here"}},
	}
}

func neverRuns(n *model.Node, container token.Position, holds bool) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.Unreachable, Level: diag.Warning, Pos: n.Pos, End: n.End,
		Message: fmt.Sprintf("never reached: the condition is always %v", holds),
		Related: []diag.Related{{Pos: container, Message: "the condition"}},
	}
}

func compensationDropped(n *model.Node) diag.Diagnostic {
	d := diag.Diagnostic{
		Code: diag.CompensationDropped, Pos: n.Pos, End: n.End,
		Message: fmt.Sprintf("wfe.Then does not wire compensate=%s of step %s", n.Dropped, n.Step),
		Hints:   []string{fmt.Sprintf("call the builder's method for %s, which does", n.Step)},
	}
	if pkg, _, other := strings.Cut(n.Step, "."); other {
		d.Hints = []string{fmt.Sprintf("say here what undoes it: .Compensate(func(b *DataBuilder, done *%s) { wfe.Then(b, func(o *Data, s *%s.%s) { ... }) })", n.Step, pkg, n.Dropped)}
	}
	return d
}

func notCompensated(n *model.Node, saga string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.NotCompensated, Level: diag.Warning, Pos: n.Pos, End: n.End,
		Message: fmt.Sprintf("step %s has no compensation, so what it did stays done when the saga %q fails", n.Step, saga),
		Hints:   []string{fmt.Sprintf("add func (s *%s) Undo(ctx context.Context) error, or compensate=none to its directive if it leaves nothing to undo", n.Step)},
	}
}

func endlessChildren(n *model.Node, w *model.Workflow, by []*model.Workflow) diag.Diagnostic {
	message := fmt.Sprintf("each instance of %s starts another one as its child and waits for it", w.Func)
	d := diag.Diagnostic{
		Code: diag.EndlessChildren, Level: diag.Warning, Pos: n.Pos, End: n.End, Message: message + ", without end",
		Hints: []string{"start it only where there is something left to do: b.If(...)"},
	}
	if len(by) > 0 {
		var through []string
		for _, other := range by {
			through = append(through, other.Func)
			d.Related = append(d.Related, diag.Related{Pos: other.Pos, Message: "through " + other.Func})
		}
		d.Message = message + ", through " + strings.Join(through, " and ") + ", without end"
	}
	return d
}

package flow

import (
	"fmt"
	"go/token"
	"go/types"
	"slices"

	"github.com/wfegen/wfe/internal/analysis/diag"
)

func notCompiled(at span, what, hint string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.NotCompiled, Pos: at.pos, End: at.end,
		Message: what + " has no place in a workflow: there is nothing to save that it could go on from",
		Hints:   []string{hint},
	}
}

// impure says what is wrong with code that is copied.
func impure(h *hazards, i impurity) diag.Diagnostic {
	d := diag.Diagnostic{Code: diag.Undecided, Pos: i.at.pos, End: i.at.end}
	switch i.kind {
	case clock:
		d.Message = i.what + " depends on when it is run"
		d.Hints = []string{"write wfe.Now(w), which is saved; wait by wfe.Sleep, wfe.SleepUntil or wfe.WaitForWithin"}
	case chance:
		d.Message = i.what + " comes out otherwise each time"
		d.Hints = []string{"do it in a step, whose output is saved"}
	case outside:
		d.Message = i.what + " is about the process and the machine, which may be others after a crash"
		d.Hints = []string{"do it in a step, whose output is saved"}
	case printing:
		d.Message = i.what + " writes to the outside, which only steps do"
		d.Hints = []string{"do it in a step; wfe.StepContext has a logger"}
	case together:
		d.Message = i.what + " is for goroutines, and a workflow has none"
		d.Hints = []string{"run branches beside each other by wfe.Parallel or wfe.ForEach"}
	case zone:
		d.Message = i.what + " takes the zone of the machine, which may be another one after a crash"
		d.Hints = []string{inZone(i)}
	case times:
		d.Message = i.what + " asks too where the zones of the times lie in memory, which is another place after a crash"
		d.Hints = []string{equalTimes}
	case address:
		d.Message = fmt.Sprintf("the text of %s has an address in it, which is another one each time", i.what)
		d.Hints = []string{noAddress}
	case order:
		d.Message = i.what + ": it depends on the order of a map, which is another one each time"
		if i.hint == "" {
			d.Message = i.what + " goes through a map, whose order is another one each time"
		}
		d.Hints = []string{inOrder(i)}
	case room:
		d.Message = i.what + " depends on how memory was allocated, which is in another way after a crash"
		d.Hints = []string{noRoom}
	case global:
		d.Code = diag.PackageVariable
		d.Message = fmt.Sprintf("the package variable %s is assigned, and may have another value after a crash", i.what)
		d.Hints = []string{"keep it in the data, or make it a constant"}
		if i.by != nil {
			d.Message = fmt.Sprintf("the package variable %s has another value in each process, by %s", i.what, i.by.what)
			d.Hints = []string{"find it out in a step, and keep it in the data"}
			d.Related = []diag.Related{{Pos: i.by.at.pos, Message: i.by.what}}
		}
	case unmarked:
		d.Code = diag.ImpureCall
		d.Message = fmt.Sprintf("%s is not marked //wfe:pure", i.what)
		d.Hints = []string{fmt.Sprintf("put //wfe:pure above %s, if its result depends on its arguments alone; else do it in a step", i.fn.Name())}
		if h.decls[i.fn] != nil && slices.ContainsFunc(h.summary(i.fn).impure, func(does impurity) bool { return does.kind == parameter }) {
			d.Hints = []string{returnsInstead}
			break
		}
		if decl := h.decls[i.fn]; decl != nil {
			text := "//wfe:pure\n"
			if decl.Doc != nil {
				text = "//\n//wfe:pure\n"
			}
			at := h.pos(decl.Type.Func)
			d.Fixes = []diag.Fix{{Message: "mark " + i.fn.Name(), Edits: []diag.Edit{{Pos: at, End: at, New: text}}}}
			d.Related = []diag.Related{{Pos: h.pos(decl.Name.Pos()), Message: "declared here"}}
		}
	default:
		d.Code = diag.ImpureCall
		d.Message = fmt.Sprintf("of %s it is not known whether it depends on its arguments alone", i.what)
		d.Hints = []string{"call it in a step, whose output is saved"}
	}
	return d
}

// inZone says how the zone of the machine is avoided.
func inZone(i impurity) string {
	switch i.what {
	case "time.Unix", "time.UnixMilli", "time.UnixMicro":
		return "write " + i.what + "(...).UTC(), or .In and another zone that is known"
	case "time.Parse":
		return "write time.ParseInLocation(layout, text, time.UTC), which reads the same: an offset in the text counts"
	case "Time.Local":
		return "write .UTC(), or .In and another zone that is known; or do it in a step, whose output is saved"
	case "time.Local":
		return "write time.UTC; or do it in a step, whose output is saved"
	}
	return "read the text, a string, by time.ParseInLocation(time.RFC3339, text, time.UTC)"
}

const (
	noAddress = "write what its pointers point to, field by field, or give its type a method String() string"
	noRoom    = "use len"
)

// inOrder says how a map is gone through in an order.
func inOrder(i impurity) string {
	if i.hint != "" {
		return i.hint
	}
	return "sort it at once, as in slices.Sorted(maps.Keys(m)), or collect it in a variable and sort that next; or range over the sorted keys"
}

// returnsInstead is what to do with a function that changes what it is given.
const returnsInstead = "have it return the new value, mark it //wfe:pure, and assign what it returns; or make it a function with the *wfe.Flow as its first parameter, which is compiled as a part of the workflow"

// notPureBody says what a function does that is marked not to.
func notPureBody(h *hazards, fn *types.Func, i impurity) diag.Diagnostic {
	hint := "leave out what depends on more than the arguments, or does more than to return something; or do it in a step"
	if i.kind == parameter {
		hint = returnsInstead
	}
	d := diag.Diagnostic{
		Code: diag.NotPure, Pos: i.at.pos, End: i.at.end,
		Message: fmt.Sprintf("%s is marked //wfe:pure, but %s", fn.Name(), does(&i)),
		Hints:   []string{hint},
		Related: []diag.Related{{Pos: h.pos(h.decls[fn].Name.Pos()), Message: "declared here"}},
	}
	switch i.kind {
	case zone:
		d.Hints = []string{inZone(i)}
	case times:
		d.Hints = []string{equalTimes}
	case address:
		d.Hints = []string{noAddress}
	case room:
		d.Hints = []string{noRoom}
	case order:
		d.Hints = []string{inOrder(i)}
	}
	for by := i.by; by != nil; by = by.by {
		d.Related = append(d.Related, diag.Related{Pos: by.at.pos, Message: does(by)})
	}
	return d
}

// does says what a function does that none without effects does.
func does(i *impurity) string {
	switch i.kind {
	case parameter:
		return "it changes what its parameter points to: " + i.what
	case statement:
		return "there is " + i.what + " in it"
	case global:
		return "it uses the package variable " + i.what
	case notPure:
		return "it calls " + i.what
	case zone:
		return "it uses " + i.what + ", which takes the zone of the machine"
	case address:
		return "the text of " + i.what + " has an address in it"
	case times:
		return "it compares times by == in " + i.what
	case order:
		if i.hint == "" {
			return "it uses " + i.what + ", which goes through a map in another order each time"
		}
		return "it depends on the order of a map: " + i.what
	case room:
		return "it uses " + i.what + ", which depends on how memory was allocated"
	}
	return "it uses " + i.what
}

func ranged(at span, what, hint string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.RangeOrder, Pos: at.pos, End: at.end,
		Message: "a loop with calls of wfe in it runs over " + what,
		Hints:   []string{hint},
	}
}

func callInside(at span, call, where string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.CallInside, Pos: at.pos, End: at.end,
		Message: fmt.Sprintf("%s stands %s: a call of wfe is a statement, or all that is assigned or returned", call, where),
		Hints:   []string{"write it as a statement before, and keep its result in a variable"},
	}
}

func oldGo(at span, name string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.NotCompiled, Pos: at.pos, End: at.end,
		Message: name + " is in a file whose build constraint makes it of a Go before 1.22, in which a loop has one variable for all its rounds",
		Hints:   []string{"leave the constraint out, or put the workflow into a file without one"},
	}
}

func flowElsewhere(at span, why, hint string) diag.Diagnostic {
	return diag.Diagnostic{Code: diag.FlowElsewhere, Pos: at.pos, End: at.end, Message: why, Hints: []string{hint}}
}

func nowAgain(at span, what string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.Undecided, Pos: at.pos, End: at.end,
		Message: what + " stands in a condition that is looked at when something has changed: time alone changes nothing",
		Hints:   []string{"wait for a time by wfe.WaitForWithin, or by wfe.SleepUntil in a branch of wfe.Parallel"},
	}
}

func notWritten(at span, why, hint string) diag.Diagnostic {
	return diag.Diagnostic{Code: diag.NotWritten, Pos: at.pos, End: at.end, Message: why, Hints: []string{hint}}
}

func badHelper(at span, why, hint string) diag.Diagnostic {
	return diag.Diagnostic{Code: diag.BadHelper, Pos: at.pos, End: at.end, Message: why, Hints: []string{hint}}
}

func settingVaries(at span, what, name string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.SettingVaries, Pos: at.pos, End: at.end,
		Message: fmt.Sprintf("the %s is a part of the definition, and %s has a value only in an instance", what, name),
		Hints:   []string{"write constants and package variables there; what depends on data is decided by an if, or in a step"},
	}
}

func notSaved(at span, name string, declared token.Position, w why) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.NotSaved, Pos: at.pos, End: at.end,
		Message: fmt.Sprintf("%s is kept over a place where the workflow can rest, and cannot be saved: it is %s", name, w.is),
		Hints:   []string{w.hint},
		Related: []diag.Related{{Pos: declared, Message: "declared here"}},
	}
}

func notReturned(at span, fn *types.Func, declared token.Position, w why) diag.Diagnostic {
	d := diag.Diagnostic{
		Code: diag.NotSaved, Pos: at.pos, End: at.end,
		Message: fmt.Sprintf("what %s returns is kept over the place where it ends, and cannot be saved: it is %s", fn.Name(), w.is),
		Hints:   []string{w.hint},
		Related: []diag.Related{{Pos: declared, Message: "declared here"}},
	}
	if w.is == anError {
		d.Hints = []string{"return a *wfe.Failure, which is an error and can be saved: &wfe.Failure{Message: err.Error()}; or fail where the error is found, by wfe.Fail"}
	}
	return d
}

func localType(at span, name string, declared token.Position) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.NotSaved, Pos: at.pos, End: at.end,
		Message: fmt.Sprintf("type %s is declared in the function, and used behind a place where the workflow can rest", name),
		Hints:   []string{"declare the type in the package"},
		Related: []diag.Related{{Pos: declared, Message: "declared here"}},
	}
}

func notKept(at span, p place) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.NotKept, Pos: at.pos, End: at.end,
		Message: fmt.Sprintf("%s is changed in an expression that is only asked for its value, so the change is lost", p),
		Hints:   []string{"change it in a statement of its own, before"},
	}
}

func leftAndRight(at span, p place, call string, by span) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.CallInside, Pos: at.pos, End: at.end,
		Message: fmt.Sprintf("%s is read on the left of %s, which writes it: which comes first is left open", p, call),
		Hints:   []string{"keep the result in a variable, and assign that in a statement of its own"},
		Related: []diag.Related{{Pos: by.pos, Message: "written here"}},
	}
}

func aliased(at span, p, other place) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.Aliased, Pos: at.pos, End: at.end,
		Message: fmt.Sprintf("%s is written here, and %s was the same memory before the workflow could rest: it is not afterwards", p, other),
		Hints:   []string{fmt.Sprintf("write to one of the two alone, by its full name; or copy where it is taken, as by slices.Clone, and assign the whole: %s = ...", other)},
	}
}

func packageWritten(at span, p, other place) diag.Diagnostic {
	name := other.root.Name()
	return diag.Diagnostic{
		Code: diag.Aliased, Pos: at.pos, End: at.end,
		Message: fmt.Sprintf("%s is written here, and is memory of the package variable %s: other workflows would see it, and nobody after a crash", p, name),
		Hints:   []string{fmt.Sprintf("copy where it is taken from %s, as by slices.Clone or maps.Clone", name)},
	}
}

func elementsShared(at span, p, other place) diag.Diagnostic {
	of := other
	for i, h := range slices.Backward(other.path) {
		if h.kind == beyond || h.kind == inside {
			of.path = other.path[:i] // what has the elements; the outermost one that has
		}
	}
	return diag.Diagnostic{
		Code: diag.Aliased, Pos: at.pos, End: at.end,
		Message: fmt.Sprintf("%s is written here, and other elements of %s may have been the same memory before the workflow could rest: they are not afterwards", p, of),
		Hints:   []string{fmt.Sprintf("give each element memory of its own, where it is assigned: %s[i] = slices.Clone(...)", of)},
	}
}

func appended(at span, p, other place) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.Aliased, Pos: at.pos, End: at.end,
		Message: fmt.Sprintf("what is appended to %s here may be written over elements of %s, if both were the same memory: whether they are depends on where the workflow could rest", p, other),
		Hints:   []string{fmt.Sprintf("append to a copy: append(slices.Clip(%s), ...)", p)},
	}
}

func loopChanged(at span, p place, loop span, element bool) diag.Diagnostic {
	d := diag.Diagnostic{
		Code: diag.LoopChanged, Pos: at.pos, End: at.end,
		Message: fmt.Sprintf("the loop runs over what is assigned here, %s, and takes that once, when it begins", p),
		Hints:   []string{"collect what is new in a variable of its own, and assign that behind the loop"},
		Related: []diag.Related{{Pos: loop.pos, Message: "the loop"}},
	}
	if element {
		d.Message = fmt.Sprintf("the loop runs over the elements that are changed here, %s, and takes them once, when it begins", p)
		d.Hints = []string{"change only the element of this round, by the loop's own index: for i, item := range items { items[i] = ... }", "or leave out the variable for the elements: for i := range items"}
	}
	return d
}

func sharedRead(at span, p place, what string, by span) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.BranchesShare, Pos: at.pos, End: at.end,
		Message: fmt.Sprintf("%s is read here, and another %s, which runs beside this one, writes it", p, what),
		Hints:   []string{"read it before, or behind both; or write both in one branch"},
		Related: []diag.Related{{Pos: by.pos, Message: "written here"}},
	}
}

func sharedWrite(at span, p place, what string, by span) diag.Diagnostic {
	d := diag.Diagnostic{
		Code: diag.BranchesShare, Pos: at.pos, End: at.end,
		Message: fmt.Sprintf("%s is assigned here, and another %s, which runs beside this one, writes it too: the last one counts", p, what),
		Hints:   []string{"give each a variable or field of its own, and put them together behind; adding in one statement is fine: append, +=, an element by the item's own key"},
	}
	if at != by {
		d.Related = []diag.Related{{Pos: by.pos, Message: "written here"}}
	}
	return d
}

func tryIgnored(at span) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.TryIgnored, Pos: at.pos, End: at.end,
		Message: "what has failed in this wfe.Try is looked at by nothing, so the workflow goes on as if it had not",
		Hints:   []string{"if f := wfe.Try(...); f != nil { ... }", "or use wfe.Saga, where a failure goes on outwards"},
	}
}

func neverReached(at span, last token.Position) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.Unreachable, Level: diag.Warning, Pos: at.pos, End: at.end,
		Message: "never reached: the flow does not go on after what stands before it",
		Related: []diag.Related{{Pos: last, Message: "it ends here"}},
	}
}

func valueReceiver(at span, step, output string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.ValueReceiver, Pos: at.pos, End: at.end,
		Message: fmt.Sprintf("Run of step %s has a value receiver, so its output %s would be lost", step, output),
		Hints:   []string{fmt.Sprintf("write func (s *%s) Run, in its package", step)},
	}
}

func undoOutside(at span) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.UndoOutside, Pos: at.pos, End: at.end,
		Message: "wfe.Undo stands in no saga, so nothing would ever roll it back",
		Hints:   []string{"put it, and what it undoes, into wfe.Saga or wfe.Try"},
	}
}

func undoSees(at span, name string, undo span) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.UndoSees, Pos: at.pos, End: at.end,
		Message: fmt.Sprintf("%s is assigned after wfe.Undo has taken it: what is undone would see the value from before", name),
		Hints:   []string{"assign it before wfe.Undo, or to a variable of its own"},
		Related: []diag.Related{{Pos: undo.pos, Message: "taken here"}},
	}
}

func undoCounter(at span, name string, declared token.Position) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.UndoSees, Pos: at.pos, End: at.end,
		Message: fmt.Sprintf("%s counts the rounds of a loop, and goes on to do so after wfe.Undo has taken it", name),
		Hints:   []string{fmt.Sprintf("copy it before wfe.Undo, in the round: %s := %[1]s", name)},
		Related: []diag.Related{{Pos: declared, Message: "declared here"}},
	}
}

func nothingWaits(at span, what, hint string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.NothingWaits, Pos: at.pos, End: at.end,
		Message: "nothing in this " + what + " waits, so there is nothing to run beside others",
		Hints:   []string{hint},
	}
}

func dataReplaced(at span, name, how string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.DataReplaced, Pos: at.pos, End: at.end,
		Message: fmt.Sprintf("%s is the data of the workflow, and %s", name, how),
		Hints:   []string{fmt.Sprintf("assign the data itself, *%s = ..., or its fields", name)},
	}
}

package reference

import (
	"flag"
	"testing"

	"github.com/wfegen/wfe/internal/mutant"
)

var mutants = flag.Bool("mutants", false, "show that the simulations find bugs that are planted in the runtime; minutes")

// planted are bugs of the runtime.
var planted = []mutant.Mutant{
	{Name: "a body starts before its transition is durable", File: "runtime/internal/host/actor.go",
		Old: "\tdefault:\n\t\th.queue.put(p)\n",
		New: "\tdefault:\n\t\tif a.start == nil {\n\t\t\th.dispatch(a, &p.fx)\n\t\t}\n\t\th.queue.put(p)\n"},
	{Name: "a caller is answered before the commit", File: "runtime/internal/host/actor.go",
		Old: "\tdefault:\n\t\th.queue.put(p)\n",
		New: "\tdefault:\n\t\tif a.start != nil {\n\t\t\ta.start.reply <- started{}\n\t\t\ta.start.reply = make(chan started, 1)\n\t\t}\n\t\th.queue.put(p)\n"},
	{Name: "a process that has lost the store may write", File: "runtime/store/memory/owner.go",
		Old: "return s.owned && l.Epoch == s.epoch", New: "return s.owned && l.Epoch <= s.epoch"},
	{Name: "what a step needs to be undone is not stored", File: "runtime/engine/undo.go",
		Old: "\tu.Seq, u.Saga = m.Sequence(), saga.ID\n\tm.keep(u)\n", New: "\tu.Seq, u.Saga = m.Sequence(), saga.ID\n\tm.s.Keep(u)\n"},
	{Name: "an undo entry is forgotten when its compensation begins", File: "runtime/engine/rollback.go", Old: "\tp.Node, p.Undo = next.Node, next.Ptr\n",
		New: "\tp.Node, p.Undo = next.Node, next.Ptr\n\tm.fx.Del = append(m.fx.Del, instance.CellID{Kind: instance.UndoCell, Ptr: next.Ptr})\n"},
	{Name: "a saga rolls back its oldest step first", File: "runtime/instance/undo.go", Old: "\treturn u.Seq > v.Seq\n", New: "\treturn u.Seq < v.Seq\n"},
	{Name: "a retry evaluates its inputs again", File: "runtime/engine/failure.go", Old: "\t\tp.Attempt++\n\t\tm.run(p)\n",
		New: "\t\tp.Attempt++\n\t\tif in, err := m.input(p); err == nil && p.Role == instance.Forward {\n\t\t\tp.Input = in\n\t\t}\n\t\tm.run(p)\n"},
	{Name: "first attempts do not run again after a crash", File: "runtime/engine/input.go", Old: "\t\t\tm.ask(p)\n\t\t\tm.emit(p)\n\t\tcase",
		New: "\t\t\tif m.ask(p); p.Attempt > 1 {\n\t\t\t\tm.emit(p)\n\t\t\t}\n\t\tcase"},
	{Name: "an unknown commit is taken for written", File: "runtime/internal/host/commit.go", Old: "\t\t\ttry = h.Store.Settle // until it is known\n",
		New: "\t\t\treturn make([]store.Outcome, len(b.Items)), nil\n"},
}

// TestSimulation_FindsPlantedBugs builds the runtime anew with one bug at a time,
// and runs simulations and sagas on it until one fails. Without -mutants it sees to
// it that each bug has its place.
func TestSimulation_FindsPlantedBugs(t *testing.T) {
	mutant.Killed(t, *mutants, planted, "-seed=", func(string) []string { return nil },
		"-run=TestSimulation_Keeps|TestSaga_", "-simulations=1000", "-sagas=200")
}

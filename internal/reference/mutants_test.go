package reference

import (
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var mutants = flag.Bool("mutants", false, "show that the simulations find bugs that are planted in the runtime; minutes")

// mutant is a bug to plant: in a file of the runtime, old becomes new.
type mutant struct{ name, file, old, new string }

var planted = []mutant{
	{"a body starts before its transition is durable", "internal/host/actor.go",
		"\tdefault:\n\t\th.queue.put(p)\n",
		"\tdefault:\n\t\tif a.start == nil {\n\t\t\th.dispatch(a, &p.fx)\n\t\t}\n\t\th.queue.put(p)\n"},
	{"a caller is answered before the commit", "internal/host/actor.go",
		"\tdefault:\n\t\th.queue.put(p)\n",
		"\tdefault:\n\t\tif a.start != nil {\n\t\t\ta.start.reply <- started{}\n\t\t\ta.start.reply = make(chan started, 1)\n\t\t}\n\t\th.queue.put(p)\n"},
	{"a process that has lost the store may write", "store/memory/owner.go",
		"return s.owned && l.Epoch == s.epoch", "return s.owned && l.Epoch <= s.epoch"},
	{"what a step needs to be undone is not stored", "engine/undo.go",
		"\tu.Seq, u.Saga = m.Sequence(), saga.ID\n\tm.keep(u)\n", "\tu.Seq, u.Saga = m.Sequence(), saga.ID\n\tm.s.Keep(u)\n"},
	{"an undo entry is forgotten when its compensation begins", "engine/rollback.go", "\tp.Node, p.Undo = next.Node, next.Ptr\n",
		"\tp.Node, p.Undo = next.Node, next.Ptr\n\tm.fx.Del = append(m.fx.Del, instance.CellID{Kind: instance.UndoCell, Ptr: next.Ptr})\n"},
	{"a saga rolls back its oldest step first", "instance/undo.go", "\treturn u.Seq > v.Seq\n", "\treturn u.Seq < v.Seq\n"},
	{"a retry evaluates its inputs again", "engine/failure.go", "\t\tp.Attempt++\n\t\tm.run(p)\n",
		"\t\tp.Attempt++\n\t\tif in, err := m.input(p); err == nil && p.Role == instance.Forward {\n\t\t\tp.Input = in\n\t\t}\n\t\tm.run(p)\n"},
	{"first attempts do not run again after a crash", "engine/input.go", "\t\t\tm.ask(p)\n\t\t\tm.emit(p)\n\t\tcase",
		"\t\t\tif m.ask(p); p.Attempt > 1 {\n\t\t\t\tm.emit(p)\n\t\t\t}\n\t\tcase"},
	{"an unknown commit is taken for written", "internal/host/commit.go", "\t\t\ttry = h.Store.Settle // until it is known\n",
		"\t\t\treturn make([]store.Outcome, len(b.Items)), nil\n"},
}

// TestSimulation_FindsPlantedBugs builds the runtime anew with one bug at a time,
// and runs simulations and sagas on it until one fails.
func TestSimulation_FindsPlantedBugs(t *testing.T) {
	if !*mutants {
		t.Skip("it takes minutes; -mutants runs it")
	}
	for _, m := range planted {
		t.Run(m.name, func(t *testing.T) {
			path, err := filepath.Abs(filepath.Join("../../runtime", m.file))
			require.NoError(t, err)
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, 1, strings.Count(string(text), m.old), "the place of the bug in %s", m.file)
			dir := t.TempDir()
			changed := filepath.Join(dir, "changed.go")
			require.NoError(t, os.WriteFile(changed, []byte(strings.Replace(string(text), m.old, m.new, 1)), 0o600))
			overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{path: changed}})
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(filepath.Join(dir, "overlay.json"), overlay, 0o600))
			cmd := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-vet=off", "-timeout=5m", "-overlay", filepath.Join(dir, "overlay.json"),
				"-run", "TestSimulation_Keeps|TestSaga_", ".", "-simulations=1000", "-sagas=200")
			out, err := cmd.CombinedOutput()
			require.Error(t, err, "nothing has found it")
			found := first5(string(out))
			require.Contains(t, string(out), "-seed=", "it fails otherwise:\n%s", found)
			t.Log(found)
		})
	}
}

// first5 is the beginning of a text.
func first5(text string) string {
	lines := strings.SplitN(text, "\n", 6)
	return strings.Join(lines[:min(len(lines), 5)], "\n")
}

package programs

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

var mutants = flag.Bool("mutants", false, "show that programs find bugs that are planted in the compiler and the engine; many minutes")

// mutant is a bug to plant: in a file of the compiler or the engine, old becomes new.
type mutant struct{ name, file, old, new string }

var planted = []mutant{
	{"continue leaves its loop", "internal/analysis/flow/control.go",
		"body := b.loop(n, \"\")\n\tbody.leave.brk, body.leave.cont = &exit{n, true}, &exit{n, false}",
		"body := b.loop(n, \"\")\n\tbody.leave.brk, body.leave.cont = &exit{n, true}, &exit{n, true}"},
	{"break goes on with the next element", "internal/analysis/flow/control.go",
		"body := b.loop(n, definition.BlockBranch)\n\tbody.leave.brk, body.leave.cont = &exit{n, true}, &exit{n, false}",
		"body := b.loop(n, definition.BlockBranch)\n\tbody.leave.brk, body.leave.cont = &exit{n, false}, &exit{n, false}"},
	{"elements share their variables", "internal/analysis/flow/block.go", "in.frame = in.round\n", "in.frame = b.frame\n"},
	{"a case has its first value alone", "internal/analysis/flow/control.go", "for i, x := range clause.List {", "for i, x := range clause.List[:1] {"},
	{"a post statement runs twice", "runtime/engine/edge.go",
		"return m.crosses(p, m.scope(p), p.Node, Round)", "return m.crosses(p, m.scope(p), p.Node, Round) && m.crosses(p, m.scope(p), p.Node, Round)"},
	{"the code behind a node runs twice", "runtime/engine/flow.go",
		"if !m.crosses(p, m.scope(p), p.Node, Behind) {", "if !m.crosses(p, m.scope(p), p.Node, Behind) || !m.crosses(p, m.scope(p), p.Node, Behind) {"},
	{"variables of a round are lost at its next node", "runtime/engine/machine.go", "Home: p.Home, Vars: p.Vars}", "Home: p.Home}"},
}

// TestPrograms_FindPlantedBugs builds the compiler and the engine anew with one bug at a time, and compares programs until
// one behaves otherwise.
func TestPrograms_FindPlantedBugs(t *testing.T) {
	if !*mutants {
		t.Skip("it takes many minutes; -mutants runs it")
	}
	for _, m := range planted {
		t.Run(m.name, func(t *testing.T) {
			path, err := filepath.Abs(filepath.Join("../..", m.file))
			require.NoError(t, err)
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, 1, strings.Count(string(text), m.old), "the place of the bug in %s", m.file)
			dir := t.TempDir()
			changed, replace := filepath.Join(dir, "changed.go"), filepath.Join(dir, "overlay.json")
			require.NoError(t, os.WriteFile(changed, []byte(strings.Replace(string(text), m.old, m.new, 1)), 0o600))
			files, err := json.Marshal(map[string]any{"Replace": map[string]string{path: changed}})
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(replace, files, 0o600))
			cmd := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-vet=off", "-timeout=20m", "-overlay", replace,
				"-run", "TestCompiled_BehavesAsItsFunction", ".", "-programs=30", "-size=14", "-kills=2")
			cmd.Env = append(os.Environ(), overlay+"="+replace)
			out, err := cmd.CombinedOutput()
			require.Error(t, err, "nothing has found it")
			lines := strings.SplitN(string(out), "\n", 8)
			found := strings.Join(lines[:min(len(lines), 7)], "\n")
			require.Contains(t, string(out), "-run TestCompiled_Behaves -programs=1", "it fails otherwise:\n%s", found)
			t.Log(found)
		})
	}
}

// Package mutant plants bugs, one at a time, to show that a test which compares
// random programs finds them. It is for tests only.
package mutant

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Mutant is a bug to plant: in a file of the module, Old becomes New.
type Mutant struct{ Name, File, Old, New string }

// Killed has a test for each mutant: that go test, with args and env in the package
// that is tested, fails and says sign. Without run it sees no more than that each
// mutant has its place, which is quick.
func Killed(t *testing.T, run bool, mutants []Mutant, sign string, env func(overlay string) []string, args ...string) {
	t.Helper()
	for _, m := range mutants {
		t.Run(m.Name, func(t *testing.T) {
			overlay := m.plant(t)
			if !run {
				return
			}
			cmd := exec.CommandContext(t.Context(), "go", append([]string{"test", "-count=1", "-vet=off", "-timeout=20m", "-overlay", overlay, "."}, args...)...)
			cmd.Env = append(os.Environ(), env(overlay)...)
			out, err := cmd.CombinedOutput()
			require.Error(t, err, "nothing has found it")
			lines := strings.SplitN(string(out), "\n", 8)
			found := strings.Join(lines[:min(len(lines), 7)], "\n")
			require.Contains(t, string(out), sign, "it fails otherwise:\n%s", found)
			t.Log(found)
		})
	}
}

// plant returns an overlay for the go command, in which the bug is planted.
func (m Mutant) plant(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("../..", m.File)) // tests run in the folder of their package
	require.NoError(t, err)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, 1, strings.Count(string(text), m.Old), "the place of the bug in %s", m.File)
	dir := t.TempDir()
	changed, overlay := filepath.Join(dir, "changed.go"), filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(changed, []byte(strings.Replace(string(text), m.Old, m.New, 1)), 0o600))
	replace, err := json.Marshal(map[string]any{"Replace": map[string]string{path: changed}})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(overlay, replace, 0o600))
	return overlay
}

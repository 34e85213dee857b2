package lint_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/wfegen/wfe/internal/analysis/casetest"
	"github.com/wfegen/wfe/internal/analysis/lint"
)

// environment has the go command work in a case's module, for drivers too.
func environment(t *testing.T) {
	t.Helper()
	for _, e := range casetest.Env() {
		if name, value, _ := strings.Cut(e, "="); strings.HasPrefix(name, "GO") {
			t.Setenv(name, value)
		}
	}
}

// The comments "want" of each case are what is to be found, and its golden files what -fix makes of it.
func TestAnalyzer(t *testing.T) {
	environment(t)
	for _, c := range casetest.Read(t, "testdata", "vet") {
		t.Run(c.Name, func(t *testing.T) {
			analysistest.RunWithSuggestedFixes(t, c.Module(t), lint.Analyzer, "./...")
		})
	}
}

func TestGoVetRunsIt(t *testing.T) {
	environment(t)
	tool := filepath.Join(t.TempDir(), "wfelint")
	build := exec.Command("go", "build", "-o", tool, "github.com/wfegen/wfe/cmd/wfelint")
	build.Env = append(os.Environ(), "GOFLAGS=")
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	for _, c := range casetest.Read(t, "testdata", "vet") {
		t.Run(c.Name, func(t *testing.T) {
			dir := c.Module(t)
			vet := exec.Command("go", "vet", "-p=1", "-vettool="+tool, "./...") // one package after the other, so that they are said in order
			vet.Dir = dir
			out, err := vet.CombinedOutput()
			require.Error(t, err, "findings make go vet fail")
			c.Compare(t, "vet", string(out))
		})
	}
}

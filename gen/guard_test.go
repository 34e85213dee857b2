package gen

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/codec"
)

func TestGeneratorAndRuntimeOfOneModuleFit(t *testing.T) {
	t.Parallel()
	require.LessOrEqual(t, codec.MinGenerated, generatedVersion)
	require.Equal(t, codec.MaxGenerated, generatedVersion)
}

// TestCodeThatDoesNotFitTheRuntimeSaysWhatToDo compiles code of a later and of an earlier version.
func TestCodeThatDoesNotFitTheRuntimeSaysWhatToDo(t *testing.T) {
	t.Parallel()
	p := newPlace(t, marked)
	_, err := p.generate()
	require.NoError(t, err)
	src, err := os.ReadFile(p.path(FileName))
	require.NoError(t, err)
	guard := fmt.Sprintf("GenerateAgain(%d - ", generatedVersion)
	require.Contains(t, string(src), guard)
	for _, c := range []struct{ from, to, want string }{
		{guard, fmt.Sprintf("GenerateAgain(%d - ", codec.MinGenerated-1), "codec.GenerateAgain"},
		{fmt.Sprintf("MaxGenerated - %d)", generatedVersion), fmt.Sprintf("MaxGenerated - %d)", codec.MaxGenerated+1), "codec.UpgradeRuntime"},
	} {
		writeFile(t, p.path(FileName), strings.Replace(string(src), c.from, c.to, 1))
		cmd := exec.CommandContext(t.Context(), "go", "vet", "./p")
		cmd.Dir, cmd.Env = p.dir, environment()
		out, err := cmd.CombinedOutput()
		require.Error(t, err)
		require.Contains(t, string(out), "overflows "+c.want)
	}
}

// TestARuntimeThatDoesNotFitIsRefused generates for runtimes that take other versions.
func TestARuntimeThatDoesNotFitIsRefused(t *testing.T) {
	t.Parallel()
	for constants, want := range map[string]string{
		"": "too old",
		fmt.Sprintf("const MinGenerated, MaxGenerated = %d, %[1]d", generatedVersion-1): "too old",
		fmt.Sprintf("const MinGenerated, MaxGenerated = %d, %[1]d", generatedVersion+1): "run the wfegen of its version",
	} {
		p := newPlace(t, marked)
		writeFile(t, filepath.Join(p.dir, "go.mod"), "module example.com\n\ngo 1.26\n\nrequire github.com/wfegen/wfe v0.0.0\n\nreplace github.com/wfegen/wfe => ./wfe\n")
		writeFile(t, filepath.Join(p.dir, "wfe", "go.mod"), "module github.com/wfegen/wfe\n\ngo 1.26\n")
		writeFile(t, filepath.Join(p.dir, "wfe", "runtime", "wfe.go"), "package wfe\n\ntype StepContext interface{}\ntype Result struct{}\n")
		writeFile(t, filepath.Join(p.dir, "wfe", "runtime", "codec", "codec.go"), "package codec\n\n"+constants+"\n")
		writeFile(t, filepath.Join(p.dir, "wfe", "runtime", "definition", "definition.go"), "package definition\n")
		_, err := p.generate()
		require.ErrorContains(t, err, want, "%q", constants)
		require.NoFileExists(t, p.path(FileName))
	}
}

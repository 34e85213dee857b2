package gen

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"

	"github.com/wfegen/wfe/internal/analysis"
	"github.com/wfegen/wfe/internal/analysis/diag"
	"github.com/wfegen/wfe/internal/analysis/load"
)

// FuzzAnySourceIsDiagnosedOrCompiles gives the generator one file. Whatever is in it, nothing panics, every finding has a
// place, and where no finding is an error the code that comes out has no error of its own.
func FuzzAnySourceIsDiagnosedOrCompiles(f *testing.F) {
	paths, err := filepath.Glob("../testdata/*.txtar")
	require.NoError(f, err)
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		require.NoError(f, err)
		for _, file := range archive.Files {
			if strings.HasSuffix(file.Name, ".go") && !strings.HasPrefix(file.Name, "want: ") {
				f.Add(string(file.Data))
			}
		}
	}
	p := newPlace(f, "package p\n\nimport (\n\t\"context\"\n\t\"time\"\n\n\twfe \"github.com/wfegen/wfe/runtime\"\n)\n\n//wfe:data\ntype Order struct{ ID string }\n\nvar (\n\t_ context.Context\n\t_ time.Time\n\t_ wfe.Result\n)\n")
	first, err := analysis.Analyze(f.Context(), load.Config{Dir: p.dir, Patterns: []string{"./p"}, Env: environment()})
	require.NoError(f, err)
	name := p.path("p.go")
	f.Fuzz(func(t *testing.T, src string) {
		result, err := first.With(name, []byte(src))
		if err != nil {
			return // it imports what is not there
		}
		for _, d := range result.Diagnostics {
			require.NotEmpty(t, d.Message)
			require.True(t, d.Pos.IsValid(), d.Message)
		}
		if result.Blocked() {
			return
		}
		r := &Report{generated: map[string][]byte{}}
		require.NoError(t, r.emit(result))
		for _, d := range r.Diagnostics {
			require.NotEqual(t, diag.BadOutput, d.Code, "%s: %s\n%s", d.Pos, d.Message, r.generated[filepath.Join(filepath.Dir(name), FileName)])
		}
	})
}

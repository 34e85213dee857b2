// Package analysis reads marked packages and says what is wrong with them: load, then extract, then check. It is all that
// the generator knows about source code.
//
//	result, err := analysis.Analyze(ctx, load.Config{Patterns: patterns}) // err: nothing to work with
//	if !result.Blocked() {
//		files := emit(result.Packages)
//		findings = append(result.Diagnostics, result.Recheck(files)...)
//	}
//
// An Error among the findings means that nothing is to be written; a Compile one that there is something to mend in the
// user's code, which may be easier with the new files at hand; a Warning alone is no failure.
package analysis

import (
	"context"
	"fmt"

	"github.com/wfegen/wfe/internal/analysis/check"
	"github.com/wfegen/wfe/internal/analysis/diag"
	"github.com/wfegen/wfe/internal/analysis/directive"
	"github.com/wfegen/wfe/internal/analysis/extract"
	"github.com/wfegen/wfe/internal/analysis/load"
	"github.com/wfegen/wfe/internal/analysis/model"
)

// Result is what was found.
type Result struct {
	Packages    []*model.Package  // those with something marked, each after what it imports
	Diagnostics []diag.Diagnostic // in order
	Ours        []string          // files that wfegen wrote in the directories matched, sorted

	program *load.Program
}

// Analyze loads, reads and checks the packages that the patterns match. It returns an error when it could not: findings
// are no error.
func Analyze(ctx context.Context, c load.Config) (*Result, error) {
	p, err := load.Load(ctx, c)
	if err != nil {
		return nil, err
	}
	return of(p), nil
}

// With returns the result for other contents of a file that was read; see [load.Program.With].
func (r *Result) With(file string, src []byte) (*Result, error) {
	p, err := r.program.With(file, src)
	if err != nil {
		return nil, err
	}
	return of(p), nil
}

// of reads and checks what was loaded.
func of(p *load.Program) *Result {
	r := &Result{program: p, Ours: p.Ours}
	var diags []diag.Diagnostic
	var nolints []directive.Nolint
	r.Packages, diags, nolints = extract.Packages(p)
	for _, m := range r.Packages {
		diags = append(diags, check.Package(m)...)
	}
	r.Diagnostics = diag.Sort(silence(diags, nolints))
	return r
}

// Blocked reports whether there is a finding that keeps anything from being written.
func (r *Result) Blocked() bool {
	worst, ok := diag.Worst(r.Diagnostics)
	return ok && worst == diag.Error
}

// Dirs returns the folders of the packages that the result depends on, but for those in the module cache and of Go's own
// library, which do not change; sorted.
func (r *Result) Dirs() []string { return r.program.Dirs() }

// Takes returns the versions of generated code that the runtime of the module works with; ok is false when it does not say.
func (r *Result) Takes() (oldest, newest int, ok bool) {
	oldest, ok1 := r.program.Codec("MinGenerated")
	newest, ok2 := r.program.Codec("MaxGenerated")
	return oldest, newest, ok1 && ok2
}

// Recheck checks all packages once more, with bodies and with a generated file for each of the packages named by import
// path. An error in one of these files is a mistake of wfegen.
func (r *Result) Recheck(generated map[string]load.Generated) []diag.Diagnostic {
	var out []diag.Diagnostic
	for _, e := range r.program.Recheck(generated) {
		if e.Generated {
			out = append(out, badOutput(e))
		} else {
			out = append(out, extract.Compiler(e, diag.Compile))
		}
	}
	return diag.Sort(out)
}

func badOutput(e load.Error) diag.Diagnostic {
	d := extract.Compiler(e, diag.Error)
	d.Code = diag.BadOutput
	d.Message = fmt.Sprintf("generated code does not compile: %s", e.Message)
	d.Hints = []string{"this is a mistake of wfegen; please report it"}
	return d
}

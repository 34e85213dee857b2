package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/wfegen/wfe/gen"
	"github.com/wfegen/wfe/internal/analysis/diag"
)

// What wfegen says, and where:
//
//   - Findings go to stderr, in the form of compilers, so that every editor finds the place, with hints indented below.
//     On a terminal there are the line of source and a caret, too, and colours unless NO_COLOR is set.
//   - What was done goes to stdout, one line per file. A run that changes nothing says nothing.
//   - With -format=github both are commands of GitHub Actions on stdout, with -format=json one document there.
//   - What could not be done goes to stderr and begins with "wfegen: ". It names the thing and the remedy.
//   - Text is lower case and has no full stop. File names are relative to the working directory.
//
// Exit codes.
const (
	exitClean    = 0
	exitFindings = 1
	exitFailed   = 2
)

type reporter struct {
	findings diag.Printer
	dir      string
	format   string // text, json or github
	strict   bool   // warnings count
	diffs    bool   // a document has the changes themselves
}

func newReporter() *reporter {
	dir, err := os.Getwd()
	if err != nil {
		dir = "" // absolute names then
	} else if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	return &reporter{findings: diag.ForFile(os.Stderr, dir), dir: dir}
}

// refused reports an error that kept wfegen from working.
func (r *reporter) refused(err error) int {
	text := strings.TrimPrefix(err.Error(), "wfe: ")
	if r.dir != "" {
		text = strings.ReplaceAll(text, r.dir+string(filepath.Separator), "")
	}
	fmt.Fprintln(os.Stderr, "wfegen: "+text)
	return exitFailed
}

// misused reports a command line that makes no sense.
func (r *reporter) misused(err error) int {
	fmt.Fprintf(os.Stderr, "wfegen: %v\nsee wfegen --help\n", err)
	return exitFailed
}

func (r *reporter) generated(report *gen.Report) int {
	if r.format == "json" {
		return r.document(report, "wrote", "removed")
	}
	code := r.found(report)
	for _, c := range report.Changes {
		what := "wrote"
		if c.Remove {
			what = "removed"
		}
		fmt.Println(what, r.name(c.Path))
	}
	r.missing(report)
	if report.Packages == 0 && len(report.Changes) == 0 && code == exitClean {
		fmt.Fprintln(os.Stderr, "wfegen: nothing to do: no //wfe: directive in what is built of these packages")
	}
	return code
}

func (r *reporter) checked(report *gen.Report, patterns []string) int {
	if r.format == "json" {
		code := r.document(report, "stale", "orphan")
		if len(report.Changes)+len(report.Missing) > 0 {
			code = max(code, exitFindings)
		}
		return code
	}
	code := r.found(report)
	command := strings.Join(append([]string{"go tool wfegen"}, patterns...), " ")
	for _, c := range report.Changes {
		why := "not up to date"
		if c.Remove {
			why = "nothing is marked in its package any more"
		}
		r.about(c.Path, why+"; run "+command)
		code = max(code, exitFindings)
	}
	if r.missing(report); len(report.Missing) > 0 {
		code = max(code, exitFindings)
	}
	return code
}

// missing names generated files that are not there, and what makes them.
func (r *reporter) missing(report *gen.Report) {
	for _, file := range report.Missing {
		name := r.name(file)
		dir := filepath.ToSlash(filepath.Dir(name))
		command := "go tool wfegen ./" + dir
		if !filepath.IsLocal(name) {
			command = "go -C " + dir + " tool wfegen ." // it may be in another module of the workspace
		}
		r.about(file, "not there, but its package is imported; run "+command)
	}
}

// about says something about a whole file.
func (r *reporter) about(file, text string) {
	if r.format == "github" {
		fmt.Printf("::error file=%s::%s\n", r.name(file), text)
		return
	}
	fmt.Fprintf(os.Stderr, "%s: %s\n", r.name(file), text)
}

// found prints findings and returns the exit code that they mean.
func (r *reporter) found(report *gen.Report) int {
	if r.format == "github" {
		for _, d := range report.Diagnostics {
			fmt.Print(diag.GitHub(d, r.dir))
		}
		return r.code(report)
	}
	r.findings.Source = report.Source
	if err := r.findings.Print(report.Diagnostics); err != nil {
		return exitFailed
	}
	return r.code(report)
}

// code is what the findings of a run mean for the exit code.
func (r *reporter) code(report *gen.Report) int {
	switch {
	case report.Internal():
		return exitFailed
	case report.Failed(r.strict):
		return exitFindings
	}
	return exitClean
}

// document writes a run as JSON.
func (r *reporter) document(report *gen.Report, changed, removed string) int {
	type file struct {
		File string `json:"file"`
		Is   string `json:"is"`
		Diff string `json:"diff,omitempty"` // of the command diff
	}
	findings, err := diag.JSON(report.Diagnostics, r.dir)
	if err != nil {
		return r.refused(err)
	}
	out := struct {
		Findings json.RawMessage `json:"findings"`
		Files    []file          `json:"files"`
	}{findings, []file{}}
	for _, c := range report.Changes {
		is := changed
		if c.Remove {
			is = removed
		}
		f := file{File: filepath.ToSlash(r.name(c.Path)), Is: is}
		if r.diffs {
			f.Diff = string(unified(r.name(c.Path), c))
		}
		out.Files = append(out.Files, f)
	}
	for _, name := range report.Missing {
		out.Files = append(out.Files, file{File: filepath.ToSlash(r.name(name)), Is: "missing"})
	}
	if err := printJSON(out); err != nil {
		return r.refused(err)
	}
	return r.code(report)
}

func printJSON(v any) error {
	enc := json.NewEncoder(os.Stdout)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// name is a file's name for people.
func (r *reporter) name(file string) string { return filepath.FromSlash(diag.Relative(r.dir, file)) }

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/wfegen/wfe/gen"
	"github.com/wfegen/wfe/internal/analysis"
	"github.com/wfegen/wfe/internal/analysis/diag"
	"github.com/wfegen/wfe/internal/analysis/directive"
	"github.com/wfegen/wfe/internal/analysis/examples"
	"github.com/wfegen/wfe/internal/analysis/explain"
	"github.com/wfegen/wfe/internal/analysis/load"
)

// explainArgs tells about a code or a type.
type explainArgs struct {
	Name     string   `arg:"" help:"The code of a finding, such as WFE1003, or the name of a type: ChargeCard, or order.ChargeCard."`
	Packages []string `arg:"" optional:"" help:"Where to look for the type. Default: the package of the working directory, then all of the module."`
}

func (e explainArgs) run(ctx context.Context, c gen.Config, out *reporter) int {
	if isCode(e.Name) {
		return explainCode(strings.ToUpper(e.Name), out)
	}
	places := [][]string{c.Patterns}
	if len(c.Patterns) == 0 {
		places = [][]string{{"."}, {"./..."}}
	}
	var names []string
	for _, patterns := range places {
		result, err := analysis.Analyze(ctx, load.Config{Dir: c.Dir, Patterns: patterns, Env: c.Env})
		if err != nil {
			return out.refused(err)
		}
		texts := explain.Type(result.Packages, e.Name, out.name)
		for i, text := range texts {
			if i > 0 {
				fmt.Println()
			}
			fmt.Print(text)
		}
		if len(texts) > 0 {
			return out.found(&gen.Report{Diagnostics: about(result.Diagnostics, e.Name)})
		}
		names = explain.Names(result.Packages)
	}
	err := fmt.Sprintf("wfe: no type %s is marked, or saved with one that is", e.Name)
	if near := directive.Suggest(e.Name, names); near != "" {
		err += fmt.Sprintf("; did you mean %q?", near)
	}
	return out.refused(errors.New(err))
}

// about are the findings that name a type.
func about(ds []diag.Diagnostic, name string) []diag.Diagnostic {
	var out []diag.Diagnostic
	for _, d := range ds {
		if strings.Contains(d.Message, name[strings.LastIndex(name, ".")+1:]) {
			out = append(out, d)
		}
	}
	return out
}

// isCode reports whether a name is a code, or was meant as one, and not a type.
func isCode(name string) bool {
	rest, ok := strings.CutPrefix(strings.ToUpper(name), "WFE")
	return ok && rest != "" && strings.Trim(rest, "0123456789") == ""
}

func explainCode(name string, out *reporter) int {
	var codes []string
	for _, e := range diag.Explanations() {
		if codes = append(codes, string(e.Code)); string(e.Code) != name {
			continue
		}
		fmt.Printf("%s: %s\n\n%s\n", e.Code, e.Title, e.Text)
		if example, ok := examples.Code(e.Code); ok {
			show("Wrong", example.Wrong)
			show("Right", example.Right)
		}
		return exitClean
	}
	return out.refused(fmt.Errorf("wfe: there is no code %s; there are %s", name, strings.Join(codes, " ")))
}

// show prints a side of an example, indented.
func show(title string, files []examples.File) {
	for _, f := range files {
		fmt.Fprintf(os.Stdout, "\n%s, %s:\n\n", title, f.Name)
		for line := range strings.Lines(f.Text) {
			if line != "\n" {
				line = "    " + line
			}
			fmt.Print(line)
		}
	}
}

package main

import (
	"context"
	"encoding/json"
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
		if len(texts) > 0 {
			return out.types(texts, about(result.Diagnostics, e.Name))
		}
		names = explain.Names(result.Packages)
	}
	err := fmt.Sprintf("wfe: no type %s is marked, or saved with one that is", e.Name)
	if near := directive.Suggest(e.Name, names); near != "" {
		err += fmt.Sprintf("; did you mean %q?", near)
	}
	return out.refused(errors.New(err))
}

// types writes what is to be said of types, and the findings about them.
func (r *reporter) types(texts []string, ds []diag.Diagnostic) int {
	report := &gen.Report{Diagnostics: ds}
	if r.format == "json" {
		findings, err := diag.JSON(ds, r.dir)
		if err != nil {
			return r.refused(err)
		}
		if err := printJSON(struct {
			Types    []string        `json:"types"` // as people read it
			Findings json.RawMessage `json:"findings"`
		}{texts, findings}); err != nil {
			return r.refused(err)
		}
		return r.code(report)
	}
	for i, text := range texts {
		if i > 0 {
			fmt.Println()
		}
		fmt.Print(text)
	}
	return r.found(report)
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
		example, ok := examples.Code(e.Code)
		if out.format == "json" {
			return out.explained(e, example)
		}
		fmt.Printf("%s: %s\n\n%s\n", e.Code, e.Title, e.Text)
		if ok {
			show("Wrong", example.Wrong)
			show("Right", example.Right)
		}
		return exitClean
	}
	return out.refused(fmt.Errorf("wfe: there is no code %s; there are %s", name, strings.Join(codes, " ")))
}

// explained writes what a code means as JSON.
func (r *reporter) explained(e diag.Explanation, example examples.Example) int {
	type file struct {
		Name string `json:"name"`
		Text string `json:"text"`
	}
	side := func(files []examples.File) []file {
		out := []file{}
		for _, f := range files {
			out = append(out, file(f))
		}
		return out
	}
	if err := printJSON(struct {
		Code  diag.Code `json:"code"`
		Title string    `json:"title"`
		Text  string    `json:"text"`
		Wrong []file    `json:"wrong"`
		Right []file    `json:"right"`
	}{e.Code, e.Title, e.Text, side(example.Wrong), side(example.Right)}); err != nil {
		return r.refused(err)
	}
	return exitClean
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

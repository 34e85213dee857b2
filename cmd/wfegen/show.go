package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/wfegen/wfe/gen"
	"github.com/wfegen/wfe/internal/analysis"
	"github.com/wfegen/wfe/internal/analysis/directive"
	"github.com/wfegen/wfe/internal/analysis/graph"
	"github.com/wfegen/wfe/internal/analysis/load"
	"github.com/wfegen/wfe/internal/analysis/model"
)

// showArgs shows what a workflow function builds.
type showArgs struct {
	Name     string   `arg:"" help:"The workflow: its id, with @VERSION where there are several, or its function."`
	Packages []string `arg:"" optional:"" help:"Where to look for it. Default: the package of the working directory, then all of the module."`
	Output   string   `short:"o" enum:"text,mermaid,dot,json" default:"text" help:"How it is written: text, mermaid, dot, json."`
}

func (s showArgs) run(ctx context.Context, c gen.Config, out *reporter) int {
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
		found := graph.Workflows(result.Packages, s.Name)
		if len(found) == 0 {
			names = graph.Names(result.Packages)
			continue
		}
		return s.write(found, result, out)
	}
	err := fmt.Sprintf("wfe: no workflow is called %s", s.Name)
	if near := directive.Suggest(s.Name, names); near != "" {
		err += fmt.Sprintf("; did you mean %q?", near)
	}
	return out.refused(errors.New(err))
}

// write writes one document for each workflow. What could not be read has findings instead.
func (s showArgs) write(found []*model.Workflow, result *analysis.Result, out *reporter) int {
	if s.Output != "text" && len(found) > 1 {
		return out.refused(fmt.Errorf("wfe: %d workflows are called %s: say which one, as %s@%d, or name the package", len(found), s.Name, found[0].ID, found[0].Version))
	}
	for i, w := range found {
		if w.Graph == nil {
			return out.found(&gen.Report{Diagnostics: result.Diagnostics})
		}
		text, err := s.text(w, out)
		if err != nil {
			return out.refused(err)
		}
		if i > 0 {
			fmt.Println()
		}
		fmt.Print(text)
	}
	return exitClean
}

func (s showArgs) text(w *model.Workflow, out *reporter) (string, error) {
	switch s.Output {
	case "mermaid":
		return w.Graph.Definition.Mermaid(graph.Note(w)), nil
	case "dot":
		return w.Graph.Definition.DOT(graph.Note(w)), nil
	case "json":
		return graph.JSON(w, out.name)
	}
	return graph.Text(w, out.name), nil
}

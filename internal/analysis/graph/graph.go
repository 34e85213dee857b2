// Package graph writes what a workflow function builds, as it was read in its source: for people, for drawing programs, for
// other programs. It looks at models only, and runs nothing.
package graph

import (
	"encoding/json"
	"fmt"
	"go/token"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/wfegen/wfe/internal/analysis/model"
	"github.com/wfegen/wfe/runtime/definition"
)

// Workflows returns the workflows of a name: order-pipeline, order-pipeline@2, OrderPipeline, pipeline.OrderPipeline.
func Workflows(pkgs []*model.Package, name string) []*model.Workflow {
	var out []*model.Workflow
	for _, pkg := range pkgs {
		for _, w := range pkg.Workflows {
			if slices.Contains([]string{w.ID, fmt.Sprintf("%s@%d", w.ID, w.Version), w.Func, pkg.Name + "." + w.Func}, name) {
				out = append(out, w)
			}
		}
	}
	return out
}

// Names returns the names of all workflows that can be asked for.
func Names(pkgs []*model.Package) []string {
	var out []string
	for _, pkg := range pkgs {
		for _, w := range pkg.Workflows {
			out = append(out, w.ID, w.Func)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Text writes the graph of w as an indented list. files writes the name of a file for people.
func Text(w *model.Workflow, files func(string) string) string {
	var b strings.Builder
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	d := w.Graph.Definition
	fmt.Fprintf(t, "%s version %d\t%s\t%s\n", w.ID, w.Version, place(w.Pos, files), "")
	var list func(first int, indent string)
	list = func(first int, indent string) {
		for i := first; i != definition.None; i = d.Nodes[i].Next {
			n := &d.Nodes[i]
			what := n.Says()
			for _, c := range w.Graph.Nodes[i].Code {
				what += "; " + c.What + ": " + short(c.Text)
			}
			fmt.Fprintf(t, "%s%s\t%s\t%s\n", indent, n.ID[strings.LastIndexByte(n.ID, '/')+1:], place(w.Graph.Nodes[i].Pos, files), what)
			for _, b := range n.Blocks {
				inner := indent + "  "
				switch {
				case b.Name != "":
					fmt.Fprintf(t, "%s%s:\t\t\n", inner, b.Name)
					inner += "  "
				case n.Kind == definition.Parallel:
					fmt.Fprintf(t, "%sbranch:\t\t\n", inner)
					inner += "  "
				}
				list(b.First, inner)
			}
		}
	}
	list(d.First, "  ")
	_ = t.Flush() // to memory
	var lines []string
	for line := range strings.Lines(b.String()) {
		lines = append(lines, strings.TrimRight(line, " \n"))
	}
	return strings.Join(lines, "\n") + "\n"
}

func place(p token.Position, files func(string) string) string {
	return fmt.Sprintf("%s:%d", files(p.Filename), p.Line)
}

// short cuts long code off.
func short(text string) string {
	const most = 80
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-3]) + "..."
	}
	return text
}

// Note is what stands at a node of w in a drawing: what it decides by, or is about.
func Note(w *model.Workflow) func(n int) string {
	return func(n int) string {
		var out []string
		for _, c := range w.Graph.Nodes[n].Code {
			switch c.What {
			case model.CodeIf, "key", "collection", "time":
				out = append(out, short(c.Text))
			case model.CodeCancel:
				out = append(out, "cancelled when "+short(c.Text))
			}
		}
		return strings.Join(out, "; ")
	}
}

// document is a workflow for other programs.
type document struct {
	Workflow  string `json:"workflow"`
	Version   int    `json:"version"`
	Func      string `json:"func"`
	Source    string `json:"source"` // file:line
	Structure string `json:"structure"`
	First     int    `json:"first"` // -1 without nodes
	Nodes     []node `json:"nodes"`
}

type node struct {
	definition.Node
	Source    string     `json:"source"`
	Functions []function `json:"functions,omitempty"`
}

type function struct {
	What   string `json:"what"`
	Text   string `json:"text"`
	Source string `json:"source"`
}

// JSON writes the graph of w with its sources.
func JSON(w *model.Workflow, files func(string) string) (string, error) {
	d := w.Graph.Definition
	out := document{Workflow: w.ID, Version: w.Version, Func: w.Func, Source: place(w.Pos, files), Structure: w.Graph.Structure,
		First: d.First, Nodes: []node{}}
	for i, n := range d.Nodes {
		at := &w.Graph.Nodes[i]
		one := node{Node: n, Source: place(at.Pos, files)}
		for _, c := range at.Code {
			one.Functions = append(one.Functions, function{c.What, c.Text, place(c.Pos, files)})
		}
		out.Nodes = append(out.Nodes, one)
	}
	text, err := json.MarshalIndent(out, "", "  ")
	return string(text) + "\n", err
}

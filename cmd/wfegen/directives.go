package main

import (
	"fmt"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/wfegen/wfe/internal/analysis/directive"
)

// directives lists the grammar.
type directives struct {
	JSON bool `name:"json" help:"Write the table as JSON."`
}

func (d directives) run(out *reporter) int {
	if d.JSON || out.format == "json" {
		if err := printJSON(directive.Verbs()); err != nil {
			return out.refused(err)
		}
		return exitClean
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	for i, v := range directive.Verbs() {
		if i > 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintf(w, "//wfe:%s, above %s: %s\n", v.Name, v.On, v.Doc)
		for _, k := range v.Words {
			fmt.Fprintf(w, "  %s\t%s\t%s\n", strings.ToUpper(k.Name), k.Type, k.Doc)
		}
		for _, k := range v.Keys {
			what := string(k.Type)
			if len(k.Enum) > 0 {
				what = strings.Join(k.Enum, "|")
			}
			fmt.Fprintf(w, "  %s=%s\t%s; without it: %s\n", k.Name, what, k.Doc, k.Default)
		}
	}
	if err := w.Flush(); err != nil {
		return out.refused(err)
	}
	return exitClean
}

// Package lint is what wfegen has to say, as an analyzer of go/analysis: for go vet -vettool, for multichecker, for
// editors that run it.
//
// It finds exactly what wfegen finds: it reads the package again from disk, with whatever marked packages it imports, in the
// way wfegen does. Directives cannot be seen through export data, and a package whose generated half is stale does not
// type-check, so what a driver has at hand would not do.
package lint

import (
	"context"
	"fmt"
	"go/token"
	"path/filepath"

	"golang.org/x/tools/go/analysis"

	wfe "github.com/wfegen/wfe/internal/analysis"
	"github.com/wfegen/wfe/internal/analysis/diag"
	"github.com/wfegen/wfe/internal/analysis/load"
)

// Analyzer reports the findings of wfegen, errors and warnings, about the package that it is run on. A finding's category is
// its code. What the compiler says itself is left to the compiler.
var Analyzer = &analysis.Analyzer{
	Name: "wfegen",
	Doc: "check //wfe: directives and the wiring of workflows\n\n" +
		"The findings, and what to do about each, are those of the command wfegen. Findings that can be mended mechanically have a fix.",
	Run: run,
}

func run(pass *analysis.Pass) (any, error) {
	files, err := marked(pass)
	if err != nil || len(files) == 0 {
		return nil, err
	}
	var dir string
	for name := range files {
		dir = filepath.Dir(name)
	}
	result, err := wfe.Analyze(context.Background(), load.Config{Dir: dir, Patterns: []string{"."}})
	if err != nil {
		return nil, err
	}
	for _, d := range result.Diagnostics {
		if f := files[d.Pos.Filename]; f != nil && d.Code != "" && d.Level != diag.Compile {
			pass.Report(f.diagnostic(d, files))
		}
	}
	return nil, nil
}

// marked returns the files of the package, by their names without symlinks; none if nothing in them looks like a directive.
func marked(pass *analysis.Pass) (map[string]*file, error) {
	files, any := map[string]*file{}, false
	for _, syntax := range pass.Files {
		name := pass.Fset.PositionFor(syntax.FileStart, false).Filename
		real, err := filepath.EvalSymlinks(name)
		if err != nil {
			continue // it was made by a tool like cgo, and is not there any more
		}
		src, err := pass.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("wfe: %w", err)
		}
		files[real] = &file{pass.Fset.File(syntax.FileStart), len(src)}
		any = any || load.HasDirective(src)
	}
	if !any {
		return nil, nil
	}
	return files, nil
}

// file is a file of the package as the driver read it.
type file struct {
	*token.File
	size int
}

// pos is the driver's position of an offset.
func (f *file) pos(p token.Position) token.Pos {
	if !p.IsValid() {
		return token.NoPos
	}
	return f.Pos(min(p.Offset, f.size, f.Size()))
}

func (f *file) diagnostic(d diag.Diagnostic, files map[string]*file) analysis.Diagnostic {
	out := analysis.Diagnostic{Pos: f.pos(d.Pos), End: f.pos(d.End), Category: string(d.Code), Message: fmt.Sprintf("%s [%s]", d.Message, d.Code)}
	for _, h := range d.Hints {
		out.Message += "; " + h
	}
	for _, r := range d.Related {
		if at := files[r.Pos.Filename]; at != nil {
			out.Related = append(out.Related, analysis.RelatedInformation{Pos: at.pos(r.Pos), Message: r.Message})
		}
	}
	for _, fix := range d.Fixes {
		s := analysis.SuggestedFix{Message: fix.Message}
		for _, e := range fix.Edits {
			s.TextEdits = append(s.TextEdits, analysis.TextEdit{Pos: f.pos(e.Pos), End: f.pos(e.End), NewText: []byte(e.New)})
		}
		out.SuggestedFixes = append(out.SuggestedFixes, s)
	}
	return out
}

// Package diag is what wfegen has to say about source code: a finding with a position, its stable code, and how it is
// printed.
//
// A finding ([Diagnostic]) is data. The packages that make findings list them in a file errors.go each, one function per
// message; this package knows the codes and what they mean ([Explanations]), puts findings in order ([Sort]) and writes them
// for people ([Printer]). It reads no source code but to quote a line.
package diag

import (
	"cmp"
	"go/token"
	"slices"
)

// Level is what a finding means for the run.
type Level uint8

// The levels.
const (
	Error   Level = iota // nothing is written, exit 1
	Compile              // an error of the user's code that generated code may mend or does not touch: files are written, exit 1
	Warning              // files are written, exit 0
)

// Diagnostic is a finding.
type Diagnostic struct {
	Code    Code // empty for what the compiler would say itself
	Level   Level
	Pos     token.Position
	End     token.Position // of what Pos begins; may be zero
	Message string         // lower case, no full stop
	Hints   []string       // what to do about it
	Related []Related
	Fixes   []Fix // changes of the source, each of which mends it
}

// Related is another place that has to do with a finding.
type Related struct {
	Pos     token.Position
	Message string
}

// Sort returns the findings by file, line, column, code and message, without those that are equal in all of these.
func Sort(ds []Diagnostic) []Diagnostic {
	ds = slices.Clone(ds)
	slices.SortStableFunc(ds, order)
	return slices.CompactFunc(ds, func(a, b Diagnostic) bool { return order(a, b) == 0 })
}

func order(a, b Diagnostic) int {
	return cmp.Or(
		cmp.Compare(a.Pos.Filename, b.Pos.Filename),
		cmp.Compare(a.Pos.Line, b.Pos.Line),
		cmp.Compare(a.Pos.Column, b.Pos.Column),
		cmp.Compare(a.Code, b.Code),
		cmp.Compare(a.Message, b.Message),
	)
}

// Worst returns the gravest level among the findings; ok is false when there are none.
func Worst(ds []Diagnostic) (worst Level, ok bool) {
	worst = Warning
	for _, d := range ds {
		worst = min(worst, d.Level)
	}
	return worst, len(ds) > 0
}

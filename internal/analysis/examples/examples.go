// Package examples holds a wrong and a right piece of code for every code of a finding and for every directive. They are
// what wfegen explain and the reference show, and a test runs them: a wrong one has its finding and no other, a right one
// has none and compiles.
package examples

import (
	"embed"
	"strings"

	"golang.org/x/tools/txtar"

	"github.com/wfegen/wfe/internal/analysis/diag"
)

//go:embed codes/*.txtar verbs/*.txtar
var archives embed.FS

// Example is a wrong and a right piece of code: the files of packages of a module example.com/shop.
type Example struct {
	Wrong, Right []File
}

// File is a file of an example. The name is relative to the folder of its package: order.go, lib/lib.go.
type File struct {
	Name, Text string
}

// Code returns the example for a code. There is none for mistakes of wfegen itself, which no source code makes.
func Code(c diag.Code) (Example, bool) { return read("codes/" + string(c) + ".txtar") }

// Verb returns the example for a directive.
func Verb(name string) (Example, bool) { return read("verbs/" + name + ".txtar") }

func read(name string) (Example, bool) {
	text, err := archives.ReadFile(name)
	if err != nil {
		return Example{}, false
	}
	var e Example
	for _, f := range txtar.Parse(text).Files {
		if name, ok := strings.CutPrefix(f.Name, "wrong/"); ok {
			e.Wrong = append(e.Wrong, File{name, string(f.Data)})
		} else if name, ok := strings.CutPrefix(f.Name, "right/"); ok {
			e.Right = append(e.Right, File{name, string(f.Data)})
		}
	}
	return e, true
}

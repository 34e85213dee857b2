// Package across has workflows in plain Go with children, steps and events of another package. Its folder has another
// name than it, with a dot.
package across

import (
	"context"
	"time"

	"github.com/wfegen/wfe/gen/flowzoo"
	wfe "github.com/wfegen/wfe/runtime"
)

//go:generate go tool wfegen .

// Note has the name of none of flowzoo's steps.
//
//wfe:step retry=0
type Note struct {
	Text string
	Took string `wfe:"out"`
}

// Run takes it.
func (s *Note) Run(context.Context) error {
	s.Took = s.Text + "."
	return nil
}

// Book is the data.
//
//wfe:data
type Book struct {
	Words []string
	Log   []string
}

// Across runs children of flowzoo, whose steps are its own, and one of flowzoo's steps itself.
//
//wfe:workflow
func Across(w *wfe.Flow, b *Book) {
	wfe.ForEach(w, b.Words, func(word string) {
		done := wfe.SubWorkflow(w, flowzoo.Choices, flowzoo.Case{Words: []string{word}})
		b.Log = append(b.Log, done.Log...)
	})
	said := wfe.Do(w, flowzoo.Say{Text: "done"}).Said
	took := wfe.Do(w, Note{Text: said}).Took
	b.Log = append(b.Log, took)
	if g, ok := wfe.WaitForWithin[flowzoo.Go](w, "across", time.Minute); ok {
		b.Log = append(b.Log, g.By)
	}
}

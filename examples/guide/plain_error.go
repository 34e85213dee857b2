package guide

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	wfe "github.com/wfegen/wfe/runtime"
)

// Read packs as many boxes as the note says, and reports a note that says something else.
//
//wfe:workflow id=read version=1
func Read(w *wfe.Flow, o *Order) {
	boxes, err := strconv.Atoi(o.Note)
	switch {
	//wfe:id huge
	case errors.Is(err, strconv.ErrRange):
		o.Note = "more than there are"
		wfe.Do(w, Remind{})
		return
	//wfe:id bad
	case err != nil:
		wfe.Do(w, Report{Problem: fmt.Sprintf("the note: %v", err)}) // the text is saved, err is not
		return
	}
	for i := range boxes {
		wfe.Do(w, Pack{Item: fmt.Sprint("box ", i+1)})
	}
	wfe.Do(w, Ship{})
}

// Report tells somebody what is wrong.
//
//wfe:step
type Report struct{ Problem string }

// Run reports.
func (s *Report) Run(context.Context) error { return does("report " + s.Problem) }

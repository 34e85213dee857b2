package order

import (
	"time"

	wfe "github.com/wfegen/wfe/runtime"
)

type span struct{ From, To time.Time }

//wfe:workflow
func TimesCompared(w *wfe.Flow, o *Order) {
	due := o.Due
	wfe.Do(w, Charge{})
	if due == o.Due { // want WFE4002 due == o.Due asks too where the zones
		o.N = 1
	}
	one, other := span{From: due}, span{To: due}
	o.Done = one != other                                                       // want WFE4002 one != other asks
	o.Done = [1]time.Time{due} == [1]time.Time{o.Due} || alikeTimes(due, o.Due) // want WFE4002 asks too
	o.Done = due.Equal(o.Due) || due.IsZero() || due == (time.Time{}) || (span{}) != one || &one == nil
	o.Done = due.Location() == time.UTC || due.Sub(o.Due) == time.Second
}

//wfe:pure
func alikeTimes(a, b time.Time) bool {
	return a == b // want WFE4004 it compares times by == in a == b
}

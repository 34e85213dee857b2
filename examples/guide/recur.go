package guide

import (
	"time"

	wfe "github.com/wfegen/wfe/runtime"
)

// Dunned reminds again and again, three times at most.
//
//wfe:workflow id=dunned version=1
func Dunned(w *wfe.Flow, o *Order) {
	wfe.Recur(w, wfe.Every(20*time.Millisecond), func() (again bool) {
		wfe.Do(w, Remind{})
		o.Reminded++
		return o.Reminded < 3
	})
}

// Weekly is the same on Mondays at nine, on the clocks of Berlin.
//
//wfe:workflow id=weekly version=1
func Weekly(w *wfe.Flow, o *Order) {
	wfe.Recur(w, wfe.Cron("0 9 * * 1", "Europe/Berlin"), func() (again bool) {
		wfe.Do(w, Remind{})
		o.Reminded++
		return o.Reminded < 3
	})
}

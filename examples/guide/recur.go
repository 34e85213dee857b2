package guide

import (
	"time"

	wfe "github.com/wfegen/wfe/runtime"
)

// Dunned reminds again and again, three times at most.
//
//wfe:workflow id=dunned version=1
func Dunned(b *OrderBuilder) {
	b.Recur("dun", wfe.Every(20*time.Millisecond), func(o *Order) bool { return o.Reminded == 3 }, func(b *OrderBuilder) {
		b.Remind()
		b.Set("count", func(o *Order) { o.Reminded++ })
	})
}

// Weekly is the same on Mondays at nine, on the clocks of Berlin.
//
//wfe:workflow id=weekly version=1
func Weekly(b *OrderBuilder) {
	b.Recur("dun", wfe.Cron("0 9 * * 1", "Europe/Berlin"), func(o *Order) bool { return o.Reminded == 3 }, func(b *OrderBuilder) {
		b.Remind()
		b.Set("count", func(o *Order) { o.Reminded++ })
	})
}

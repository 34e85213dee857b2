package guide

import (
	"time"

	wfe "github.com/wfegen/wfe/runtime"
)

// BuiltDunned is Dunned, with a builder.
//
//wfe:workflow id=built-dunned version=1
func BuiltDunned(b *OrderBuilder) {
	b.Recur("dun", wfe.Every(20*time.Millisecond), func(o *Order) bool { return o.Reminded == 3 }, func(b *OrderBuilder) {
		b.Remind()
		b.Set("count", func(o *Order) { o.Reminded++ })
	})
}

// BuiltWeekly is Weekly, with a builder.
//
//wfe:workflow id=built-weekly version=1
func BuiltWeekly(b *OrderBuilder) {
	b.Recur("dun", wfe.Cron("0 9 * * 1", "Europe/Berlin"), func(o *Order) bool { return o.Reminded == 3 }, func(b *OrderBuilder) {
		b.Remind()
		b.Set("count", func(o *Order) { o.Reminded++ })
	})
}

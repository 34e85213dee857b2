package wfe_test

import (
	"testing"
	"time"

	wfe "github.com/wfegen/wfe/runtime"
)

func TestCrashEverywhere_EachNode(t *testing.T) {
	url := everySecond(t)
	crashEverywhere(t, map[string]crashed{
		"If": {log: "then", build: func(b *builder) {
			b.If("if", func(d *data) bool { return len(d.Items) > 0 }, tasks("then")).Else(tasks("else"))
		}},
		"Else": {log: "else", build: func(b *builder) {
			b.If("if", func(d *data) bool { return len(d.Items) == 0 }, tasks("then")).Else(tasks("else"))
		}},
		"While": {log: "round round round after", build: func(b *builder) {
			b.While("while", func(d *data) bool { return len(d.Log) < 3 }, tasks("round"))
			b.task("after")
		}},
		"ForEach parallel": {log: "flaky flaky flaky after", build: func(b *builder) {
			b.each("flaky")
			b.task("after")
		}},
		"ForEach of two at a time": {log: "slow slow slow", build: func(b *builder) { b.each("slow", wfe.Limit(2)) }},
		"ForEach sequential":       {log: "persist persist persist", build: func(b *builder) { b.each("persist", wfe.Sequential()) }},
		"Parallel":                 {log: "a b slow-c after", build: func(b *builder) { b.Parallel("all", tasks("a", "b"), tasks("slow-c")); b.task("after") }},
		"Decide":                   {log: "one", build: func(b *builder) { b.decide() }},
		"Decide AllMatching":       {log: "one two after", build: func(b *builder) { b.decide().AllMatching(); b.task("after") }},
		"Decide that finds none":   {log: "other", build: func(b *builder) { b.Set("none", func(d *data) { d.Items = nil }).decide() }},
		"Delay":                    {log: "a b", build: func(b *builder) { b.task("a"); b.Delay("long", 1000*time.Hour); b.task("b") }},
		"Schedule":                 {log: "then after", build: func(b *builder) { b.Schedule("at", day3, tasks("then")); b.task("after") }},
		"Schedule in the past":     {log: "a then", build: func(b *builder) { b.task("a"); b.Delay("d", 100*24*time.Hour); b.Schedule("at", day3, tasks("then")) }},
		"ScheduleAfter":            {log: "then", build: func(b *builder) { b.ScheduleAfter("in", time.Hour, tasks("then")) }},
		"Recur Every":              {log: "slow slow slow", build: func(b *builder) { b.Recur("hourly", wfe.Every(time.Hour), thrice, tasks("slow")) }},
		"Recur Cron":               {log: "a a a", build: func(b *builder) { b.Recur("daily", wfe.Cron("0 6 * * *", "UTC"), thrice, tasks("a")) }},
		"Await":                    {log: "hello after", build: func(b *builder) { b.await("wait"); b.task("after") }, drive: hello},
		"Await what came before":   {log: "slow hello", build: func(b *builder) { b.task("slow"); b.await("wait") }, drive: func(w *world) { w.UntilBegun("slow"); w.publish("hello") }},
		"Await in a loop": {log: "1 2 3", build: func(b *builder) {
			b.While("w", func(d *data) bool { return len(d.Log) < 3 }, func(b *builder) { b.await("wait") })
		}, drive: func(w *world) {
			for _, text := range []string{"1", "2", "3"} {
				w.publish(text)
			}
		}},
		"Await in time":             {log: "hello", build: func(b *builder) { b.await("wait").Timeout(time.Hour, tasks("late")) }, drive: hello},
		"Await too long":            {log: "late after", build: func(b *builder) { b.await("wait").Timeout(time.Hour, tasks("late")); b.task("after") }},
		"Signal":                    {log: "psst", build: func(b *builder) { b.await("wait") }, drive: func(w *world) { w.UntilAwaiting("note"); w.signal("psst") }},
		"Signal before the wait":    {log: "slow psst", build: func(b *builder) { b.task("slow"); b.await("wait") }, drive: func(w *world) { w.UntilBegun("slow"); w.signal("psst") }},
		"Set":                       {log: "a b", build: func(b *builder) { b.Set("s", func(d *data) { d.Log = append(d.Log, "a") }).task("b") }},
		"End":                       {log: "slow", build: func(b *builder) { b.Parallel("p", tasks("hang"), func(b *builder) { b.task("slow"); b.End() }) }},
		"a step that sleeps":        {log: "sleep", build: tasks("sleep")},
		"a step with an outcome":    {log: "then after", build: func(b *builder) { b.task("left").When("left", tasks("then")); b.task("after") }},
		"Branch":                    {log: "item item item after", build: func(b *builder) { b.unpack("item"); b.task("after") }},
		"Poll until it is time":     {log: "done after", build: func(b *builder) { b.poll(url); b.task("after") }},
		"Child":                     {log: "one after", build: func(b *builder) { b.child("kid").task("after") }, sub: tasks("one")},
		"Child of each":             {log: "slow slow slow", build: func(b *builder) { wfe.Each(b, "each", items, func(b *builder, _ *int) { b.child("kid") }) }, sub: tasks("slow")},
		"Child that fails":          {log: "", end: "terminated failed", build: func(b *builder) { b.child("kid").OnError(wfe.RetryPolicy{Then: wfe.Terminate}) }, sub: suddenly("bad")},
		"Child that is tried again": {end: "complete", drive: mended(wfe.Handle[data].Resume), log: "locked after", build: func(b *builder) { b.child("kid").OnError(wfe.Retry(2, time.Hour)).task("after") }, sub: suddenly("locked")},
		"Child of a saga that fails": {log: "fetch", undone: "slow-bad fetch", end: "terminated failed", build: func(b *builder) {
			b.Saga("s", func(b *builder) {
				b.task("fetch")
				b.Parallel("p", func(b *builder) { b.child("kid") }, tasks("slow-bad"))
			})
		}, sub: tasks("hang")},
		"Child that is abandoned": {log: "slow", build: func(b *builder) {
			b.Parallel("p", func(b *builder) { b.child("kid", wfe.Abandon()) }, func(b *builder) { b.task("slow"); b.End() })
		}, sub: func(b *builder) { b.Delay("long", time.Hour).task("alone") }, drive: goesOn("alone")},
		"Func": {log: "f a", build: func(b *builder) {
			b.Func("f", func(ctx wfe.StepContext, d *data) (wfe.Result, error) {
				d.Log = append(d.Log, "f")
				return ctx.Next(), nil
			}).task("a")
		}},
		"CancelWhen":         {log: "reserve withdrawn", undone: "hang reserve", build: func(b *builder) { b.cancelled() }, drive: withdraw},
		"CancelWhen Proceed": {log: "reserve withdrawn tell", undone: "hang reserve", build: func(b *builder) { b.cancelled(wfe.Proceed()) }, drive: withdraw},
	})
}

func TestCrashEverywhere_EachErrorPolicy(t *testing.T) {
	resumed := mended(wfe.Handle[data].Resume)
	locked := func(then wfe.Action) func(b *builder) {
		return func(b *builder) { b.task("a"); b.task("locked").OnError(atOnce(then)); b.task("b") }
	}
	sagaOf := func(body func(b *builder)) func(b *builder) {
		return func(b *builder) { b.Saga("saga", func(b *builder) { b.task("first"); body(b) }) }
	}
	crashEverywhere(t, map[string]crashed{
		"retries":    {log: "flaky a", build: tasks("flaky", "a")},
		"RetryAfter": {log: "later", build: tasks("later")},
		"Permanent": {log: "", end: "terminated failed", build: func(b *builder) {
			b.task("bad").OnError(wfe.RetryPolicy{MaxRetries: 5, Interval: 1, Then: wfe.Terminate})
		}},
		"suspended without a saga": {log: "locked a", build: tasks("locked", "a"), drive: resumed},
		"Retry":                    {log: "locked a", build: tasks("locked", "a"), drive: mended(wfe.Handle[data].Retry)},
		"Suspend in a saga":        {log: "first a locked b", build: sagaOf(locked(wfe.Suspend)), drive: resumed},
		"Suspend and Terminate":    {log: "a", end: "terminated operator", build: locked(wfe.Suspend), drive: mended(terminate)},
		"Suspend and Cancel":       {log: "first a", undone: "locked a first", end: "terminated cancelled", build: sagaOf(locked(wfe.Suspend)), drive: mended(wfe.Handle[data].Cancel)},
		"Terminate":                {log: "a", end: "terminated failed", build: locked(wfe.Terminate)},
		"Terminate in sagas":       {log: "first a own", undone: "locked a first", end: "terminated failed", build: sagaOf(func(b *builder) { b.Saga("inner", locked(wfe.Terminate)).Compensate(tasks("own")) })},
		"Compensate":               {log: "a b", undone: "locked", build: locked(wfe.Compensate)},
		"Compensate in a saga":     {log: "first a b", undone: "locked", build: sagaOf(locked(wfe.Compensate))},
		"CompensateThenRetry": {log: "flaky", undone: "flaky flaky", build: func(b *builder) {
			b.task("flaky").OnError(wfe.RetryPolicy{MaxRetries: 3, Interval: time.Second, Then: wfe.CompensateThenRetry})
		}},
		"CompensateThenRetry fails": {log: "first", undone: "fail fail first", end: "terminated failed", build: sagaOf(func(b *builder) {
			b.task("fail").OnError(wfe.RetryPolicy{MaxRetries: 1, Interval: time.Second, Then: wfe.CompensateThenRetry})
		})},
		"CompensateThenSuspend":      {log: "a locked b", undone: "locked", build: locked(wfe.CompensateThenSuspend), drive: resumed},
		"a timeout of a body":        {log: "a", timeout: time.Second, undone: "hang a", end: "terminated failed", build: func(b *builder) { b.Saga("saga", tasks("a", "hang")) }},
		"a compensation tried again": {log: "unruly", undone: "bad unruly", end: "terminated failed", build: func(b *builder) { b.Saga("saga", tasks("unruly", "bad")) }},
		"a compensation for good":    {log: "first stuck", undone: "bad stuck first", end: "terminated failed", build: sagaOf(tasks("stuck", "bad")), drive: resumed},
		"a wait that fails": {log: "first", undone: "slow-bad first", end: "terminated failed", build: sagaOf(func(b *builder) {
			b.Parallel("p", func(b *builder) { b.await("wait") }, func(b *builder) { b.Delay("d", time.Hour) }, tasks("slow-bad"))
		})},
		"a Decide without a case": {log: "first", undone: "first", end: "terminated failed", build: sagaOf(func(b *builder) { b.Decide("d").When("never", func(*data) bool { return false }, tasks("x")) })},
	})
}

func TestCrashEverywhere_EachSaga(t *testing.T) {
	crashEverywhere(t, map[string]crashed{
		"with parallel work": {log: "a a a b", undone: "slow-bad b a a a", end: "terminated failed", build: func(b *builder) {
			b.Saga("saga", func(b *builder) { b.each("a", wfe.Sequential()); b.Parallel("p", tasks("b"), tasks("slow-bad", "c")) })
		}},
		"tried again": {log: "a a a", undone: "fail a fail a fail a", end: "terminated failed", build: func(b *builder) {
			b.Saga("saga", tasks("a", "fail")).OnError(wfe.RetryPolicy{MaxRetries: 2, Interval: time.Hour, Factor: 1, Then: wfe.Terminate})
		}},
		"suspended and resumed": {log: "a a locked b", undone: "locked a", drive: mended(wfe.Handle[data].Resume), build: func(b *builder) {
			b.Saga("saga", tasks("a", "locked")).OnError(wfe.RetryPolicy{Then: wfe.CompensateThenSuspend})
			b.task("b")
		}},
		"with a compensation of its own": {log: "a own b", undone: "bad a", build: func(b *builder) {
			b.Saga("saga", tasks("a", "bad")).Compensate(tasks("own"))
			b.task("b")
		}},
		"inside another one, completed": {log: "a b own", undone: "bad b a", end: "terminated failed", build: func(b *builder) {
			b.Saga("outer", func(b *builder) { b.task("a"); b.Saga("inner", tasks("b")).Compensate(tasks("own")); b.task("bad") })
		}},
		"inside another one, failed": {log: "a b own", undone: "bad b a", build: func(b *builder) {
			b.Saga("outer", func(b *builder) { b.task("a"); b.Saga("inner", tasks("b", "bad")) }).Compensate(tasks("own"))
		}},
		"undone by a block": {log: "a b undo-a look", undone: "bad b", end: "terminated failed", build: func(b *builder) {
			b.Saga("saga", func(b *builder) {
				b.task("a").Compensate(func(b *builder, done *task) {
					b.task("undo-a")
					b.Delay("later", time.Hour)
					b.task("look")
				})
				b.task("b")
				b.task("bad")
			})
		}},
		"undone by another step": {log: "book cancel", undone: "bad", end: "terminated failed", build: func(b *builder) {
			b.Saga("saga", func(b *builder) {
				wfe.AddStep(b.Block, wfe.Use[data, task]{
					Set: func(_ *data, s *task) { s.Label = "book" },
					Out: func(d *data, s *task) { d.Log = append(d.Log, s.Out) },
					Undo: wfe.UndoBy(func(_ *data, _, undo *task) { undo.Label = "cancel" },
						func(d *data, undo *task) { d.Log = append(d.Log, undo.Out) }),
				})
				b.task("bad")
			})
		}},
		"of a child, undone by a block": {log: "packed unpack", undone: "bad", end: "terminated failed", sub: tasks("packed"), build: func(b *builder) {
			b.Saga("saga", func(b *builder) { b.child("kid").Compensate(tasks("unpack")); b.task("bad") })
		}},
		"ended from inside": {log: "a", build: func(b *builder) {
			b.Saga("saga", func(b *builder) { b.task("a"); b.End(); b.task("bad") })
		}},
	})
}

func TestCrashEverywhere_EachCommand(t *testing.T) {
	saga := func(b *builder) { b.Saga("saga", tasks("a", "hang")) }
	crashEverywhere(t, map[string]crashed{
		"Cancel": {log: "a", undone: "hang a", end: "terminated cancelled", build: saga, drive: begun("hang", wfe.Handle[data].Cancel)},
		"Cancel of a completed saga inside": {log: "a b", undone: "hang b a", end: "terminated cancelled", drive: begun("hang", wfe.Handle[data].Cancel), build: func(b *builder) {
			b.Saga("outer", func(b *builder) { b.task("a"); b.Saga("inner", tasks("b")); b.task("hang") })
		}},
		"Cancel of a child":  {log: "", end: "terminated cancelled", build: func(b *builder) { b.child("kid") }, sub: tasks("hang"), drive: func(w *world) { w.Advance(time.Minute); w.command(wfe.Handle[data].Cancel) }},
		"Cancel of a wait":   {log: "a", undone: "a", end: "terminated cancelled", build: func(b *builder) { b.Saga("saga", func(b *builder) { b.task("a"); b.await("wait") }) }, drive: func(w *world) { w.UntilAwaiting("note"); w.command(wfe.Handle[data].Cancel) }},
		"Terminate":          {log: "a", end: "terminated operator", build: saga, drive: begun("hang", terminate)},
		"Suspend and Resume": {log: "slow b", build: tasks("slow", "b"), drive: suspendedForAnHour("slow")},
		"Suspend a delay": {log: "slow b", build: func(b *builder) {
			b.Parallel("p", tasks("slow"), func(b *builder) { b.Delay("d", time.Minute); b.task("b") })
		}, drive: suspendedForAnHour("slow")},
		"Suspend a roll back": {log: "a", undone: "slow-bad a", end: "terminated failed", build: func(b *builder) { b.Saga("saga", tasks("a", "slow-bad")) },
			drive: suspendedForAnHour("slow-bad")},
	})
}

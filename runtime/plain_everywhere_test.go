package wfe_test

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/codec"
)

func TestCrashEverywhere_EachThingOfPlainGo(t *testing.T) {
	url := everySecond(t)
	var works atomic.Bool // the plays follow each other
	failing := func(d *saved) {
		if !works.Load() {
			panic("out of range")
		}
		note1(d, "ok")
	}
	repaired := func(w *world) {
		w.UntilSuspended()
		works.Store(true)
		w.command(wfe.Handle[data].Resume)
		w.UntilEnded()
		works.Store(false)
	}
	crashEverywhere(t, map[string]crashed{
		"variables and edges": {log: "slow2 b", plain: func(b *plain) {
			first(b, func(d *saved) { vars(d).N = 1 })
			do(b, "slow", func(d *saved, text string) { vars(d).Text = text })
			then(b, func(d *saved) { vars(d).N++; note1(d, fmt.Sprint(vars(d).Text, vars(d).N)) })
			entered(b, "b")
		}},
		"continue and break": {log: "odd1 body 101 odd3 body 103 i=5 after", plain: loop},
		"return": {log: "a", plain: func(b *plain) {
			b.Call("call", does("a"))
			b.After(func(*saved) int { return 1 }, wfe.Exit{})
			entered(b, "b")
		}},
		"return of a helper": {log: "a b", plain: func(b *plain) {
			b.Call("helper", func(b *plain) {
				entered(b, "a")
				b.After(func(*saved) int { return 1 }, wfe.Exit{Node: "helper", Leave: true})
				entered(b, "never")
			})
			entered(b, "b")
		}},
		"frames of elements": {log: "7:130 8:230 9:330", plain: func(b *plain) {
			first(b, func(d *saved) { d.Data.Items = []int{7, 8, 9} })
			nested(b)
		}},
		"frames of branches": {log: "2:item 3:item 4:item", plain: func(b *plain) {
			wfe.AddBranching(b.Block, wfe.Use[saved, unpack]{Set: func(d *saved, s *unpack) { s.Items = d.Data.Items }}, func(b *plain, it *int) {
				v := roundOf(b)
				do(b, "item", func(_ *saved, text string) { v.Text = text })
				b.Delay("d", time.Minute)
				then(b, func(d *saved) { note1(d, fmt.Sprint(*it, ":", v.Text)) })
			})
		}},
		"frames of rounds by time": {log: "a1 a1 a1", plain: func(b *plain) {
			b.Recur("recur", wfe.Every(time.Hour), func(d *saved) bool { return vars(d).N == 3 }, func(b *plain) {
				v := roundOf(b)
				do(b, "a", func(_ *saved, text string) { v.Text += text; v.N++ })
				then(b, func(d *saved) { vars(d).N++; note1(d, fmt.Sprint(v.Text, v.N)) })
			})
		}},
		"blocks of code alone": {log: "else 1 2 saga after", plain: func(b *plain) {
			b.If("if", func(*saved) bool { return false }, does("a")).Else(func(b *plain) { first(b, func(d *saved) { note1(d, "else") }) })
			b.Recur("recur", wfe.Every(time.Hour), func(d *saved) bool { return vars(d).N == 2 }, func(b *plain) {
				first(b, func(d *saved) { vars(d).N++; note1(d, fmt.Sprint(vars(d).N)) })
			})
			b.Saga("saga", func(b *plain) { first(b, func(d *saved) { note1(d, "saga") }) })
			entered(b, "after")
		}},
		"Sleep": {log: "1 2", plain: func(b *plain) {
			b.Sleep("sleep", func(d *saved) time.Duration { return time.Duration(len(d.Data.Items)) * time.Hour })
			then(b, func(d *saved) { note1(d, "1") })
			b.SleepUntil("until", func(*saved) time.Time { return day3(nil) })
			then(b, func(d *saved) { note1(d, "2") })
		}},
		"WaitForWithin, in time":  {log: "hello true", drive: hello, plain: within},
		"WaitForWithin, too late": {log: "false", plain: within},
		"Poll": {log: "done", plain: func(b *plain) {
			b.Poll("ask", wfe.Endpoint{URL: url + "/?of={Key}", Interval: time.Hour, Timeout: 24 * time.Hour, Until: wfe.Condition{Contains: "done"}},
				func(d *saved, r *wfe.Response) { vars(d).Text = string(r.Body) })
			then(b, func(d *saved) { note1(d, vars(d).Text) })
		}},
		"Outcome": {log: "left", plain: func(b *plain) {
			do(b, "slow-left", nil).Outcome(func(d *saved, _ *task, outcome string) { vars(d).Text = outcome })
			then(b, func(d *saved) { note1(d, vars(d).Text) })
		}},
		"Undo": {log: "1 2 undo2-2 undo1-1", undone: "bad 2 1", end: "terminated failed", plain: func(b *plain) {
			b.Saga("saga", func(b *plain) { undoing(b); entered(b, "bad") })
		}},
		"Undo that is not needed": {log: "1 2", plain: func(b *plain) { b.Saga("saga", undoing) }},
		"Undo of a saga inside": {log: "1 2 undo2-2 undo1-1 try/outer/slow-bad", undone: "slow-bad 2 1", plain: func(b *plain) {
			b.Try("try", func(b *plain) { b.Saga("outer", func(b *plain) { b.Saga("inner", undoing); entered(b, "slow-bad") }) },
				func(d *saved, f *wfe.Failure) { note1(d, f.Node) })
		}},
		"Undo that writes what is around": {log: "a u2 u1 20", undone: "bad a", plain: func(b *plain) {
			wfe.Each(b, "each", func(*saved) []int { return []int{1} }, func(b *plain, _ *int) {
				v := roundOf(b)
				b.Try("try", func(b *plain) {
					entered(b, "a")
					for _, id := range []string{"u1", "u2"} {
						b.Undo(id, func(b *plain) { first(b, func(*saved) { v.N++ }); entered(b, id) })
					}
					entered(b, "bad")
				}, func(*saved, *wfe.Failure) { v.N *= 10 })
				then(b, func(d *saved) { note1(d, fmt.Sprint(v.N)) })
			})
		}},
		"Try": {log: "a bad b", undone: "slow-bad hang a", plain: func(b *plain) {
			b.Try("try", func(b *plain) { entered(b, "a"); b.Parallel("p", does("hang"), does("slow-bad")) },
				func(d *saved, f *wfe.Failure) { note1(d, f.Step[:0]+"bad") })
			entered(b, "b")
		}},
		"Try again": {log: "a a a caught", undone: "fail a fail a fail a", plain: func(b *plain) {
			b.Try("try", does("a", "fail"), func(d *saved, f *wfe.Failure) { note1(d, "caught") }).OnError(wfe.RetryPolicy{MaxRetries: 2, Interval: time.Hour, Factor: 1})
		}},
		"Try of a step that terminates": {log: "a", undone: "bad a", end: "terminated failed", plain: func(b *plain) {
			b.Try("try", func(b *plain) { entered(b, "a"); do(b, "bad", nil).OnError(atOnce(wfe.Terminate)) }, func(d *saved, _ *wfe.Failure) { note1(d, "never") })
		}},
		"Fail": {log: "a", end: "terminated failed", plain: func(b *plain) {
			entered(b, "a")
			b.After(func(d *saved) int { return d.Fail(1, errTask) }, wfe.Exit{Fail: "fail"})
		}},
		"Fail in a saga": {log: "a a", undone: "a", plain: func(b *plain) {
			b.Try("try", func(b *plain) {
				entered(b, "a")
				b.After(func(d *saved) int { return d.Fail(1, errors.New(d.Data.Log[0])) }, wfe.Exit{Fail: "fail"})
			}, func(d *saved, f *wfe.Failure) { note1(d, f.Message) })
		}},
		"an edge that fails": {log: "a ok b", drive: repaired, plain: func(b *plain) {
			entered(b, "a")
			then(b, failing)
			entered(b, "b")
		}},
		"an edge that fails, in a saga that is cancelled": {log: "a b", undone: "b a", end: "terminated cancelled", drive: mended(wfe.Handle[data].Cancel), plain: func(b *plain) {
			b.Saga("saga", func(b *plain) {
				entered(b, "a")
				do(b, "b", note1).OnError(atOnce(wfe.Suspend))
				then(b, func(*saved) { panic("no") })
			})
		}},
		"an edge that fails and is terminated": {log: "a", end: "terminated operator", drive: mended(terminate), plain: func(b *plain) { entered(b, "a"); then(b, func(*saved) { panic("no") }) }},
		"Compensate, as it was given": {log: "[] b", undone: "bad", plain: func(b *plain) {
			n := wfe.AddStep(b.Block, wfe.Use[saved, task]{Set: func(_ *saved, s *task) { s.Label = "bad" }, Out: func(d *saved, s *task) { vars(d).Text = "[" + s.Out + "]" }, Always: true})
			n.OnError(atOnce(wfe.Compensate))
			then(b, func(d *saved) { note1(d, vars(d).Text) })
			entered(b, "b")
		}},
		"CancelWhen": {log: "a withdrawn", undone: "hang a", drive: withdraw, plain: func(b *plain) {
			b.Parallel("both", func(b *plain) {
				wfe.Await(b, "wait", func(d *saved) string { return d.Data.Key }, func(d *saved, n *note) { note1(d, n.Text) })
			}, func(b *plain) {
				b.Try("try", func(b *plain) { entered(b, "a"); then(b, func(d *saved) { vars(d).N++ }); entered(b, "hang") }, func(d *saved, _ *wfe.Failure) { note1(d, "never") })
				b.CancelWhen(func(d *saved) bool { return len(d.Data.Log) > 0 && d.Data.Log[len(d.Data.Log)-1] == "withdrawn" })
			})
		}},
	})
}

func within(b *plain) {
	first(b, func(d *saved) { vars(d).OK = true })
	wfe.Await(b, "wait", func(d *saved) string { return d.Data.Key }, func(d *saved, n *note) { note1(d, n.Text) }).
		Within(func(d *saved) time.Duration { return time.Duration(len(d.Data.Items)) * time.Hour }, func(b *plain) { first(b, func(d *saved) { vars(d).OK = false }) })
	then(b, func(d *saved) { note1(d, fmt.Sprint(vars(d).OK)) })
}

// undoing has two rounds, each of which says how it is undone.
func undoing(b *plain) {
	wfe.Each(b, "each", func(*saved) []int { return []int{1, 2} }, func(b *plain, it *int) {
		v := wfe.Frame(b, codec.JSON[round]())
		doOf(b, "step", func(*saved) string { return fmt.Sprint(*it) }, func(d *saved, text string) { v.Text = text; note1(d, text) })
		b.Undo("undo", func(b *plain) {
			first(b, func(*saved) { v.N += *it })
			b.Delay("later", time.Hour)
			doOf(b, "undo", func(*saved) string { return fmt.Sprint("undo", v.Text, "-", v.N) }, note1)
		})
	}, wfe.Sequential())
}

// nested has loops in a loop, with variables of their own.
func nested(b *plain) {
	wfe.Each(b, "outer", plainItems, func(b *plain, it *int) {
		v, i := roundOf(b), wfe.Index(b)
		first(b, func(*saved) { v.N = 100 * (*i + 1) })
		wfe.Each(b, "inner", func(*saved) []int { return []int{1, 2} }, func(b *plain, in *int) {
			w, j := roundOf(b), wfe.Index(b)
			doOf(b, "step", func(*saved) string { return fmt.Sprint(*it, *in) }, func(_ *saved, text string) { w.Text, w.N = text, 10*(*j+1) })
			b.Delay("d", time.Second)
			then(b, func(*saved) { v.N += w.N })
		})
		b.Delay("d", time.Second)
		then(b, func(d *saved) { note1(d, fmt.Sprint(*it, ":", v.N)) })
	})
}

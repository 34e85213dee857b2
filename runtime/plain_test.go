package wfe_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/codec"
	"github.com/wfegen/wfe/runtime/store/memory"
)

// echo gives back the label of each step.
func echo(ctx wfe.StepContext, s *task) (wfe.Result, error) {
	switch {
	case s.has("bad"):
		return ctx.Next(), wfe.Permanent(errTask)
	case s.has("left"):
		s.Out = s.Label
		return ctx.Outcome("left"), nil
	}
	s.Out = s.Label
	return ctx.Next(), nil
}

// runPlain runs a compiled function to its end and returns the log.
func runPlain(t *testing.T, build func(b *plain), d data) []string {
	t.Helper()
	h := rig{plain: build, do: echo}.host(t, memory.New(), wfe.Config{})
	return completes(t, begin(t, h, "i", d))
}

func TestEdge_RunsBehindTheNodeAndKeepsVariables(t *testing.T) {
	bubble(t, func(t *testing.T) {
		log := runPlain(t, func(b *plain) {
			first(b, func(d *saved) { vars(d).N = 2 })
			do(b, "a", func(d *saved, text string) { vars(d).Text = text })
			then(b, func(d *saved) { vars(d).N *= 10 })
			b.Delay("d", time.Second)
			then(b, func(d *saved) { note1(d, fmt.Sprint(vars(d).Text, vars(d).N)) })
		}, data{})
		require.Equal(t, []string{"a20"}, log)
	})
}

func TestEdge_WhatSharesMemoryIsApartBehindACall(t *testing.T) {
	bubble(t, func(t *testing.T) {
		for _, shares := range []bool{true, false} {
			log := runPlain(t, func(b *plain) {
				b.First(func(d *saved) int {
					d.Data.Log = []string{"one", "two"}
					vars(d).Words = d.Data.Log[:1]
					return 0
				})
				if shares {
					b.Shares()
				}
				do(b, "a", nil)
				then(b, func(d *saved) { vars(d).Words[0] = "then" })
				do(b, "b", nil)
			}, data{})
			require.Equal(t, []string{map[bool]string{true: "one", false: "then"}[shares], "two"}, log)
		}
	})
}

// loop is
//
//	for i := 0; i < 10; i++ {
//		n := i
//		r := do("even" or "odd")
//		if n%2 == 0 { continue }
//		if n == 5 { break }
//		log(r, n)
//		do("body")
//		n += 100; log(n)
//	}
func loop(b *plain) {
	b.While("for", func(d *saved) bool { return vars(d).I < 10 }, func(b *plain) {
		v := roundOf(b)
		first(b, func(d *saved) { v.N = vars(d).I })
		doOf(b, "step", func(*saved) string { return [2]string{"even", "odd"}[v.N%2] }, func(_ *saved, text string) { v.Text = text })
		b.After(func(d *saved) int {
			if v.N%2 == 0 {
				return 1
			}
			if v.N == 5 {
				return 2
			}
			note1(d, fmt.Sprint(v.Text, v.N))
			return 0
		}, wfe.Exit{Node: "for"}, wfe.Exit{Node: "for", Leave: true})
		entered(b, "body")
		then(b, func(d *saved) { v.N += 100; note1(d, fmt.Sprint(v.N)) })
	}).Post(func(d *saved) { vars(d).I++ })
	then(b, func(d *saved) { note1(d, fmt.Sprint("i=", vars(d).I)) })
	entered(b, "after")
}

func TestExit_ContinuesAndBreaks(t *testing.T) {
	bubble(t, func(t *testing.T) {
		require.Equal(t, strings.Fields("odd1 body 101 odd3 body 103 i=5 after"), runPlain(t, loop, data{}))
	})
}

func TestExit_ReturnsFromTheFunction(t *testing.T) {
	bubble(t, func(t *testing.T) {
		log := runPlain(t, func(b *plain) {
			b.If("if", func(*saved) bool { return true }, func(b *plain) {
				wfe.Each(b, "each", plainItems, func(b *plain, it *int) {
					doOf(b, "step", func(*saved) string { return fmt.Sprint(*it) }, note1)
					b.After(func(*saved) int {
						if *it == 2 {
							return 1
						}
						return 0
					}, wfe.Exit{})
				}, wfe.Sequential())
			})
			entered(b, "never")
		}, data{Items: []int{1, 2, 3}})
		require.Equal(t, []string{"1", "2"}, log)
	})
}

func TestExit_ReturnsFromAHelper(t *testing.T) {
	bubble(t, func(t *testing.T) {
		log := runPlain(t, func(b *plain) {
			b.Call("helper", func(b *plain) {
				entered(b, "a")
				b.If("if", func(*saved) bool { return true }, func(b *plain) {
					b.First(func(d *saved) int { vars(d).OK = true; return 1 }, wfe.Exit{Node: "helper", Leave: true})
				})
				entered(b, "never")
			})
			then(b, func(d *saved) { note1(d, fmt.Sprint(vars(d).OK)) })
			entered(b, "b")
		}, data{})
		require.Equal(t, []string{"a", "true", "b"}, log)
	})
}

func TestExit_EndsTheBlockOfASagaOrABranch(t *testing.T) {
	bubble(t, func(t *testing.T) {
		log := runPlain(t, func(b *plain) {
			b.Saga("saga", func(b *plain) {
				entered(b, "a")
				b.After(func(*saved) int { return 1 }, wfe.Exit{Node: "saga"})
				entered(b, "never")
			})
			wfe.Each(b, "each", plainItems, func(b *plain, it *int) {
				b.If("if", func(*saved) bool { return *it != 2 }, func(b *plain) {
					b.First(func(*saved) int { return 1 }, wfe.Exit{Node: "each"})
				})
				doOf(b, "step", func(*saved) string { return fmt.Sprint(*it) }, note1)
			})
			entered(b, "after")
		}, data{Items: []int{1, 2, 3}})
		require.Equal(t, []string{"a", "2", "after"}, log)
	})
}

func TestFrame_IsOfEachElementAndNests(t *testing.T) {
	bubble(t, func(t *testing.T) {
		require.ElementsMatch(t, []string{"7:130", "8:230", "9:330"}, runPlain(t, nested, data{Items: []int{7, 8, 9}}))
	})
}

func TestFrame_OfARoundBeginsEmpty(t *testing.T) {
	bubble(t, func(t *testing.T) {
		log := runPlain(t, func(b *plain) {
			b.Recur("recur", wfe.Every(time.Second), func(d *saved) bool { return vars(d).N == 3 }, func(b *plain) {
				v := roundOf(b)
				do(b, "a", func(_ *saved, text string) { v.Text += text; v.N++ })
				then(b, func(d *saved) { vars(d).N++; note1(d, fmt.Sprint(v.Text, v.N)) })
			})
		}, data{})
		require.Equal(t, []string{"a1", "a1", "a1"}, log)
	})
}

func TestEdge_OfAnEmptyBlockRuns(t *testing.T) {
	bubble(t, func(t *testing.T) {
		log := runPlain(t, func(b *plain) {
			b.If("if", func(d *saved) bool { return false }, does("a")).Else(func(b *plain) {
				first(b, func(d *saved) { note1(d, "else") })
			})
			b.Recur("recur", wfe.Every(time.Second), func(d *saved) bool { return vars(d).N == 2 }, func(b *plain) {
				v := roundOf(b)
				first(b, func(d *saved) { vars(d).N++; v.N++; note1(d, fmt.Sprint(vars(d).N, v.N)) })
			})
			b.Saga("saga", func(b *plain) { first(b, func(d *saved) { note1(d, "saga") }) })
			b.Call("call", func(b *plain) { first(b, func(d *saved) { note1(d, "call") }) })
		}, data{})
		require.Equal(t, []string{"else", "1 1", "2 1", "saga", "call"}, log)
	})
}

func TestOutcome_IsText(t *testing.T) {
	bubble(t, func(t *testing.T) {
		log := runPlain(t, func(b *plain) {
			for _, label := range []string{"left", "on"} {
				n := do(b, label, nil)
				n.Outcome(func(d *saved, s *task, outcome string) { vars(d).Text = outcome })
				then(b, func(d *saved) { note1(d, fmt.Sprintf("%s:%s", label, vars(d).Text)) })
			}
		}, data{})
		require.Equal(t, []string{"left:left", "on:"}, log)
	})
}

func TestSleep_TakesItsTimeFromTheData(t *testing.T) {
	bubble(t, func(t *testing.T) {
		x := newTimes()
		mark := func(*saved) { x.note() }
		runPlain(t, func(b *plain) {
			b.Sleep("sleep", func(d *saved) time.Duration { return time.Duration(d.Data.Items[0]) * time.Second })
			then(b, mark)
			b.SleepUntil("until", func(d *saved) time.Time { return x.start.Add(5 * time.Second) })
			then(b, mark)
			b.SleepUntil("past", func(d *saved) time.Time { return x.start })
			then(b, mark)
			wfe.Await(b, "wait", func(*saved) string { return "k" }, func(*saved, *note) {}).
				Within(func(d *saved) time.Duration { return time.Duration(d.Data.Items[0]) * time.Millisecond * 500 }, func(b *plain) { first(b, mark) })
		}, data{Items: []int{2}})
		x.on(t, 2*time.Second, 5*time.Second, 5*time.Second, 5*time.Second+time.Second)
	})
}

// undoes runs a compiled function whose steps can be undone and returns the log and
// what was undone.
func undoes(t *testing.T, build func(b *plain), d data) (log []string, undone string, now wfe.Instance[data]) {
	t.Helper()
	var order []string
	r := rig{plain: build, do: echo, undo: func(_ context.Context, s *task) error {
		order = append(order, s.Label)
		return nil
	}}
	h := begin(t, r.host(t, memory.New(), wfe.Config{}), "i", d)
	_, _ = h.Wait(t.Context())
	now = status(t, h)
	return now.Data.Log, strings.Join(order, " "), now
}

func TestUndo_RunsInOrderAndSeesItsRound(t *testing.T) {
	bubble(t, func(t *testing.T) {
		log, undone, now := undoes(t, func(b *plain) {
			b.Saga("saga", func(b *plain) {
				wfe.Each(b, "each", plainItems, func(b *plain, it *int) {
					v := roundOf(b)
					doOf(b, "step", func(*saved) string { return fmt.Sprint(*it) }, func(_ *saved, text string) { v.Text = "x" + text })
					b.Undo("undo", func(b *plain) {
						first(b, func(d *saved) { note1(d, "undo "+v.Text+" "+vars(d).Text); v.N++ })
						doOf(b, "release", func(*saved) string { return fmt.Sprint(v.Text, v.N) }, note1)
						then(b, func(d *saved) { v.N++; note1(d, fmt.Sprint(v.N)) })
					})
					then(b, func(d *saved) { vars(d).Text = "now" })
				}, wfe.Sequential())
				entered(b, "bad")
			})
		}, data{Items: []int{1, 2}})
		require.Equal(t, wfe.Terminated, now.Status)
		require.Equal(t, "bad 2 1", undone)
		require.Equal(t, []string{"undo x2 now", "x21", "2", "undo x1 now", "x11", "2"}, log)
	})
}

func TestUndo_SharesTheVariablesAroundTheSaga(t *testing.T) {
	bubble(t, func(t *testing.T) {
		log, _, _ := undoes(t, func(b *plain) {
			wfe.Each(b, "each", plainItems, func(b *plain, _ *int) {
				v := roundOf(b)
				b.Try("try", func(b *plain) {
					for _, id := range []string{"u1", "u2"} {
						b.Undo(id, func(b *plain) { first(b, func(*saved) { v.N++ }); entered(b, id) })
						entered(b, "a"+id)
					}
					entered(b, "bad")
				}, func(*saved, *wfe.Failure) { v.N *= 10 })
				then(b, func(d *saved) { note1(d, fmt.Sprint(v.N)) })
			})
		}, data{Items: []int{1}})
		require.Equal(t, []string{"au1", "au2", "u2", "u1", "20"}, log)
	})
}

func TestTry_HandsItsFailureOn(t *testing.T) {
	bubble(t, func(t *testing.T) {
		log, undone, now := undoes(t, func(b *plain) {
			b.Try("try", does("a", "bad", "never"), func(d *saved, f *wfe.Failure) { vars(d).Text = f.Node + " " + f.Message })
			then(b, func(d *saved) { note1(d, vars(d).Text) })
			b.Try("fine", does("b"), func(d *saved, f *wfe.Failure) { note1(d, "never") })
			entered(b, "c")
		}, data{})
		require.Equal(t, wfe.Complete, now.Status)
		require.Equal(t, "bad a", undone)
		require.Equal(t, []string{"a", "try/bad " + errTask.Error(), "b", "c"}, log)
	})
}

func TestFail_RollsBackASagaAndElseTerminates(t *testing.T) {
	bubble(t, func(t *testing.T) {
		log, undone, now := undoes(t, func(b *plain) {
			b.Try("try", func(b *plain) {
				entered(b, "a")
				b.After(func(d *saved) int { return d.Fail(1, errors.New("too "+d.Data.Log[0])) }, wfe.Exit{Fail: "fail"})
			}, func(d *saved, f *wfe.Failure) { note1(d, f.Message) })
			b.After(func(d *saved) int { return d.Fail(1, errTask) }, wfe.Exit{Fail: "fail"})
		}, data{})
		require.Equal(t, []string{"a", "too a"}, log)
		require.Equal(t, "a", undone)
		require.Equal(t, wfe.ReasonFailed, now.Reason)
		require.Equal(t, "fail", now.Failure.Node)
		require.Equal(t, errTask.Error(), now.Failure.Message)
		require.Contains(t, now.Failure.Position, "plain_test.go:")
	})
}

func TestEdge_ThatPanicsIsRunAgainByResumeAndNotTheNode(t *testing.T) {
	type code = func(*saved)
	places := map[string]struct {
		build func(b *plain, trip code)
		node  string // that has failed
		log   string
	}{
		"behind a step":      {func(b *plain, trip code) { entered(b, "a"); then(b, trip); entered(b, "b") }, "a", "a 1 b"},
		"at the beginning":   {func(b *plain, trip code) { first(b, trip); entered(b, "a") }, "a", "1 a"},
		"of a block":         {func(b *plain, trip code) { b.Call("call", func(b *plain) { first(b, trip); entered(b, "a") }) }, "call/a", "1 a"},
		"of an empty block":  {func(b *plain, trip code) { b.Call("call", func(b *plain) { first(b, trip) }); entered(b, "b") }, "call", "1 b"},
		"behind a container": {func(b *plain, trip code) { b.Call("call", does("a")); then(b, trip); entered(b, "b") }, "call", "a 1 b"},
		"behind a saga":      {func(b *plain, trip code) { b.Saga("saga", does("a")); then(b, trip); entered(b, "b") }, "saga", "a 1 b"},
		"behind a round": {func(b *plain, trip code) {
			b.While("for", func(d *saved) bool { return vars(d).N < 2 }, does("a")).Post(trip)
		}, "for", "a 1 a 2"},
		"that takes a failure": {func(b *plain, trip code) {
			b.Try("try", does("a", "bad"), func(d *saved, f *wfe.Failure) { note1(d, f.Node); trip(d) })
		}, "try", "a try/bad 1"},
		"behind a rolled back": {func(b *plain, trip code) {
			b.Try("try", does("a", "bad"), func(*saved, *wfe.Failure) {})
			then(b, trip)
		}, "try", "a 1"},
		"behind a wait": {func(b *plain, trip code) { b.Delay("d", time.Second); then(b, trip) }, "d", "1"},
		"of an undo": {func(b *plain, trip code) {
			b.Try("try", func(b *plain) { b.Undo("undo", func(b *plain) { first(b, trip) }); entered(b, "bad") }, func(*saved, *wfe.Failure) {})
		}, "try/undo", "1"},
		"of an undo with steps": {func(b *plain, trip code) {
			b.Try("try", func(b *plain) { b.Undo("undo", func(b *plain) { entered(b, "a"); then(b, trip) }); entered(b, "bad") }, func(*saved, *wfe.Failure) {})
		}, "try/undo/compensate/a", "a 1"},
		"behind an element": {func(b *plain, trip code) {
			wfe.Each(b, "each", plainItems, func(b *plain, it *int) {
				v := roundOf(b)
				doOf(b, "a", nil, func(_ *saved, text string) { v.Text = text })
				then(b, func(d *saved) { trip(d); note1(d, v.Text) })
			})
		}, "each/a", "1 a"},
	}
	for name, c := range places {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				panics, runs := true, 0
				r := rig{
					plain: func(b *plain) {
						c.build(b, func(d *saved) {
							vars(d).N++
							if panics {
								panic("out of range")
							}
							note1(d, fmt.Sprint(vars(d).N))
						})
					},
					do: func(ctx wfe.StepContext, s *task) (wfe.Result, error) {
						if s.Label == "a" {
							runs++
						}
						return echo(ctx, s)
					},
				}
				st := memory.New()
				host := r.host(t, st, wfe.Config{})
				h := begin(t, host, "i", data{Items: []int{1}})
				time.Sleep(2 * time.Second)
				now := status(t, h)
				require.Equal(t, wfe.Suspended, now.Status)
				require.Equal(t, c.node, now.Failure.Node)
				require.Contains(t, now.Failure.Message, "panic: out of range")
				require.NotContains(t, now.Data.Log, "1", "it was done in part")

				require.NoError(t, h.Resume(t.Context())) // it fails again
				time.Sleep(2 * time.Second)
				require.NoError(t, host.Stop(t.Context())) // where it stays is stored
				panics = false
				h = wfe.Get(r.host(t, st, wfe.Config{}), ref, "i")
				require.NoError(t, h.Resume(t.Context()))
				require.Equal(t, c.log, strings.Join(completes(t, h), " "))
				require.Equal(t, strings.Count(c.log+" ", "a "), runs, "the node ran again")
			})
		})
	}
}

func TestEdge_ThatPanicsInASagaRollsItBackWithTheStepWhole(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var seen []string
		r := rig{plain: func(b *plain) {
			b.Try("try", func(b *plain) {
				entered(b, "a")
				then(b, func(*saved) { panic("no") })
				entered(b, "never")
			}, func(d *saved, f *wfe.Failure) { note1(d, f.Node) })
		}, do: echo, undo: func(_ context.Context, s *task) error {
			seen = append(seen, s.Label+":"+s.Out)
			return nil
		}}
		h := begin(t, r.host(t, memory.New(), wfe.Config{}), "i", data{})
		require.Equal(t, []string{"a", "try/a"}, completes(t, h))
		require.Equal(t, []string{"a:a"}, seen, "with its outputs, and once")
	})
}

func TestSavedCodec_IsReadAndWrittenAsTheDataAlone(t *testing.T) {
	t.Parallel()
	c := wfe.SavedCodec(codec.JSON[data](), codec.JSON[locals]())
	text, err := c.Append(nil, &saved{Data: data{Key: "k"}})
	require.NoError(t, err)
	require.JSONEq(t, `{"Key":"k","Items":null,"Log":null}`, string(text), "no variables, no member")
	v := saved{Data: data{Key: "k"}, Vars: &locals{N: 3, Text: "t"}}
	text, err = c.Append([]byte("head"), &v)
	require.NoError(t, err)
	require.Equal(t, `head{"Key":"k","Items":null,"Log":null,"wfe:vars":{"N":3,"Text":"t"}}`, string(text))
	var back saved
	require.NoError(t, c.Decode(text[4:], &back))
	require.Equal(t, v, back)
	var alone data
	require.NoError(t, codec.JSON[data]().Decode(text[4:], &alone))
	require.Equal(t, v.Data, alone)
	require.NoError(t, c.Decode([]byte(`{"Key":"k"}`), &back))
	require.Equal(t, &locals{}, back.Vars, "none of before, and a place for new ones")

	empty := wfe.SavedCodec(codec.JSON[struct{}](), codec.JSON[locals]())
	text, err = empty.Append(nil, &wfe.Saved[struct{}]{Vars: &locals{N: 3}})
	require.NoError(t, err)
	require.Equal(t, `{"wfe:vars":{"N":3}}`, string(text))
	_, err = wfe.SavedCodec(codec.JSON[int](), codec.JSON[locals]()).Append(nil, new(wfe.Saved[int]))
	require.ErrorContains(t, err, "int is none")
}

func TestAlways_HandsOnAStepThatDidNotCompleteAsItWasGiven(t *testing.T) {
	bubble(t, func(t *testing.T) {
		given := func(b *plain, label string) wfe.StepNode[saved, task, *plain] {
			n := wfe.AddStep(b.Block, wfe.Use[saved, task]{Set: func(_ *saved, s *task) { s.Label = label }, Always: true})
			n.Name(label)
			n.Outcome(func(d *saved, s *task, outcome string) { note1(d, s.Label+"["+s.Out+outcome+"]") })
			return n
		}
		log, undone, _ := undoes(t, func(b *plain) {
			given(b, "bad").OnError(wfe.RetryPolicy{Then: wfe.Compensate})
			then(b, func(d *saved) { note1(d, "behind") })
			given(b, "left")
			given(b, "never")
			b.CancelWhen(func(d *saved) bool { return len(d.Data.Log) == 3 }, wfe.Proceed())
			do(b, "bad-too", func(d *saved, _ string) { note1(d, "not asked for") }).OnError(wfe.RetryPolicy{Then: wfe.Compensate})
		}, data{})
		require.Equal(t, []string{"bad[]", "behind", "left[leftleft]", "never[]"}, log)
		require.Equal(t, "bad bad-too", undone)
	})
}

// counted is the data with a count of how often each of its fields was encoded.
func counted(n map[string]int) codec.Codec[data] {
	return codec.JSON[data]().WithFields(func(b []byte, d *data, i int) ([]byte, error) {
		name := []string{"Key", "Items", "Log"}[i]
		n[name]++
		var v any = d.Key
		if i > 0 {
			v = [][]int{1: d.Items}[1]
		}
		if i == 2 {
			v = d.Log
		}
		text, err := json.Marshal(v)
		return append(b, fmt.Sprintf("%q:%s", name, text)...), err
	}, "Key", "Items", "Log")
}

func TestStores_SaysWhatCodeWritesSoThatTheRestCostsNothing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := map[string]int{}
		d := counted(n)
		before := func(b *plain) { then(b, func(d *saved) { clear(n) }); b.Stores() }
		r := rig{do: echo, data: &d, plain: func(b *plain) {
			entered(b, "a")
			before(b)
			do(b, "b", func(d *saved, text string) { vars(d).Text = text })
			b.Stores("wfe:vars")
			then(b, func(d *saved) { vars(d).N++ })
			b.Stores("wfe:vars")
			b.While("for", func(d *saved) bool { return vars(d).I < 3 }, func(b *plain) {
				first(b, func(d *saved) { vars(d).OK = true })
				b.Stores("wfe:vars")
				b.Delay("d", time.Second)
			}).Post(func(d *saved) { vars(d).I++ }).Stores("wfe:vars")
			b.Try("try", does("bad"), func(d *saved, f *wfe.Failure) { vars(d).Text += f.Step }).Stores("wfe:vars")
			then(b, func(d *saved) {
				require.Zero(t, n["Items"], "a large field that nothing has written")
				note1(d, fmt.Sprint(*vars(d)))
			})
			b.Stores("Log")
		}}
		require.Equal(t, []string{"a", "{1 3 btask true []}"}, completes(t, begin(t, r.host(t, memory.New(), wfe.Config{}), "i", data{Key: strings.Repeat("k", 3000), Items: make([]int, 3000)})))
		require.Positive(t, n["Log"])
	})
}

func TestEdge_ThatPanicsSaysNoSecretOfTheDataOrItsVariables(t *testing.T) {
	type hidden struct {
		Token string `wfe:"secret"`
	}
	t.Run("data", func(t *testing.T) {
		panicsWithASecret(t, codec.JSON[hidden](), codec.JSON[locals](), func(d *wfe.Saved[hidden]) *string { return &d.Data.Token })
	})
	t.Run("variables", func(t *testing.T) {
		panicsWithASecret(t, codec.JSON[data](), codec.JSON[hidden](), func(d *wfe.Saved[data]) *string { return &d.Vars.(*hidden).Token })
	})
}

func panicsWithASecret[D, V any](t *testing.T, data codec.Codec[D], vars codec.Codec[V], token func(d *wfe.Saved[D]) *string) {
	bubble(t, func(t *testing.T) {
		h := wfe.NewHost(memory.New(), wfe.Config{})
		require.NoError(t, h.Register(wfe.NewStepSet("test"), nil, wfe.Workflow[wfe.Saved[D], *wfe.Plain[D]]{ID: "flow", Version: 1,
			Data: wfe.SavedCodec(data, vars), New: wfe.NewPlain[D],
			Build: func(b *wfe.Plain[D]) {
				b.First(func(d *wfe.Saved[D]) int { *token(d) = "abc123"; return 0 })
				b.Delay("d", time.Second)
				b.After(func(d *wfe.Saved[D]) int { panic("wrong token " + *token(d)) })
			}}))
		require.NoError(t, h.Start(t.Context()))
		t.Cleanup(func() { _ = h.Stop(now()) })
		i, err := wfe.Start(t.Context(), h, wfe.Ref[D]{ID: "flow", Data: data}, new(D))
		require.NoError(t, err)
		time.Sleep(2 * time.Second)
		at, err := i.Get(t.Context())
		require.NoError(t, err)
		require.Contains(t, at.Failure.Message, "wrong token [secret]")
		require.NotContains(t, at.Failure.Message, "abc123")
	})
}

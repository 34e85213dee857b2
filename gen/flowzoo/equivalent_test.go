package flowzoo

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/wfetest"
)

func TestCompiled_IsWhatTheFunctionIs(t *testing.T) {
	inputs := []Case{
		{},
		{N: 1, Words: []string{"a"}},
		{N: 2, Words: []string{"a", "b"}, Rows: []Row{{"r", []int{2, 1}}, {"s", []int{3, 0, 1}}}},
		{N: 3, Words: []string{"a", "", "enough", "c"}, Rows: []Row{{"r", nil}, {"s", []int{1, 1, 1}}}, Fails: "c"},
		{N: 4, Words: []string{"long words", "stop", "c"}, Fails: "stop"},
		{N: 7, Words: []string{"x", "y"}, Fails: "last"},
		{N: 6, Words: []string{"x"}, Sum: 3},
		{N: 1, Words: []string{"a", "bad"}},
		{N: 2, Words: []string{"a", "x"}},
		{N: 2, Words: []string{"a", "last", "c", "d"}, Fails: "s"},
		{N: 5, Words: []string{"a", "b", "c", "d", "e"}, Rows: []Row{{"r", []int{1, 2}}, {"s", []int{1, 0, 1}}}},
		{N: 4, Words: []string{"a", "b", "c", "d", "e"}, Rows: []Row{{"r", []int{1, 0}}, {"t", []int{1, 3}}}, Fails: "many: 4 words: too many"},
		{N: 2, Words: []string{"a"}, Rows: []Row{{"r", []int{2}}, {"s", []int{4}}}},
		{N: 2, Rows: []Row{{"", nil}, {"r", []int{2, 3, 4}}, {"q", nil}, {"s", []int{4, 1, 1, 1}}, {"t", []int{4, 3, 2, 1, 0}}, {"u", []int{1, 1}}}},
		{N: 3, Rows: []Row{{"r", []int{1, 1, 1, 1, 1}}}, Fails: "r"},
		{N: 5, Rows: []Row{{"r", nil}, {"t", []int{1, 2}}, {"u", []int{1, 1}}}, Fails: "last"},
		{N: 1, Words: []string{"a", "b", "c", "d", "bad"}},
		{N: 4, Words: []string{"bad", "b", "c", "d", "bad"}, Fails: "last"},
		{N: 1, Words: []string{"a", "b"}, Rows: []Row{{"r", []int{2}}, {"t", []int{4, 1, 1, 1}}}},
	}
	for name, fn := range map[string]func(*wfe.Flow, *Case){
		"Locals": Locals, "Loops": Loops, "Choices": Choices, "Fanout": Fanout, "Sagas": Sagas, "Helped": Helped, "Waits": Waits, "Panics": Panics, "Scopes": Scopes,
		"Named": Named, "Tries": Tries, "Typed": Typed, "Fails": Fails, "Early": Early, "Times": Times, "Behind": Behind, "Labels": Labels, "Again": Again, "Grouped": Grouped, "Ranges": Ranges, "Counts": Counts, "Caught": Caught, "Handed": Handed, "Elements": Elements, "Exactly": Exactly,
		"Answers": Answers, "Kinds": Kinds,
		"Guards": Guards, "Reports": Reports,
	} {
		t.Run(name, func(t *testing.T) {
			var cases []wfetest.Case[Case]
			for _, in := range inputs {
				cases = append(cases, wfetest.Case[Case]{Data: in, Parts: func() []any {
					parts := []any{NewSteps()}
					switch name {
					case "Waits":
						parts = append(parts, wfetest.Event(fmt.Sprint("key", in.N), Go{By: "me"}), wfetest.Timeout("never"))
					case "Handed":
						for _, node := range []string{"none", "element", "early", "called"} {
							parts = append(parts, wfetest.Timeout(node))
						}
					}
					return parts
				}})
			}
			wfetest.Equivalent(t, fn, cases...)
		})
	}
}

func TestRun_KnowsAWorkflowByItsDirective(t *testing.T) {
	seen := map[string]int{}
	see := wfe.StepMiddleware(func(next wfe.StepFunc) wfe.StepFunc {
		return func(ctx wfe.StepContext) (wfe.Result, error) {
			seen[ctx.Workflow] = ctx.Version
			return next(ctx)
		}
	})
	in := Case{N: 3}
	wfetest.Run(t, Waits, &in, NewSteps(), see, wfetest.Event("key3", Go{By: "me"}), wfetest.Timeout("never"))
	require.Equal(t, map[string]int{"waits": 1, "kept": 2}, seen)
}

func TestCompiled_IsUpToDate(t *testing.T) { wfetest.UpToDate(t) }

func TestCompiled_EndsAlikeWhereverItCrashes(t *testing.T) {
	in := Case{N: 3, Words: []string{"a", "b", "c"}, Rows: []Row{{"r", []int{2, 1}}, {"s", []int{1}}}, Fails: "c"}
	for name, start := range map[string]start{
		"Locals": StartLocals, "Loops": StartLoops, "Choices": StartChoices, "Fanout": StartFanout, "Sagas": StartSagas, "Helped": StartHelped, "Scopes": StartScopes,
		"Typed": StartTyped, "Fails": StartFails, "Early": StartEarly, "Times": StartTimes, "Labels": StartLabels, "Again": StartAgain, "Grouped": StartGrouped, "Ranges": StartRanges, "Counts": StartCounts, "Caught": StartCaught, "Handed": StartHanded, "Elements": StartElements, "Exactly": StartExactly,
		"Answers": StartAnswers, "Kinds": StartKinds,
		"Guards": StartGuards, "Reports": StartReports,
	} {
		t.Run(name, func(t *testing.T) {
			wfetest.CrashEverywhere(t, func(r *wfetest.Rig) {
				r.Host(func(h *wfe.Host) error { return Register(h, NewSteps()) })
				wfetest.Start(r, start, in).UntilEnded()
			})
		})
	}
}

func TestCompiled_WhatStaysInMemoryIsWhatIsStored(t *testing.T) {
	wfetest.Equivalent(t, Between, wfetest.Case[Loose]{Parts: func() []any { return []any{NewSteps()} }})
	wfetest.CrashEverywhere(t, func(r *wfetest.Rig) {
		r.Host(func(h *wfe.Host) error { return Register(h, NewSteps()) })
		wfetest.Start(r, StartBetween, Loose{}).UntilComplete()
	})
	wfetest.Equivalent(t, Aside, wfetest.Case[Loose]{Parts: func() []any { return []any{NewSteps()} }})
	wfetest.CrashEverywhere(t, func(r *wfetest.Rig) {
		r.Host(func(h *wfe.Host) error { return Register(h, NewSteps()) })
		got := wfetest.Start(r, StartAside, Loose{}).UntilComplete()
		require.Equal(t, []string{"behind an Undo ", "behind a loop over nothing ", "undone ", "in the error", `lent "" true`}, got.Log)
		require.Equal(t, "1", string(got.Raw))
	})
	wfetest.Equivalent(t, Settled, wfetest.Case[Loose]{Parts: func() []any { return []any{NewSteps()} }})
	wfetest.CrashEverywhere(t, func(r *wfetest.Rig) {
		r.Host(func(h *wfe.Host) error { return Register(h, NewSteps()) })
		got := wfetest.Start(r, StartSettled, Loose{}).UntilComplete()
		require.Equal(t, []string{"map[a:[1 map[b:c]] d:<nil>] [1 a <nil> 2.5] [1 map[b:c]] 1", "undone with ", "", "gone where it fails", "false", ""}, got.Log[:6])
	})
	wfetest.Equivalent(t, Kept, wfetest.Case[Loose]{Parts: func() []any { return []any{NewSteps()} }})
	wfetest.CrashEverywhere(t, func(r *wfetest.Rig) {
		r.Host(func(h *wfe.Host) error { return Register(h, NewSteps()) })
		got := wfetest.Start(r, StartKept, Loose{}).UntilComplete()
		require.Equal(t, []string{`false true{"a":1}`, "7 2 -Inf", "", "true"}, got.Log)
	})
}

func TestCompiled_SaysTheSameOfWhatDataCannotBe(t *testing.T) {
	var cases []wfetest.Case[Rated]
	for i := range 6 {
		cases = append(cases, wfetest.Case[Rated]{Data: Rated{Case: i}, Parts: func() []any { return []any{NewSteps()} }})
	}
	wfetest.Equivalent(t, Unsaid, cases...)
}

func TestCompiled_StoresWhatIsWrittenInWhateverWay(t *testing.T) {
	in := func() Written {
		return Written{Parts: []Part{{&Core{X: 1}, "a"}, {&Core{X: 2}, "b"}}, Nums: []int{5, 3, 4, 6}, By: []byte("by what")}
	}
	wfetest.Equivalent(t, Writes, wfetest.Case[Written]{Data: in(), Parts: func() []any { return []any{NewSteps()} }})
	wfetest.CrashEverywhere(t, func(r *wfetest.Rig) {
		r.Host(func(h *wfe.Host) error { return Register(h, NewSteps()) })
		got := wfetest.Start(r, StartWrites, in()).UntilComplete()
		require.Equal(t, []string{"50 [4 6 7] [1 7 3] [1 3 2]xy what[[9 0] [0 0] [4 6 7]][[9 0] [0 0] [4 6 7]] 0"}, got.Log)
	})
}

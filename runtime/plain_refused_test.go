package wfe_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/codec"
	"github.com/wfegen/wfe/runtime/store/memory"
)

func TestPlain_RefusesWhatCanNeverRun(t *testing.T) {
	t.Parallel()
	on := func(*saved) int { return 0 }
	for want, build := range map[string]func(b *plain){
		"nothing in the workflow waits":                               func(b *plain) { b.First(on) },
		"the workflow has code twice on one edge":                     func(b *plain) { b.First(on).First(on); entered(b, "a") },
		`node "a" has code twice on one edge`:                         func(b *plain) { entered(b, "a"); b.After(on).After(on) },
		`node "a": the code on an edge is nil`:                        func(b *plain) { entered(b, "a"); b.After(nil) },
		"After must follow a node":                                    func(b *plain) { b.After(on) },
		"Post must follow a node of kind while":                       func(b *plain) { entered(b, "a"); b.Post(func(*saved) {}) },
		`an exit leads to node "b", which is not around it`:           func(b *plain) { entered(b, "b"); entered(b, "a"); b.After(on, wfe.Exit{Node: "b"}) },
		`an exit cannot lead out of node "saga"`:                      func(b *plain) { b.Saga("saga", func(b *plain) { entered(b, "a"); b.After(on, wfe.Exit{}) }) },
		`node "p": nothing in its block waits`:                        func(b *plain) { b.Parallel("p", does("a"), func(b *plain) { b.First(on) }) },
		`node "each": nothing in its block waits`:                     func(b *plain) { wfe.Each(b, "each", plainItems, func(b *plain, _ *int) { b.First(on) }) },
		"there is no saga around it":                                  func(b *plain) { b.Undo("undo", does("a")) },
		"the variables of the workflow itself are a part of its data": func(b *plain) { roundOf(b); entered(b, "a") },
		`node "w": Frame is the first call in its block`:              func(b *plain) { b.While("w", nil, func(b *plain) { b.First(on); roundOf(b); entered(b, "a") }) },
		`node "if": variables of its own has a block that runs in rounds`: func(b *plain) {
			b.If("if", func(*saved) bool { return true }, func(b *plain) { roundOf(b); entered(b, "a") })
		},
		"Index is for a block that runs once for each of many elements": func(b *plain) { wfe.Index(b); entered(b, "a") },
		`an exit that fails, as "f", leads nowhere else`: func(b *plain) {
			b.Call("c", func(b *plain) { entered(b, "a"); b.After(on, wfe.Exit{Node: "c", Fail: "f"}) })
		},
		`node "try": its function that takes the failure is nil`: func(b *plain) { b.Try("try", does("a"), nil) },
		`node "sleep": its time is nil`:                          func(b *plain) { b.Sleep("sleep", nil) },
		`node "wait" has a second timeout`: func(b *plain) {
			w := wfe.Await(b, "wait", func(*saved) string { return "k" }, func(*saved, *note) {})
			w.Timeout(time.Hour, nil)
			w.Within(func(*saved) time.Duration { return time.Hour }, nil)
		},
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			require.ErrorContains(t, rig{plain: build}.register(wfe.NewHost(memory.New(), wfe.Config{})), want)
		})
	}
}

func TestChild_MayBeACompiledWorkflowOfTheSameData(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := rig{do: echo, plain: func(b *plain) {
			first(b, func(d *saved) { vars(d).Text = "kept" })
			entered(b, "a")
			then(b, func(d *saved) { note1(d, vars(d).Text) })
		}}
		h := wfe.NewHost(memory.New(), wfe.Config{})
		require.NoError(t, r.register(h))
		require.NoError(t, r.registerAs(h, "parent", 1, func(b *builder) {
			wfe.Child(b, "kid", ref, func(d *data) data { return data{Key: "kid"} }, func(d *data, kid *data) { d.Log = kid.Log })
		}))
		require.NoError(t, h.Start(t.Context()))
		t.Cleanup(func() { _ = h.Stop(now()) })
		i, err := wfe.Start(t.Context(), h, wfe.Ref[data]{ID: "parent", Data: codec.JSON[data]()}, &data{})
		require.NoError(t, err)
		require.Equal(t, []string{"a", "kept"}, completes(t, i))
	})
}

func TestStepSet_KeepsACompiledWorkflowAndRegistersIt(t *testing.T) {
	bubble(t, func(t *testing.T) {
		w := wfe.Workflow[saved, *plain]{ID: "flow", Version: 1, Data: wfe.SavedCodec(codec.JSON[data](), codec.JSON[locals]()),
			Build: does("a"), New: wfe.NewPlain[data], Func: func(*data) {}}
		step := wfe.Step[task]{Name: "task", Codec: codec.JSON[task](), Run: func(s *task, _ context.Context) error { s.Out = "ran"; return nil }}
		h := wfe.NewHost(memory.New(), wfe.Config{})
		require.NoError(t, h.Register(wfe.NewStepSet("test", step, w), nil, w))
		require.NoError(t, h.Start(t.Context()))
		t.Cleanup(func() { _ = h.Stop(now()) })
		require.Equal(t, []string{"ran"}, completes(t, begin(t, h, "i", data{})))
	})
}

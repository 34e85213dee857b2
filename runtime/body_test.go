package wfe_test

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store/memory"
)

func TestAPanicIsAnErrorOfItsStepAlone(t *testing.T) {
	for name, fail := range map[string]func(){
		"panic":  func() { panic("ouch") },
		"nil":    func() { var p *int; *p = 1 },
		"goexit": runtime.Goexit,
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				r := rig{build: func(b *builder) { b.task("a") }, retry: &wfe.RetryPolicy{Then: wfe.Terminate}}
				r.do = func(ctx wfe.StepContext, s *task) (wfe.Result, error) {
					if ctx.Instance == "bad" {
						fail()
					}
					return ctx.Next(), nil
				}
				h := r.host(t, memory.New(), wfe.Config{Bodies: 1})
				_, err := begin(t, h, "bad", data{}).Wait(t.Context())
				var ended *wfe.EndedError
				require.ErrorAs(t, err, &ended)
				require.Equal(t, "task", ended.Step)
				if name == "panic" {
					require.Contains(t, ended.Message, "ouch")
					require.Contains(t, ended.Message, "body_test.go", "with its stack")
				}
				completes(t, begin(t, h, "good", data{}))
			})
		})
	}
}

func TestBodiesOfOneInstanceRunInParallel(t *testing.T) {
	bubble(t, func(t *testing.T) {
		const n = 100
		var here sync.WaitGroup
		r := rig{build: func(b *builder) { b.each("meet") }}
		r.do = func(ctx wfe.StepContext, s *task) (wfe.Result, error) {
			here.Done()
			here.Wait() // for all the others
			return ctx.Next(), nil
		}
		h := r.host(t, memory.New(), wfe.Config{})
		for round := range 5 {
			here.Add(n)
			completes(t, begin(t, h, fmt.Sprint(round), data{Items: make([]int, n)}))
		}
	})
}

func TestNoMoreBodiesRunThanThePoolHolds(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var mu sync.Mutex
		running, most := 0, 0
		next := make(chan struct{})
		r := rig{build: func(b *builder) { b.each("work") }}
		r.do = func(ctx wfe.StepContext, s *task) (wfe.Result, error) {
			mu.Lock()
			running++
			most = max(most, running)
			mu.Unlock()
			<-next
			mu.Lock()
			running--
			mu.Unlock()
			return ctx.Next(), nil
		}
		h := r.host(t, memory.New(), wfe.Config{Bodies: 3})
		one, two := begin(t, h, "one", data{Items: make([]int, 20)}), begin(t, h, "two", data{Items: make([]int, 20)})
		for range 40 {
			synctest.Wait()
			next <- struct{}{}
		}
		completes(t, one)
		completes(t, two)
		require.Equal(t, 3, most)
	})
}

func TestAnInstanceOfManyBranchesDoesNotKeepOthersWaiting(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var order []string
		next := make(chan struct{})
		r := rig{build: func(b *builder) { b.each("work") }}
		r.do = func(ctx wfe.StepContext, s *task) (wfe.Result, error) {
			<-next
			order = append(order, ctx.Instance)
			return ctx.Next(), nil
		}
		h := r.host(t, memory.New(), wfe.Config{Bodies: 1})
		begin(t, h, "many", data{Items: make([]int, 100)})
		synctest.Wait()
		few := begin(t, h, "few", data{Items: make([]int, 3)})
		synctest.Wait()
		for range 8 {
			next <- struct{}{}
			synctest.Wait()
		}
		completes(t, few)
		require.Equal(t, []string{"many", "many", "few", "many", "few", "many", "few", "many"}, order)
		close(next)
		completes(t, wfe.Get(h, ref, "many"))
	})
}

func TestABodyOfARolledBackSagaIsStoppedAndOneThatNeverBeganIsNotUndone(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var mu sync.Mutex
		began, undone := map[int]bool{}, map[int]bool{}
		r := rig{retry: &wfe.RetryPolicy{}}
		r.build = func(b *builder) { b.Saga("saga", func(b *builder) { b.each("work") }) }
		fail := make(chan struct{})
		r.do = func(ctx wfe.StepContext, s *task) (wfe.Result, error) {
			mu.Lock()
			began[s.Item] = true
			mu.Unlock()
			if s.Item == 0 {
				<-fail
				return ctx.Next(), errTask
			}
			<-ctx.Done()
			return ctx.Next(), ctx.Err()
		}
		r.undo = func(_ context.Context, s *task) error {
			mu.Lock()
			defer mu.Unlock()
			undone[s.Item] = true
			return nil
		}
		h := r.host(t, memory.New(), wfe.Config{Bodies: 3})
		i := begin(t, h, "a", data{Items: []int{0, 1, 2, 3, 4, 5}})
		synctest.Wait()
		close(fail)
		_, err := i.Wait(t.Context())
		require.Error(t, err)
		require.Equal(t, began, undone)
		require.Less(t, len(began), 6)
	})
}

func TestOutputs_AppendedByParallelBranchesAreAllThere(t *testing.T) {
	bubble(t, func(t *testing.T) {
		const n = 100
		var here sync.WaitGroup
		here.Add(n)
		r := rig{build: func(b *builder) { b.each("add") }}
		r.do = func(ctx wfe.StepContext, s *task) (wfe.Result, error) {
			here.Done()
			here.Wait() // so that all began on the same data
			s.Out = fmt.Sprint(s.Item)
			return ctx.Next(), nil
		}
		var items []int
		var want []string
		for i := range n {
			items, want = append(items, i), append(want, fmt.Sprint(i))
		}
		require.ElementsMatch(t, want, completes(t, begin(t, r.host(t, memory.New(), wfe.Config{}), "i", data{Items: items})))
	})
}

// share is a step that writes to its input.
type share struct{ Items []int }

func (s *share) Run(context.Context) error { s.Items[0] = 7; return nil }

func TestABodySharesNoMemoryWithTheData(t *testing.T) {
	bubble(t, func(t *testing.T) {
		w := wfe.NewWorkflow("flow", 1, func(b *wfe.Generic[data]) { b.Step("share"); b.Step("share").Name("again") })
		h := wfe.NewHost(memory.New(), wfe.Config{})
		require.NoError(t, h.Add(w, share{}))
		require.NoError(t, h.Start(t.Context()))
		defer h.Stop(now())
		i, err := w.Start(t.Context(), h, data{Items: []int{1}})
		require.NoError(t, err)
		d, err := i.Wait(t.Context())
		require.NoError(t, err)
		require.Equal(t, []int{1}, d.Items)
	})
}

package reference

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/instance"
)

var sagas = flag.Int("sagas", 100, "how many random sagas are rolled back")

// doomedSaga makes a saga that fails at its end, or beside what else it does, and
// whose steps can all be undone, some only at the second or third try.
func doomedSaga(seed uint64) program {
	g := generator{rnd: rand.New(rand.NewPCG(seed, 3)), left: 12}
	work := g.undoable(2)
	last := g.undoableStep()
	last.forever, last.fails = true, 0
	if g.chance(40) {
		last.work += 5 * time.Second
		work = []*node{{kind: parallel, id: "beside", blocks: [][]*node{work, {last}}}}
	} else {
		work = append(work, last)
	}
	return program{seed, []*node{{kind: saga, id: "all", blocks: [][]*node{work}}}}
}

func (g *generator) undoableStep() *node {
	n := &node{kind: step, id: fmt.Sprintf("step%d", g.made), work: g.span(2 * time.Second), stubborn: g.chance(20),
		undo: true, undoWork: g.span(time.Second), chosen: true}
	g.made++
	if g.chance(30) {
		n.undoFails = 1 + g.rnd.IntN(2)
	}
	n.policy = wfe.RetryPolicy{MaxRetries: g.rnd.IntN(3), Interval: g.span(time.Second), Factor: 1}
	if n.policy.MaxRetries > 0 && g.chance(30) {
		n.fails = 1
	}
	return n
}

// undoable makes steps, loops, parallel branches and sagas of steps.
func (g *generator) undoable(depth int) (block []*node) {
	for range 1 + g.rnd.IntN(3) {
		if g.left--; g.left < 0 {
			break
		}
		id := fmt.Sprint(g.made)
		switch k := g.rnd.IntN(8); {
		case depth > 4 || k < 4:
			block = append(block, g.undoableStep())
		case k == 4:
			g.made++
			block = append(block, &node{kind: each, id: "each" + id, items: 1 + g.rnd.IntN(3), limit: g.rnd.IntN(3), blocks: [][]*node{append([]*node{g.undoableStep()}, g.undoable(depth+1)...)}})
		case k == 5:
			g.made++
			block = append(block, &node{kind: parallel, id: "parallel" + id, blocks: [][]*node{g.undoable(depth + 1), g.undoable(depth + 1)}})
		default:
			g.made++
			block = append(block, &node{kind: saga, id: "saga" + id, blocks: [][]*node{g.undoable(depth + 1)}})
		}
	}
	return block
}

// TestSaga_UndoesEachStepOnceInOrderWhateverCrashes kills the process at the begin
// and at the end of runs and of compensations.
func TestSaga_UndoesEachStepOnceInOrderWhateverCrashes(t *testing.T) {
	t.Parallel()
	from, n := *first, *sagas
	if *seed != 0 {
		from, n = *seed, 1
	}
	t.Logf("sagas of the seeds %d to %d; -seed=N runs one again", from, from+uint64(n)-1)
	var failed atomic.Bool
	for seed := from; seed < from+uint64(n); seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			if failed.Load() {
				t.Skip("one is enough to look at")
			}
			synctest.Test(t, func(t *testing.T) {
				p := doomedSaga(seed)
				c := newCluster(t, faults{seed: seed, rate: int(seed % 5)}, p)
				c.config.MaxCrashes = -1
				c.boundary = func(p *process, what string) {
					if c.faults.number(what)%4 == 0 {
						c.running.Go(func() { c.kill(p) })
					}
				}
				rollBack(c)
				if len(c.wrong) > 0 {
					failed.Store(true)
					t.Errorf("%s\n\ngo test ./internal/reference -run TestSaga_ -seed=%d\n%s%s", strings.Join(c.wrong, "\n"), seed, p, c.story())
				}
			})
		})
	}
}

// rollBack runs the saga of a cluster until it is rolled back.
func rollBack(c *cluster) {
	for n, name := range []string{"a", "b"} {
		c.running.Go(func() {
			time.Sleep(time.Duration(n) * time.Millisecond)
			c.machine(name)
		})
	}
	s := &simulation{cluster: c}
	s.asks("start", func(ctx context.Context, k wfe.Client) error {
		_, err := wfe.Start(ctx, k, ref(workflow(0)), &data{Origin: "one"}, wfe.ID("one"))
		return err
	}, func() { c.acked["one"] = true })
	for range 360 {
		time.Sleep(10 * time.Second)
		if r, err := c.store.Load(context.Background(), "one"); err == nil && r.Status != instance.Runnable {
			break
		}
	}
	c.end()
	c.audit("one")
	r, err := c.store.Load(context.Background(), "one")
	if err != nil || r.Status != instance.Terminated || r.Reason != instance.ReasonFailed {
		c.fail("the instance is not terminated: %+v, %v", r, err)
		return
	}
	c.undone(r.ID)
}

// undone checks that all that was done is undone, once, in the order of sagas: what
// was done in part first, the highest pointer first, then what was completed, newest
// first.
func (c *cluster) undone(id string) {
	row, _ := c.store.Load(context.Background(), id)
	chunks, _ := c.store.Archive(context.Background(), id, instance.HistoryCell)
	s, err := decode(row)
	if err != nil {
		c.fail("%v", err)
		return
	}
	list, err := s.History(chunks)
	if err != nil {
		c.fail("%v", err)
		return
	}
	undoes := map[string]string{} // by the key of the compensation
	for _, e := range c.ledger {
		if e.Undoes != "" {
			undoes[e.IdempotencyKey] = e.Undoes
		}
	}
	completed, ended := map[string]uint64{}, map[string]int{}
	pointers := map[string]instance.PtrID{}
	var order []string
	for _, r := range list {
		key := fmt.Sprintf("%s/%d", id, r.Ptr)
		pointers[key] = r.Ptr
		switch r.Kind {
		case instance.RecordStepCompleted:
			completed[key] = r.N
		case instance.RecordUndoStarted:
			if what := undoes[key]; !slices.Contains(order, what) {
				order = append(order, what)
			}
		case instance.RecordUndone:
			ended[undoes[key]]++
		}
	}
	for _, e := range c.ledger {
		if e.Undoes == "" && ended[e.IdempotencyKey] != 1 {
			c.fail("%s has begun, and was undone %d times", e.IdempotencyKey, ended[e.IdempotencyKey])
		}
	}
	want := slices.Clone(order)
	slices.SortStableFunc(want, func(a, b string) int {
		x, y := completed[a], completed[b]
		if x == 0 && y == 0 {
			return cmp.Compare(pointers[b], pointers[a])
		}
		if x == 0 || y == 0 {
			return cmp.Compare(x, y)
		}
		return cmp.Compare(y, x)
	})
	if !slices.Equal(order, want) {
		c.fail("undone in the order %v instead of %v", order, want)
	}
}

package reference

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/codec"
	"github.com/wfegen/wfe/runtime/store"
	"github.com/wfegen/wfe/runtime/store/memory"
	"github.com/wfegen/wfe/runtime/store/sqlite"
)

var (
	seed  = flag.Uint64("seed", 0, "run the program of this seed alone")
	first = flag.Uint64("first", 1, "seed of the first program")
	runs  = flag.Int("programs", 250, "how many programs are run")
)

// outcome is what is compared.
type outcome struct {
	Trace []string // when which body began; by time
	Log   []string // the data at the end
	Fields
	End string
}

func (s *sim) outcome() outcome {
	slices.SortStableFunc(s.world.trace, byTime)
	return outcome{s.world.trace, s.log, s.fields, s.end}
}

// byTime orders what begins at one time by its name.
func byTime(a, b string) int {
	at, a, _ := strings.Cut(a, " ")
	bt, b, _ := strings.Cut(b, " ")
	x, _ := time.ParseDuration(at)
	y, _ := time.ParseDuration(bt)
	if x != y {
		return int(x - y)
	}
	return strings.Compare(a, b)
}

// run runs a program on a store until it has ended or is suspended, which is so at the given time.
func run(t *testing.T, p program, st store.Store, end time.Duration) outcome {
	ref := wfe.Ref[data]{ID: "program", Data: codec.JSON[data]()}
	w := newWorld(p)
	h := wfe.NewHost(st, wfe.Config{})
	require.NoError(t, w.register(h, "program"))
	require.NoError(t, h.Start(t.Context()))
	w.start = time.Now()
	one, err := wfe.Start(t.Context(), h, ref, &data{}, wfe.ID("one"))
	require.NoError(t, err)
	for _, e := range events(p.nodes, nil) {
		if e.at > end+goesOn {
			break
		}
		time.Sleep(time.Until(w.start.Add(e.at)))
		require.NoError(t, wfe.Publish(t.Context(), h, noteEvent, e.key, &note{}))
	}
	time.Sleep(time.Until(w.start.Add(end + goesOn)))
	i, err := one.Get(t.Context())
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := h.Stop(ctx); err != nil {
		require.ErrorContains(t, err, "bodies did not return")
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	slices.SortStableFunc(w.trace, byTime)
	return outcome{w.trace, i.Data.Log, i.Data.Fields, string(i.Status)}
}

type published struct {
	key string
	at  time.Duration
}

// keys lists what a node waits for.
func (n *node) keys(items []int) (keys []string) {
	switch n.kind {
	case await:
		keys = append(keys, label(n.id, items))
	case steer:
		for i, p := range n.pauses {
			if p.kind == waits {
				keys = append(keys, pauseKey(label(n.id, items), i))
			}
		}
	}
	return keys
}

// events lists the events for a program, by time.
func events(nodes []*node, items []int) []published {
	var all []published
	for _, n := range nodes {
		for _, key := range n.keys(items) {
			if n.visible(key) > 0 {
				all = append(all, published{key, n.visible(key)})
			}
		}
		for _, b := range append(slices.Clone(n.blocks), n.comp) {
			if n.kind != each {
				all = append(all, events(b, items)...)
				continue
			}
			for i := range n.items {
				all = append(all, events(b, append(items[:len(items):len(items)], i))...)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b published) int { return int(a.at - b.at) })
	return all
}

// TestEngine_DoesWhatTheReferenceDoes runs random programs on the stores and here.
func TestEngine_DoesWhatTheReferenceDoes(t *testing.T) {
	t.Parallel()
	from, n := *first, *runs
	if *seed != 0 {
		from, n = *seed, 1
	}
	t.Logf("programs of the seeds %d to %d; -seed=N runs one again", from, from+uint64(n)-1)
	refs, ends := map[uint64]*sim{}, map[string]int{}
	for s := from; s < from+uint64(n); s++ {
		if ref, ok := simulate(generate(s, true)); ok {
			refs[s] = ref
			ends[ref.end]++
		}
	}
	t.Logf("they end: %v; %d take too long", ends, n-len(refs))
	require.Greater(t, 10*len(refs), 9*n, "one that takes too long shows nothing")
	for _, s := range slices.Sorted(maps.Keys(refs)) {
		t.Run(fmt.Sprint(s), func(t *testing.T) {
			t.Parallel()
			p, ref := generate(s, true), refs[s]
			want := ref.outcome()
			compare(t, p, want, ref.ended, "memory", func(*testing.T) store.Store { return memory.New() })
			if s%10 == 0 || *seed != 0 {
				compare(t, p, want, ref.ended, "sqlite", func(t *testing.T) store.Store {
					st, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"), sqlite.Config{})
					require.NoError(t, err)
					return st
				})
			}
		})
	}
}

func compare(t *testing.T, p program, want outcome, end time.Duration, name string, open func(t *testing.T) store.Store) {
	t.Helper()
	var got outcome
	synctest.Test(t, func(t *testing.T) {
		st := open(t)
		got = run(t, p, st, end)
		if err := st.Close(); err != nil && !errors.Is(err, store.ErrLost) {
			t.Error(err)
		}
	})
	require.Equal(t, want, got, "on %s, with -seed=%d\n%s", name, p.seed, p)
}

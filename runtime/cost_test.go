package wfe_test

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/codec"
	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
	"github.com/wfegen/wfe/runtime/store/memory"
	"github.com/wfegen/wfe/runtime/store/sqlite"
)

// bulk is data with a field that may be large.
type bulk struct {
	Items []int
	Large string
	Sum   int
}

func bulkCodec() codec.Codec[bulk] {
	return codec.JSON[bulk]().WithFields(func(b []byte, v *bulk, i int) ([]byte, error) {
		name := []string{"Items", "Large", "Sum"}[i]
		value, err := json.Marshal([]any{v.Items, v.Large, v.Sum}[i])
		return append(append(append(append(b, '"'), name...), '"', ':'), value...), err
	}, "Items", "Large", "Sum")
}

type bulkBuilder struct {
	wfe.Block[bulk, *bulkBuilder]
}

// add is a step that adds to the sum.
type add struct{ N int }

// written counts what a store is given.
type written struct {
	mu                  sync.Mutex
	bytes, rows         int
	fields              int // cells of fields of the data
	items, largestItems int // cells of elements
}

func (w *written) look(_ int, b store.Batch) memory.Fault {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, it := range b.Items {
		r := it.Instance
		if r == nil {
			continue
		}
		w.rows += 1 + len(r.Cells) + len(r.Drop)
		w.bytes += len(r.Head)
		for _, c := range r.Cells {
			w.bytes += len(c.Body)
			switch c.ID.Kind {
			case instance.FieldCell:
				w.fields++
			case instance.ItemsCell:
				w.items++
				w.largestItems = max(w.largestItems, len(c.Body))
			}
		}
	}
	return memory.None
}

func (w *written) now() (bytes, rows int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.bytes, w.rows
}

// runBulk runs a workflow over bulk to its end.
func runBulk(t *testing.T, st store.Store, d bulk, run func(s *add), build func(b *bulkBuilder)) bulk {
	h := wfe.NewHost(st, wfe.Config{})
	step := wfe.Step[add]{Name: "add", Codec: codec.JSON[add](), Run: func(s *add, _ context.Context) error {
		run(s)
		return nil
	}}
	require.NoError(t, h.Register(wfe.NewStepSet("test", step), nil, wfe.Workflow[bulk, *bulkBuilder]{ID: "bulk", Version: 1,
		Data: bulkCodec(), Build: build, New: func(b wfe.Block[bulk, *bulkBuilder]) *bulkBuilder { return &bulkBuilder{b} }}))
	ctx := context.Background()
	require.NoError(t, h.Start(ctx))
	defer func() { require.NoError(t, h.Stop(ctx)) }()
	i, err := wfe.Start(ctx, h, wfe.Ref[bulk]{ID: "bulk", Version: 1, Data: bulkCodec()}, &d)
	require.NoError(t, err)
	end, err := i.Wait(ctx)
	require.NoError(t, err)
	stored, err := i.Get(ctx)
	require.NoError(t, err)
	require.Equal(t, stored.Data, end)
	return end
}

// sum adds n elements up in a parallel loop.
func sum(t *testing.T, st store.Store, n int) {
	d := bulk{Items: make([]int, n)}
	for i := range d.Items {
		d.Items[i] = i
	}
	end := runBulk(t, st, d, func(*add) {}, func(b *bulkBuilder) {
		wfe.Each(b, "each", func(d *bulk) []int { return d.Items }, func(b *bulkBuilder, item *int) {
			wfe.Then(b, func(_ *bulk, s *add) { s.N = *item }).Out(func(d *bulk, s *add) { d.Sum += s.N })
		})
	})
	require.Equal(t, n*(n-1)/2, end.Sum)
	require.Equal(t, d.Items, end.Items)
}

func TestForEach_ManyElementsEndOnSQLite(t *testing.T) {
	t.Parallel()
	st, err := sqlite.Open(context.Background(), filepath.Join(t.TempDir(), "wfe.db"), sqlite.Config{})
	require.NoError(t, err)
	defer func() { require.NoError(t, st.Close()) }()
	sum(t, st, 10_000)
}

func TestForEach_ManyElementsCostTheSameEach(t *testing.T) {
	t.Parallel()
	n := 100_000
	if testing.Short() || racing {
		n = 10_000
	}
	var w written
	st := memory.New()
	st.Inject(w.look)
	sum(t, st, n)
	require.Equal(t, 1, w.fields, "the collection is written once")
	require.Equal(t, (n+255)/256, w.items)
	require.Less(t, w.largestItems, 8<<10)
	require.Less(t, w.rows, 4*n, "a head, a cell written and one deleted are the most for an element")
	require.Less(t, w.bytes/n, 3<<10, "bytes for an element")
}

func TestWhile_RoundsBesideALargeFieldAreOneSmallRowEach(t *testing.T) {
	t.Parallel()
	const n = 10_000
	var w written
	var marks [4][2]int
	round := 0
	st := memory.New()
	st.Inject(w.look)
	runBulk(t, st, bulk{Large: strings.Repeat("x", 900<<10)}, func(s *add) {
		for i, at := range []int{0, n / 10, n - n/10, n - 1} {
			if round == at {
				marks[i][0], marks[i][1] = w.now()
			}
		}
		round++
		s.N = 1
	}, func(b *bulkBuilder) {
		b.While("rounds", func(d *bulk) bool { return d.Sum < n }, func(b *bulkBuilder) {
			wfe.AddStep(b.Block, wfe.Use[bulk, add]{Out: func(d *bulk, s *add) { d.Sum += s.N }, Stores: []string{"Sum"}})
		})
	})
	require.Equal(t, 1, w.fields, "the large field is written once")
	for i, what := range []string{"bytes", "rows"} {
		first, last := marks[1][i]-marks[0][i], marks[3][i]-marks[2][i]
		require.LessOrEqual(t, float64(last), 1.1*float64(first), "%s of the last tenth of the rounds", what)
	}
	require.Less(t, marks[3][0]/n, 2<<10, "bytes of a round: a head with the newest history")
	require.Less(t, float64(marks[3][1])/n, 1.1, "rows of a round")
}

// Command loops measures what loops cost: many elements in parallel, beside other
// work, and many rounds.
//
//	go run ./cmd/loops [-elements N] [-rounds N] [-dir FOLDER]
//
// It prints how long the elements took, the rate of short instances without and
// beside them, and what a round took among the first tenth and among the last,
// with little data and with 900 KB of which nothing changes. The bytes allocated
// are stable from run to run; times are not.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"github.com/wfegen/wfe/bench/linear"
	"github.com/wfegen/wfe/bench/loops"
	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store/sqlite"
)

func main() {
	elements := flag.Int("elements", 100_000, "elements of the parallel loop")
	rounds := flag.Int("rounds", 10_000, "rounds of the other one")
	dir := flag.String("dir", "", "`folder` for the databases; default: the system's for temporary files")
	flag.Parse()
	if err := run(context.Background(), *dir, *elements, *rounds); err != nil {
		fmt.Fprintln(os.Stderr, "loops:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, dir string, elements, rounds int) (err error) {
	work, err := os.MkdirTemp(dir, "wfe-loops-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	st, err := sqlite.Open(ctx, filepath.Join(work, "wfe.db"), sqlite.Config{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	m := &meter{}
	h := wfe.NewHost(st, wfe.Config{})
	if err := errors.Join(linear.Register(h, linear.NewSteps()), loops.Register(h, loops.NewSteps(m))); err != nil {
		return err
	}
	if err := h.Start(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Stop(ctx)) }()
	if err := wide(ctx, h, elements); err != nil {
		return err
	}
	for _, size := range []int{0, 900 << 10} {
		if err := long(ctx, h, m, rounds, size); err != nil {
			return err
		}
	}
	return nil
}

// wide runs a loop over n elements, and short instances one after the other before
// it and beside it.
func wide(ctx context.Context, h *wfe.Host, n int) error {
	alone, err := short(ctx, h, "alone", time.After(time.Second))
	if err != nil {
		return err
	}
	items := make([]int, n)
	for i := range items {
		items[i] = i
	}
	before, began := now(), time.Now()
	w, err := loops.StartWide(ctx, h, loops.Batch{Items: items})
	if err != nil {
		return err
	}
	end := make(chan error, 1)
	over := make(chan time.Time)
	go func() {
		b, err := w.Wait(ctx)
		if err == nil && b.Sum != n*(n-1)/2 {
			err = fmt.Errorf("the sum of %d elements is %d", n, b.Sum)
		}
		fmt.Printf("%d parallel elements: %s, %s\n", n, time.Since(began).Round(time.Millisecond), now().since(before, n))
		end <- err
		close(over)
	}()
	beside, err := short(ctx, h, "beside", over)
	fmt.Printf("short instances: %.0f/s alone, %.0f/s beside it: %.2f\n", alone, beside, beside/alone)
	return errors.Join(err, <-end)
}

// short runs short instances one after the other and returns how many end in a second.
func short(ctx context.Context, h *wfe.Host, name string, over <-chan time.Time) (rate float64, err error) {
	began := time.Now()
	for n := 1; ; n++ {
		i, err := linear.StartLinear(ctx, h, linear.Payload{}, wfe.ID(fmt.Sprintf("%s-%d", name, n)))
		if err == nil {
			_, err = i.Wait(ctx)
		}
		if err != nil {
			return 0, err
		}
		select {
		case <-over:
			return float64(n) / time.Since(began).Seconds(), nil
		default:
		}
	}
}

// long runs n rounds with so many bytes beside the counter.
func long(ctx context.Context, h *wfe.Host, m *meter, n, size int) error {
	m.of = n
	m.count.Store(0)
	i, err := loops.StartLong(ctx, h, loops.Rounds{Of: n, Large: strings.Repeat("x", size)})
	if err != nil {
		return err
	}
	if _, err := i.Wait(ctx); err != nil {
		return err
	}
	fmt.Printf("%d rounds with %d KB: first tenth %s, last tenth %s\n", n, size>>10, m.marks[1].since(m.marks[0], n/10), m.marks[3].since(m.marks[2], n/10))
	return nil
}

// meter counts the rounds of one instance and looks at what was used at the begin
// and the end of the first and the last tenth of them.
type meter struct {
	of    int
	count atomic.Int64
	marks [4]mark
}

var _ loops.Meter = (*meter)(nil)

func (m *meter) Tick() int {
	n := int(m.count.Add(1))
	for i, at := range []int{1, m.of / 10, m.of - m.of/10, m.of} {
		if n == at {
			m.marks[i] = now()
		}
	}
	return n
}

// mark is what was used up to now.
type mark struct {
	at                time.Time
	allocs, allocated uint64
}

func now() mark {
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return mark{time.Now(), s.Mallocs, s.TotalAlloc}
}

// since says what n things took since b.
func (m mark) since(b mark, n int) string {
	return fmt.Sprintf("%s, %d allocations and %d bytes each",
		(m.at.Sub(b.at) / time.Duration(n)).Round(100*time.Nanosecond), (m.allocs-b.allocs)/uint64(n), (m.allocated-b.allocated)/uint64(n))
}

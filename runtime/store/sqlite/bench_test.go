//go:build unix

package sqlite

import (
	"bytes"
	"fmt"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
)

// live is a set of instances in flight, each with a head of 300 bytes.
type live struct {
	s    *Store
	l    store.Lease
	rows []store.Row
	next int
}

func newLive(b *testing.B, n int) *live {
	s := openAt(b, filepath.Join(b.TempDir(), "wfe.db"), quick())
	l, err := s.Acquire(b.Context(), "bench", nil)
	require.NoError(b, err)
	v := &live{s: s, l: l, rows: make([]store.Row, n)}
	for from := 0; from < n; from += 500 {
		var batch store.Batch
		for i := from; i < min(from+500, n); i++ {
			v.rows[i] = store.Row{
				ID: fmt.Sprintf("0198f1c2-7c3e-7%03x-8000-%012x", i%4096, i), Definition: "d3b07384d113edec49eaa6238ad5ff00d3b07384d113edec49eaa6238ad5ff00",
				Status: instance.Runnable, Rev: 1, Ready: true, Created: 1e18, StartHash: bytes.Repeat([]byte("s"), 32), Head: bytes.Repeat([]byte("h"), 300),
			}
			batch.Items = append(batch.Items, store.Item{Instance: &v.rows[i]})
		}
		out, err := s.Commit(b.Context(), l, batch)
		require.NoError(b, err)
		for i, o := range out {
			v.rows[from+i].K = o.K
		}
	}
	return v
}

// transition returns the next transition of the next instance.
func (v *live) transition() *store.Row {
	r := &v.rows[v.next]
	v.next = (v.next + 1) % len(v.rows)
	r.Rev++
	r.Head[r.Rev%300]++
	return r
}

// BenchmarkCommit reports the time per transition of one row, and with more rows,
// in batches of several sizes.
func BenchmarkCommit(b *testing.B) {
	for _, kind := range []string{"row", "row+cell", "row+timer"} {
		for _, size := range []int{1, 8, 64, 512} {
			b.Run(fmt.Sprintf("%s/batch=%d", kind, size), func(b *testing.B) {
				v := newLive(b, 2000)
				batch := store.Batch{Items: make([]store.Item, size)}
				b.ReportAllocs()
				before := cpu(b)
				for b.Loop() {
					for i := range batch.Items {
						r := v.transition()
						switch kind {
						case "row+cell":
							r.Cells = []instance.Cell{{ID: instance.CellID{Kind: instance.BranchCell, Ptr: 1, Index: int(r.Rev % 8)}, Body: r.Head[:200]}}
						case "row+timer":
							r.Timers = []store.TimerOp{{Due: instance.Instant(r.Rev), Ptr: 1, Gen: 1, Set: true}, {Due: instance.Instant(r.Rev - 1), Ptr: 1}}
						}
						batch.Items[i].Instance = r
					}
					out, err := v.s.Commit(b.Context(), v.l, batch)
					if err != nil || out[0].Code != store.Written {
						b.Fatal(err, out[0])
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*size), "ns/transition")
				b.ReportMetric(float64(cpu(b)-before)/float64(b.N*size), "cpu-ns/transition")
				b.ReportMetric(float64(b.N*size)/b.Elapsed().Seconds(), "transitions/s")
			})
		}
	}
}

// BenchmarkStart reports the time per new instance.
func BenchmarkStart(b *testing.B) {
	v := newLive(b, 1)
	row := v.rows[0]
	row.Rev = 1
	const size = 512
	n := 0
	for b.Loop() {
		batch := store.Batch{Items: make([]store.Item, size)}
		for i := range batch.Items {
			r := row
			n++
			r.ID = fmt.Sprintf("0198f1c2-7c3e-7000-9000-%012x", n)
			batch.Items[i].Instance = &r
		}
		if _, err := v.s.Commit(b.Context(), v.l, batch); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*size), "ns/start")
}

// BenchmarkPoll reports what it costs an idle owner to look for events and
// messages.
func BenchmarkPoll(b *testing.B) {
	v := newLive(b, 2000)
	for b.Loop() {
		_, err := v.s.Undelivered(b.Context(), 0, 100)
		require.NoError(b, err)
		_, err = v.s.Inbox(b.Context(), 0, 100)
		require.NoError(b, err)
	}
}

// BenchmarkLoad reports what it costs to load an instance without cells.
func BenchmarkLoad(b *testing.B) {
	v := newLive(b, 2000)
	for b.Loop() {
		_, err := v.s.Load(b.Context(), v.transition().ID)
		require.NoError(b, err)
	}
}

// cpu returns the processor time that the process has used, in ns.
func cpu(b *testing.B) int64 {
	var u syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return syscall.TimevalToNsec(u.Utime) + syscall.TimevalToNsec(u.Stime)
}

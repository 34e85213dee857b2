package batch

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
	"github.com/wfegen/wfe/runtime/store/memory"
	"github.com/wfegen/wfe/runtime/store/sqlite"
	"github.com/wfegen/wfe/runtime/wfetest"
)

var (
	inputs = flag.Int("inputs", 8, "with how many inputs each program runs")
	to     = flag.String("to", "", "file for the outcomes")
	db     = flag.String("db", "", "database of TestDurable; its ledger and its clock are beside it")
	kill   = flag.Int("kill", 0, "commit at which TestDurable ends the process; 0 is none")
	after  = flag.Bool("after", false, "after the commit, not before it")
)

// program is a workflow of this package.
type program struct {
	key   string
	fn    func(w *wfe.Flow, d *Data)
	start func(ctx context.Context, c wfe.Client, data Data, opts ...wfe.StartOption) (wfe.Handle[Data], error)
	get   func(c wfe.Client, id string) wfe.Handle[Data]
}

// outcome is what has become of a run.
type outcome struct {
	ID             string
	Status, Reason string
	Step, Message  string // of the failure that has ended it
	Attempt        int
	Waiting        []string
	Data           Data
	Effects        []effect // in their order
}

// effect is what a step did.
type effect struct {
	By, At, What string
	Key          string `json:",omitempty"`
}

// ledger is where effects are written down.
type ledger struct {
	mu   sync.Mutex
	by   map[string][]effect
	done map[effect]bool
	file *os.File // nil: none
}

func newLedger() *ledger { return &ledger{by: map[string][]effect{}, done: map[effect]bool{}} }

// Did records an effect, once for an activation of a node.
func (l *ledger) Did(ctx context.Context, by, at, what string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := effect{by, at, what, wfe.Info(ctx).IdempotencyKey}
	if !l.add(e) || l.file == nil {
		return nil
	}
	text, err := json.Marshal(e)
	if err != nil {
		return err
	}
	_, err = l.file.Write(append(text, '\n'))
	return err
}

func (l *ledger) add(e effect) bool {
	if l.done[e] {
		return false
	}
	l.done[e] = true
	l.by[e.By] = append(l.by[e.By], e)
	return true
}

// run is a program with one input.
type run struct {
	program
	id   string
	data Data
}

func runs() (out []run) {
	for _, p := range programs {
		seed, _, _ := strings.Cut(p.key, ":")
		n, _ := strconv.ParseUint(seed, 10, 64)
		for i := range *inputs {
			id := fmt.Sprint(p.key, "/", i)
			out = append(out, run{p, id, input(rand.New(rand.NewPCG(n, uint64(i)+1_000_000)), id)})
		}
	}
	return out
}

// input makes an input. Elements differ.
func input(r *rand.Rand, id string) Data {
	d := Data{ID: id, A: r.IntN(12), B: r.IntN(7), S: string(rune('a' + r.IntN(5))), F: r.IntN(2) == 0, P: Item{N: r.IntN(9), S: "p"}}
	for i := range r.IntN(4) {
		d.Ns = append(d.Ns, (i+1)*r.IntN(5))
	}
	for i := range r.IntN(4) {
		d.Items = append(d.Items, Item{N: 4*i + r.IntN(4), S: string(rune('a' + r.IntN(3))), Ns: []int{i}})
	}
	return d
}

// events are those that a run is given.
func events(id string) (out []Ping, keys []string) {
	for i, key := range []string{"-a", "-b", "-a", "-a", "-b"} {
		out, keys = append(out, Ping{N: i, S: fmt.Sprint("e", i)}), append(keys, id+key)
	}
	return out, keys
}

func write(t *testing.T, out []outcome) {
	t.Helper()
	text, err := json.Marshal(out)
	if err == nil {
		err = os.WriteFile(*to, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestDirect runs the functions.
func TestDirect(t *testing.T) {
	var all []outcome
	for _, r := range runs() {
		t.Run(r.id, func(t *testing.T) {
			l := newLedger()
			var parts []any
			given, keys := events(r.id)
			for i, e := range given {
				parts = append(parts, wfetest.Event(keys[i], e))
			}
			end := wfetest.Run(t, r.fn, &r.data, append(parts, NewSteps(l))...)
			o := outcome{ID: r.id, Status: string(end.Status), Reason: string(end.Reason), Data: r.data, Effects: l.by[r.id]}
			o.failed(end.Failure)
			o.waits(end.Waiting)
			all = append(all, o)
		})
	}
	write(t, all)
}

func (o *outcome) failed(f *wfe.Failure) {
	if f != nil && o.Status != string(wfe.Complete) {
		o.Step, o.Message, o.Attempt = f.Step, f.Message, f.Attempt
	}
}

func (o *outcome) waits(of []wfe.Waiting) {
	for _, w := range of {
		o.Waiting = append(o.Waiting, w.Event+" "+w.Key)
	}
}

// TestMemory runs what the functions were compiled to.
func TestMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { serve(t, memory.New(), newLedger()) })
}

// TestDurable does so on SQLite, and goes on with what an earlier process has left.
func TestDurable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLedger()
		text, err := os.ReadFile(*db + ".ledger")
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		whole := strings.LastIndexByte(string(text), '\n') + 1 // a kill may cut off what is being written: that has not happened
		if err == nil && whole < len(text) {
			if err := os.Truncate(*db+".ledger", int64(whole)); err != nil {
				t.Fatal(err)
			}
		}
		for line := range strings.Lines(string(text[:whole])) {
			var e effect
			if err := json.Unmarshal([]byte(line), &e); err != nil {
				t.Fatal(err)
			}
			l.add(e)
		}
		if l.file, err = os.OpenFile(*db+".ledger", os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600); err != nil {
			t.Fatal(err)
		}
		if text, err := os.ReadFile(*db + ".clock"); err == nil {
			var left time.Time
			if err := left.UnmarshalText(text); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Until(left))
		}
		st, err := sqlite.Open(t.Context(), *db, sqlite.Config{Stale: 150 * year})
		if err != nil {
			t.Fatal(err)
		}
		defer st.Close()
		serve(t, &mortal{Store: st, at: *kill}, l)
	})
}

// mortal ends the process at a commit.
type mortal struct {
	store.Store
	n, at int
}

func (m *mortal) Commit(ctx context.Context, l store.Lease, b store.Batch) ([]store.Outcome, error) {
	m.n++
	if m.n == m.at && !*after {
		die()
	}
	out, err := m.Store.Commit(ctx, l, b)
	if m.n == m.at {
		die()
	}
	return out, err
}

func die() {
	text, err := time.Now().MarshalText()
	if err == nil {
		err = os.WriteFile(*db+".clock", text, 0o600)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(137)
}

const year = 365 * 24 * time.Hour

// clock is that of the bubble.
type clock struct{ start time.Time }

func (clock) Now() instance.Instant  { return instance.At(time.Now()) }
func (c clock) Since() time.Duration { return time.Since(c.start) }
func (clock) AfterFunc(d time.Duration, f func()) (stop func() bool) {
	return time.AfterFunc(d, f).Stop
}
func (clock) Steady() {}

// serve runs a host until nothing can happen any more.
func serve(t *testing.T, st store.Store, l *ledger) {
	ctx := t.Context()
	begin := time.Date(2000, 1, 1, 0, 1, 0, 0, time.UTC) // of all runs; bubbles begin a minute earlier
	h := wfe.NewHost(st, wfe.Config{
		Clock: clock{time.Now()}, Beat: 120 * year, Stale: 150 * year, Poll: 30 * 24 * time.Hour, MaxCrashes: -1, NoHistory: true,
		Logger: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError})),
	})
	if err := Register(h, NewSteps(l)); err != nil {
		t.Fatal(err)
	}
	if err := h.Start(ctx); err != nil {
		t.Fatal(err)
	}
	defer func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := h.Stop(ctx); err != nil {
			t.Error(err)
		}
	}()
	all := runs()
	var group sync.WaitGroup
	for _, r := range all {
		group.Go(func() {
			if _, err := r.start(ctx, h, r.data, wfe.ID(r.id), wfe.StartAt(begin)); err != nil {
				t.Error(err)
				return
			}
			given, keys := events(r.id)
			for i, e := range given {
				if err := PublishPing(ctx, h, keys[i], e, wfe.Dedup(fmt.Sprint(keys[i], i)), wfe.TTL(year)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	var out []outcome
	for wait := time.Hour; wait < 10_000*time.Hour; wait *= 10 {
		time.Sleep(wait)
		synctest.Wait()
		if out = ended(t, h, all, l); out != nil {
			break
		}
	}
	if out == nil {
		out = list(t, h, all, l)
	}
	write(t, out)
}

// ended returns the outcomes if all runs have one.
func ended(t *testing.T, h *wfe.Host, all []run, l *ledger) []outcome {
	out := list(t, h, all, l)
	for _, o := range out {
		if o.Status == string(wfe.Runnable) {
			return nil
		}
	}
	return out
}

func list(t *testing.T, h *wfe.Host, all []run, l *ledger) (out []outcome) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range all {
		now, err := r.get(h, r.id).Get(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		o := outcome{ID: r.id, Status: string(now.Status), Reason: string(now.Reason), Data: now.Data, Effects: l.by[r.id]}
		o.failed(now.Failure)
		o.waits(now.Waiting)
		if now.Blocked != nil {
			o.Message = now.Blocked.Error()
		}
		out = append(out, o)
	}
	return out
}

package wfe_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/codec"
	"github.com/wfegen/wfe/runtime/store/memory"
)

func TestMain(m *testing.M) {
	if path := os.Getenv("WFE_TEST_SERVE"); path != "" {
		if err := serve(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if path := os.Getenv("WFE_TEST_CHILD"); path != "" {
		if err := child(path, strings.Fields(os.Getenv("WFE_TEST_IDS"))); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// bubble runs f where time passes by itself when nothing else can happen.
func bubble(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, f)
}

// data is what the workflows of these tests work on.
type data struct {
	Key   string
	Items []int
	Log   []string
}

type builder struct {
	wfe.Block[data, *builder]
}

func newBuilder(b wfe.Block[data, *builder]) *builder { return &builder{b} }

// task is a step that does what its rig says.
type task struct {
	do   func(ctx wfe.StepContext, s *task) (wfe.Result, error)
	undo func(ctx context.Context, s *task) error

	Label string
	Item  int
	Out   string
}

// task adds a step of that label, which is its node's id; Out goes to the log.
func (b *builder) task(label string) wfe.StepNode[data, task, *builder] {
	return b.taskOf(label, nil)
}

func (b *builder) taskOf(label string, item *int) wfe.StepNode[data, task, *builder] {
	n := wfe.AddStep(b.Block, wfe.Use[data, task]{
		Set: func(_ *data, s *task) {
			if s.Label = label; item != nil {
				s.Item = *item
			}
		},
		Out: func(d *data, s *task) {
			if s.Out != "" {
				d.Log = append(d.Log, s.Out)
			}
		},
	})
	n.Name(label)
	return n
}

// each runs a task for each of the items.
func (b *builder) each(label string, opts ...wfe.LoopOption) {
	wfe.Each(b, "each", func(d *data) []int { return d.Items }, func(b *builder, item *int) { b.taskOf(label, item) }, opts...)
}

// note is an event.
type note struct{ Text string }

var noteEvent = wfe.Event[note]{Name: "note", Codec: codec.JSON[note]()}

// await waits for a note under the instance's key; its text goes to the log.
func (b *builder) await(id string) wfe.AwaitNode[data, *builder] { return b.awaitKey(id, "") }

// awaitKey waits for a note under a key that ends otherwise.
func (b *builder) awaitKey(id, suffix string) wfe.AwaitNode[data, *builder] {
	return wfe.Await(b, id, func(d *data) string { return d.Key + suffix }, func(d *data, n *note) { d.Log = append(d.Log, n.Text) })
}

// rig is one workflow with what its steps do.
type rig struct {
	build   func(b *builder)
	do      func(ctx wfe.StepContext, s *task) (wfe.Result, error)
	undo    func(ctx context.Context, s *task) error
	retry   *wfe.RetryPolicy
	timeout time.Duration
	code    map[string]string // hashes by node
	schema  uint64
	version int

	plain     func(b *plain)     // in place of build: what a function is compiled to
	structure string             // of the nodes as wfegen has read them
	data      *codec.Codec[data] // in place of JSON
}

var ref = wfe.Ref[data]{ID: "flow", Data: codec.JSON[data]()}

// register gives a host the workflow.
func (r rig) register(h *wfe.Host) error {
	return r.registerAs(h, "flow", max(r.version, 1), r.build)
}

// registerAs gives a host another workflow of the same steps.
func (r rig) registerAs(h *wfe.Host, id string, version int, build func(b *builder)) error {
	if r.do == nil {
		r.do = func(ctx wfe.StepContext, _ *task) (wfe.Result, error) { return ctx.Next(), nil }
	}
	step := wfe.Step[task]{Name: "task", Codec: codec.JSON[task](), Retry: r.retry, Timeout: r.timeout,
		Inject: func(s *task) { s.do, s.undo = r.do, r.undo },
		Steer:  func(s *task, ctx wfe.StepContext) (wfe.Result, error) { return s.do(ctx, s) }}
	if r.undo != nil {
		step.Undo = func(s *task, ctx context.Context) error { return s.undo(ctx, s) }
	}
	d := codec.JSON[data]()
	if r.data != nil {
		d = *r.data
	}
	d.Schema = r.schema
	set := wfe.NewStepSet("test", step, unpackStep, noteEvent)
	if r.plain != nil && id == "flow" {
		return h.Register(set, nil, wfe.Workflow[saved, *plain]{ID: id, Version: version, Data: wfe.SavedCodec(d, codec.JSON[locals]()),
			Build: r.plain, New: wfe.NewPlain[data], Code: r.code, Structure: r.structure})
	}
	return h.Register(set, nil,
		wfe.Workflow[data, *builder]{ID: id, Version: version, Data: d, Build: build, New: newBuilder, Code: r.code, Structure: r.structure})
}

// host starts a host on a store. It is stopped at the end of the test.
func (r rig) host(t *testing.T, st *memory.Store, c wfe.Config) *wfe.Host {
	t.Helper()
	h := wfe.NewHost(st, c)
	require.NoError(t, r.register(h))
	require.NoError(t, h.Start(t.Context()))
	t.Cleanup(func() { _ = h.Stop(now()) })
	return h
}

// now is a context that is done.
func now() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

func begin(t *testing.T, c wfe.Client, id string, d data) wfe.Handle[data] {
	t.Helper()
	h, err := wfe.Start(t.Context(), c, ref, &d, wfe.ID(id))
	require.NoError(t, err)
	return h
}

func publish(t *testing.T, c wfe.Client, key, text string, opts ...wfe.PublishOption) {
	t.Helper()
	require.NoError(t, wfe.Publish(t.Context(), c, noteEvent, key, &note{text}, opts...))
}

// completes waits for the end and returns the log.
func completes(t *testing.T, h wfe.Handle[data]) []string {
	t.Helper()
	d, err := h.Wait(t.Context())
	require.NoError(t, err)
	return d.Log
}

// status returns how an instance is stored now.
func status(t *testing.T, h wfe.Handle[data]) wfe.Instance[data] {
	t.Helper()
	i, err := h.Get(t.Context())
	require.NoError(t, err)
	return i
}

// times collects when something happened, since it was made.
type times struct {
	start time.Time
	mu    sync.Mutex
	at    []time.Duration
}

func newTimes() *times { return &times{start: time.Now()} }

func (x *times) note() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.at = append(x.at, time.Since(x.start))
	return len(x.at)
}

func (x *times) all() []time.Duration {
	x.mu.Lock()
	defer x.mu.Unlock()
	return append([]time.Duration(nil), x.at...)
}

// on requires that something happened at each of the given times, none of them
// early and none more than 10 ms late.
func (x *times) on(t *testing.T, want ...time.Duration) {
	t.Helper()
	at := x.all()
	require.Len(t, at, len(want), "%v", at)
	for i := range want {
		require.GreaterOrEqual(t, at[i], want[i], "early: %v", at)
		require.Less(t, at[i], want[i]+10*time.Millisecond, "late: %v", at)
	}
}

var errTask = errors.New("it does not work")

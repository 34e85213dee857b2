package otelwfe_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/wfegen/wfe/examples/order/pipeline"
	"github.com/wfegen/wfe/otelwfe"
	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store/sqlite"
)

// world is the outside world of the order example.
type world struct {
	charge func(attempt int) error // nil: it is taken

	mu       sync.Mutex
	attempts int
}

func (w *world) Charge(context.Context, string, string, int64) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.attempts++; w.charge != nil {
		return "", w.charge(w.attempts)
	}
	return "receipt", nil
}

func (*world) Refund(context.Context, string, string) error                 { return nil }
func (*world) Reserve(context.Context, string, string, int) (string, error) { return "r", nil }
func (*world) Release(context.Context, string, string) error                { return nil }
func (*world) Ship(context.Context, string, []string) (string, error)       { return "t", nil }
func (*world) Send(context.Context, string, string, string) error           { return nil }

// open opens a database of this test.
func open(t *testing.T, file string) *sqlite.Store {
	t.Helper()
	st, err := sqlite.Open(t.Context(), file, sqlite.Config{})
	require.NoError(t, err)
	return st
}

// orders starts a host for orders.
func (s *sink) orders(t *testing.T, st *sqlite.Store, w *world, c otelwfe.Config) *wfe.Host {
	t.Helper()
	return s.host(t, st, wfe.Config{}, c, func(h *wfe.Host) error { return pipeline.Register(h, pipeline.NewSteps(w, w, w)) })
}

// eventually waits until the spans are as drawn: notices come a moment after what they tell.
func eventually(t *testing.T, want string, spans func() tracetest.SpanStubs) {
	t.Helper()
	require.Eventually(t, func() bool { return tree(spans()) == want }, 10*time.Second, 5*time.Millisecond)
	require.Equal(t, want, tree(spans()))
}

var order = pipeline.Order{ID: "o1", Email: "a@example.com", Card: "4111111111111111", Cents: 4200,
	Items: []pipeline.Item{{SKU: "tea", Qty: 1}, {SKU: "cup", Qty: 2}}}

func TestTrace_OfASagaThatIsRolledBack(t *testing.T) {
	t.Parallel()
	s := newSink()
	st := open(t, filepath.Join(t.TempDir(), "orders.db"))
	t.Cleanup(func() { require.NoError(t, st.Close()) })
	w := &world{charge: func(attempt int) error {
		if attempt == 1 {
			return wfe.RetryAfter(errors.New("busy"), time.Millisecond)
		}
		return wfe.Permanent(errors.New("declined"))
	}}
	h := s.orders(t, st, w, s.config())
	ctx, span := s.caller(t.Context(), "POST /orders")
	i, err := pipeline.StartOrderPipeline(ctx, h, order, wfe.ID("o1"))
	span.End()
	require.NoError(t, err)
	_, err = i.Wait(t.Context())
	require.ErrorContains(t, err, "declined")
	eventually(t, strings.Join([]string{
		"POST /orders",
		"  start order-pipeline",
		"    rollback payment !",
		"    rolled back payment",
		"    run order-pipeline !",
		"    step payment/charge-card ! x2",
		"    step payment/for-items/reserve-stock x2",
		"    step validate-order",
		"    undo payment/charge-card",
		"    undo payment/for-items/reserve-stock x2",
		"",
	}, "\n"), s.spans)
	require.Equal(t, "declined", named(t, s.spans(), "rollback payment").Status.Description)
	undo := attrs(named(t, s.spans(), "undo payment/charge-card"))
	require.Equal(t, "charge-card", undo["wfe.step.name"])
	require.Equal(t, "pipeline.go", filepath.Base(undo["code.file.path"]))
	source, err := os.ReadFile("../examples/order/pipeline/pipeline.go")
	require.NoError(t, err)
	line, err := strconv.Atoi(undo["code.line.number"])
	require.NoError(t, err)
	require.Contains(t, strings.Split(string(source), "\n")[line-1], "ChargeCard{", "wfegen has compiled the step from there")
	for _, span := range s.spans() {
		require.NotContains(t, span.Status.Description, order.Card)
	}
}

// A host is gone without giving back its store in the middle of an order; another one
// with providers of its own, as in another process, goes on in the same trace. The
// order was started, and is approved, by clients that have no host.
func TestTrace_OfAnInstanceGoesOnAtTheNextHost(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "orders.db")
	first, second, web := newSink(), newSink(), newSink()
	all := func() tracetest.SpanStubs { return append(append(web.spans(), first.spans()...), second.spans()...) }

	client := open(t, file)
	t.Cleanup(func() { require.NoError(t, client.Close()) })
	c := wfe.NewClient(client)

	st := open(t, file)
	h := first.orders(t, st, &world{}, first.config())
	large := order
	large.Cents = 2 * pipeline.Large
	ctx, span := web.caller(t.Context(), "POST /orders")
	_, err := pipeline.StartOrderPipeline(ctx, c, large, wfe.ID("o1"))
	span.End()
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		i, err := pipeline.GetOrderPipeline(c, "o1").Get(t.Context())
		return err == nil && len(i.Waiting) > 0
	}, 10*time.Second, 5*time.Millisecond)
	require.NoError(t, st.Close(), "as in a crash: it was not given back")
	<-h.Done()

	st = open(t, file)
	t.Cleanup(func() { require.NoError(t, st.Close()) })
	h = second.orders(t, st, &world{}, second.config())
	ctx, span = web.caller(t.Context(), "POST /approve")
	require.NoError(t, pipeline.PublishApproval(ctx, c, "o1", pipeline.Approval{OK: true}))
	span.End()
	_, err = pipeline.GetOrderPipeline(h, "o1").Wait(t.Context())
	require.NoError(t, err)
	eventually(t, strings.Join([]string{
		"POST /approve",
		"POST /orders",
		"  start order-pipeline",
		"    receive approval ~",
		"    run order-pipeline",
		"    step dispatch/send-receipt",
		"    step dispatch/ship-order x2",
		"    step payment/charge-card",
		"    step payment/for-items/reserve-stock x2",
		"    step validate-order",
		"",
	}, "\n"), all)
	require.NotEmpty(t, first.spans())
	require.Equal(t, named(t, all(), "POST /orders").SpanContext.TraceID(), named(t, second.spans(), "run order-pipeline").SpanContext.TraceID())
	require.Equal(t, named(t, all(), "POST /approve").SpanContext.SpanID(), named(t, second.spans(), "receive approval").Links[0].SpanContext.SpanID())
	require.Len(t, traces(all()), 2, "that of the order and that of the approval")
}

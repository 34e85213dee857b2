package otelwfe_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store/memory"
)

// asking is a workflow that polls a server, which answers by h.
func asking(t *testing.T, s *sink, h http.HandlerFunc) wfe.Handle[flow] {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	w, add := one("flow", nil, func(b *wfe.Generic[flow]) {
		b.Poll("ready", wfe.Endpoint{URL: server.URL + "/{Key}", Header: map[string]string{"Authorization": "Bearer {Out}"},
			Interval: 10 * time.Millisecond, Timeout: time.Minute, Until: wfe.Condition{Contains: "done"}})
	})
	host := s.host(t, memory.New(), wfe.Config{PollAllow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}, s.config(), add)
	i, err := w.Start(t.Context(), host, flow{Key: "canary-path", Out: "canary-token"}, wfe.ID("i"))
	require.NoError(t, err)
	require.NoError(t, ends(t, i))
	require.NoError(t, host.Stop(t.Context()))
	return i
}

func TestSpan_OfEachRequestOfAPoll(t *testing.T) {
	t.Parallel()
	s := newSink()
	var asked atomic.Int64
	asking(t, s, func(w http.ResponseWriter, _ *http.Request) {
		switch asked.Add(1) {
		case 1:
			w.WriteHeader(http.StatusNotFound)
		case 2:
			panic(http.ErrAbortHandler)
		default:
			fmt.Fprint(w, "done")
		}
	})
	require.Equal(t, "start flow\n  fail ready !\n  poll ready x2\n  poll ready !\n  run flow\n", tree(s.spans()))
	polls := allNamed(s.spans(), "poll ready")
	first := attrs(polls[0])
	require.NotEmpty(t, first["code.file.path"])
	require.NotEmpty(t, first["code.line.number"])
	delete(first, "code.file.path")
	delete(first, "code.line.number")
	require.Equal(t, map[string]string{"wfe.workflow.name": "flow", "wfe.workflow.version": "1", "wfe.instance.id": "i", "wfe.node.id": "ready",
		"wfe.step.attempt": "1", "wfe.step.index": "0", "wfe.step.pointer": "1", "http.request.method": "GET", "http.response.status_code": "404"}, first)
	require.Equal(t, trace.SpanKindClient, polls[0].SpanKind)
	require.Equal(t, "EOF", polls[1].Status.Description)
	require.Equal(t, "*errors.errorString", attrs(polls[1])["error.type"])
	require.Equal(t, codes.Unset, polls[2].Status.Code)
	require.NotContains(t, fmt.Sprint(s.spans()), "canary", "neither URLs nor headers are exported")
}

// Where the application has set a propagator, the server that is asked can go on with
// the trace.
func TestPoll_HandsItsTraceOnByTheGlobalPropagator(t *testing.T) {
	if !alone(t) {
		return
	}
	otel.SetTextMapPropagator(propagation.TraceContext{})
	s := newSink()
	var got atomic.Value
	asking(t, s, func(w http.ResponseWriter, r *http.Request) {
		got.Store(r.Header.Get("Traceparent"))
		require.Equal(t, "Bearer canary-token", r.Header.Get("Authorization"))
		fmt.Fprint(w, "done")
	})
	span := named(t, s.spans(), "poll ready").SpanContext
	require.Equal(t, fmt.Sprintf("00-%s-%s-01", span.TraceID(), span.SpanID()), got.Load())
}

package otelwfe_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/exporters/stdout/stdoutmetric"
	"go.opentelemetry.io/otel/exporters/stdout/stdouttrace"
	"go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/wfegen/wfe/otelwfe"
	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store/memory"
)

// vault is data with secrets in every place where data may have them.
type vault struct {
	Name   string
	Mode   string
	Text   string            `wfe:"secret"`
	Bytes  []byte            `wfe:"secret"`
	Number int64             `wfe:"secret"`
	Map    map[string]string `wfe:"secret"`
	Nested struct {
		Deep string `wfe:"secret"`
	}
	URL    string // of the server that is polled
	Result string `wfe:"secret"`
}

// canary is one secret in each place; the quotes are so that it has to be found as
// JSON and URLs write it, too.
func canary(mode, url string) vault {
	v := vault{Name: "vault", Mode: mode, Text: `canary-text "quoted"/é`, Bytes: []byte("canary-bytes"), Number: 77_123_456_789,
		Map: map[string]string{"canary-key": "canary-value"}, URL: url}
	v.Nested.Deep = "canary-deep"
	return v
}

// leaks are texts that must be nowhere in what is exported.
var leaks = []string{"canary", "77123456789", strconv.Quote(`canary-text "quoted"/é`), url.QueryEscape(`canary-text "quoted"/é`)}

// open is a step whose inputs and outputs do not say that they are secret; the data
// from which they come does.
type leaky struct {
	Mode string
	All  []string
	Mine string `wfe:"out,secret"`
}

func (s *leaky) say(ctx context.Context) error {
	s.Mine = "canary-of-the-step"
	text, _ := json.Marshal(s.All)
	err := fmt.Errorf("GET https://example.com/?q=%s: %q %v %s: %s", url.QueryEscape(s.All[0]), s.All, s.All, s.Mine, text)
	if ctx.Err() != nil {
		err = errors.Join(err, ctx.Err())
	}
	return err
}

func (s *leaky) Run(ctx wfe.StepContext) (wfe.Result, error) {
	ctx.Logger().Info("working", "with", s.All)
	err := s.say(ctx)
	switch s.Mode {
	case "panic":
		panic(err)
	case "panic with a value":
		panic(s.All)
	case "permanent":
		return ctx.Next(), wfe.Permanent(err)
	case "cancelled":
		<-ctx.Done()
		return ctx.Next(), s.say(ctx)
	case "outcome":
		return ctx.Outcome("canary-deep"), nil
	case "error":
		return ctx.Next(), err
	}
	return ctx.Next(), nil
}

func (s *leaky) Undo(ctx context.Context) error {
	if s.Mode == "undo" {
		return s.say(ctx)
	}
	return nil
}

func TestSecretsAreInNothingThatIsExported(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprint(w, "canary-answer ", r.URL, r.Header)
	}))
	t.Cleanup(server.Close)
	for _, mode := range []string{"none", "error", "permanent", "panic", "panic with a value", "cancelled", "outcome", "undo", "func", "func panics",
		"set", "condition", "key", "poll", "child", "start"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			logs := slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
			vaults(t, mode, server.URL, &out, logs)
			for _, leak := range leaks {
				require.NotContains(t, out.String(), leak)
			}
			require.Contains(t, out.String(), "start vault", "there was something to look at")
			switch mode {
			case "none", "start":
			case "outcome", "poll":
				require.Contains(t, out.String(), "wfe.step.duration")
			default:
				require.Contains(t, out.String(), "[secret]", "it was there and was taken out")
			}
		})
	}
}

// vaults runs an instance in that mode and writes all that is exported, and logged, to out.
func vaults(t *testing.T, mode, url string, out *bytes.Buffer, logs *slog.Logger) {
	t.Helper()
	spans, err := stdouttrace.New(stdouttrace.WithWriter(out))
	require.NoError(t, err)
	points, err := stdoutmetric.New(stdoutmetric.WithWriter(out))
	require.NoError(t, err)
	tracers := sdktrace.NewTracerProvider(sdktrace.WithBatcher(spans))
	meters := metric.NewMeterProvider(metric.WithReader(metric.NewPeriodicReader(points, metric.WithInterval(time.Hour))))

	end := wfe.RetryPolicy{MaxRetries: 1, Interval: time.Millisecond, Then: wfe.Terminate}
	sub := wfe.NewWorkflow("sub", 1, func(b *wfe.Generic[vault]) {
		b.Func("bad", func(ctx wfe.StepContext, d *vault) (wfe.Result, error) {
			return ctx.Next(), fmt.Errorf("no %s", d.Nested.Deep)
		}).OnError(end)
	})
	leak := func(b *wfe.Generic[vault], mode string) {
		b.If(mode, func(d *vault) bool { return d.Mode == mode }, func(b *wfe.Generic[vault]) {
			wfe.Then(b, func(d *vault, s *leaky) {
				s.Mode, s.All = d.Mode, []string{d.Text, string(d.Bytes), fmt.Sprint(d.Number), d.Map["canary-key"], d.Nested.Deep}
			}).OnError(end)
		})
	}
	w := wfe.NewWorkflow("vault", 1, func(b *wfe.Generic[vault]) {
		b.Saga("all", func(b *wfe.Generic[vault]) {
			for _, mode := range []string{"none", "error", "permanent", "panic", "panic with a value", "cancelled", "outcome", "undo"} {
				leak(b, mode)
			}
			b.Func("func", func(ctx wfe.StepContext, d *vault) (wfe.Result, error) {
				switch d.Mode {
				case "func":
					return ctx.Next(), fmt.Errorf("no %s for %q", d.Text, d.Map)
				case "func panics":
					panic(d.Nested)
				}
				d.Result = "canary-result"
				return ctx.Next(), nil
			}).OnError(end)
			b.Set("set", func(d *vault) {
				if d.Mode == "set" {
					panic(d.Text)
				}
			})
			b.If("condition", func(d *vault) bool {
				if d.Mode == "condition" {
					panic(fmt.Errorf("%v", d.Map))
				}
				return d.Mode == "key"
			}, func(b *wfe.Generic[vault]) {
				wfe.Await(b, "await", func(d *vault) string { panic("no key for " + d.Nested.Deep) }, func(*vault, *note) {})
			})
			b.If("polls", func(d *vault) bool { return d.Mode == "poll" }, func(b *wfe.Generic[vault]) {
				b.Poll("poll", wfe.Endpoint{URL: url + "/{Text}?q={Nested.Deep}", Header: map[string]string{"Authorization": "{Nested.Deep}"},
					Interval: time.Millisecond, Timeout: 50 * time.Millisecond, Until: wfe.Condition{Contains: "never"}}).OnError(end)
			})
			b.If("calls", func(d *vault) bool { return d.Mode == "child" }, func(b *wfe.Generic[vault]) {
				wfe.Child(b, "child", sub.Ref(), func(d *vault) vault { return *d }, func(*vault, *vault) {}).OnError(end)
			})
			b.Func("last", func(ctx wfe.StepContext, d *vault) (wfe.Result, error) {
				if d.Mode == "undo" {
					return ctx.Next(), wfe.Permanent(errors.New("roll back"))
				}
				return ctx.Next(), nil
			}).OnError(end)
		})
	})
	refuse := func(next wfe.StartFunc) wfe.StartFunc {
		return func(ctx context.Context, s wfe.StartInfo) error {
			if mode == "start" {
				return fmt.Errorf("refused: %s", s.Data)
			}
			return next(ctx, s)
		}
	}
	h, err := otelwfe.NewHost(memory.New(), wfe.Config{Logger: logs, PollAllow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		StartMiddleware: []wfe.StartMiddleware{refuse}}, otelwfe.Config{TracerProvider: tracers, MeterProvider: meters})
	require.NoError(t, err)
	require.NoError(t, h.Add(w, &leaky{}, noteEvent))
	require.NoError(t, h.Add(sub))
	require.NoError(t, h.Start(t.Context()))
	data := canary(mode, url)
	i, err := w.Start(t.Context(), h, data, wfe.ID("v"))
	if mode != "start" {
		require.NoError(t, err)
		if mode == "cancelled" {
			require.Eventually(t, func() bool { return h.Stats().Running == 1 }, 10*time.Second, time.Millisecond)
			require.NoError(t, i.Terminate(t.Context(), "enough"))
		}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		_, err = i.Wait(ctx)
		if mode == "none" || mode == "outcome" {
			require.NoError(t, err)
		} else {
			require.Error(t, err)
		}
	}
	require.NoError(t, h.Stop(t.Context()))
	require.NoError(t, tracers.Shutdown(t.Context()))
	require.NoError(t, meters.Shutdown(t.Context()))
}

// Command telemetry is the engine of the program wfe with telemetry: none, that of
// otelwfe without an SDK, or with one that records every span and drops it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"path/filepath"

	"go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/wfegen/wfe/bench/harness"
	"github.com/wfegen/wfe/bench/linear"
	"github.com/wfegen/wfe/otelwfe"
	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store"
	"github.com/wfegen/wfe/runtime/store/sqlite"
)

var with = flag.String("with", "none", "none, api or sdk")

func main() { harness.Main("telemetry", open) }

type engine struct {
	store *sqlite.Store
	host  *wfe.Host
}

var _ harness.Engine = (*engine)(nil)

func open(dir string) (harness.Engine, error) {
	ctx := context.Background()
	st, err := sqlite.Open(ctx, filepath.Join(dir, "wfe.db"), sqlite.Config{})
	if err != nil {
		return nil, err
	}
	h, err := host(st)
	if err != nil {
		return nil, errors.Join(err, st.Close())
	}
	if err := linear.Register(h, linear.NewSteps()); err != nil {
		return nil, errors.Join(err, st.Close())
	}
	if err := h.Start(ctx); err != nil {
		return nil, errors.Join(err, st.Close())
	}
	return &engine{st, h}, nil
}

func host(st store.Store) (*wfe.Host, error) {
	switch *with {
	case "none":
		return wfe.NewHost(st, wfe.Config{}), nil
	case "api":
		return otelwfe.NewHost(st, wfe.Config{}, otelwfe.Config{})
	case "sdk":
		return otelwfe.NewHost(st, wfe.Config{}, otelwfe.Config{
			TracerProvider: sdktrace.NewTracerProvider(sdktrace.WithBatcher(drop{})),
			MeterProvider:  metric.NewMeterProvider(metric.WithReader(metric.NewManualReader())),
		})
	}
	return nil, fmt.Errorf("-with is %q; it can be none, api or sdk", *with)
}

// drop is an exporter that sends spans nowhere.
type drop struct{}

func (drop) ExportSpans(context.Context, []sdktrace.ReadOnlySpan) error { return nil }
func (drop) Shutdown(context.Context) error                             { return nil }

func (e *engine) Start(ctx context.Context, id string, p harness.Payload) error {
	_, err := linear.StartLinear(ctx, e.host, linear.Payload(p), wfe.ID(id))
	return err
}

func (e *engine) Wait(ctx context.Context, id string) (harness.Payload, error) {
	p, err := linear.GetLinear(e.host, id).Wait(ctx)
	return harness.Payload(p), err
}

func (e *engine) Close() error {
	return errors.Join(e.host.Stop(context.Background()), e.store.Close())
}

// Command order runs three orders of the order example with spans and metrics of all
// that happens: one that is sent off, a large one that has to be approved, and one
// whose card is declined, so that what was done is undone.
//
//	order [-db FILE] [-otel stdout|otlp] [-latency DURATION]
//
// With stdout, spans and metrics are written as JSON, what happens goes to stderr. With
// otlp they go over HTTP to a collector, where OTEL_EXPORTER_OTLP_ENDPOINT says
// (http://localhost:4318 without it). Kill it at any moment, with -9 too, and run it
// again on the same file: each order goes on in its trace.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/wfegen/wfe/examples/order/outside"
	"github.com/wfegen/wfe/examples/order/pipeline"
	"github.com/wfegen/wfe/otelwfe"
	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store/sqlite"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "order:", err)
		os.Exit(1)
	}
}

// orders are what it runs.
var orders = []pipeline.Order{
	{ID: "small", Email: "ann@example.com", Card: "visa-0001", Cents: 42_00, Items: []pipeline.Item{{SKU: "tea", Qty: 1}, {SKU: "cup", Qty: 2}}},
	{ID: "large", Email: "bob@example.com", Card: "visa-0002", Cents: 2 * pipeline.Large, Items: []pipeline.Item{{SKU: "desk", Qty: 1}}},
	{ID: "stolen", Email: "eve@example.com", Card: "stolen", Cents: 99_00, Items: []pipeline.Item{{SKU: "lamp", Qty: 1}}},
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	flags := flag.NewFlagSet("order", flag.ContinueOnError)
	flags.SetOutput(stderr)
	db := flags.String("db", "order.db", "the database `file`; the ledger of the outside world stands beside it")
	to := flags.String("otel", "stdout", "where spans and metrics go: `stdout` or otlp")
	latency := flags.Duration("latency", 150*time.Millisecond, "how long each call of the outside world takes")
	if err := flags.Parse(args); err != nil {
		return err
	}
	tel, err := newTelemetry(ctx, *to, stdout)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, tel.close(ctx)) }() // last: the host's end is part of it

	st, err := sqlite.Open(ctx, *db, sqlite.Config{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	h, err := otelwfe.NewHost(st, wfe.Config{Logger: slog.New(slog.NewTextHandler(stderr, nil))},
		otelwfe.Config{TracerProvider: tel.spans, MeterProvider: tel.metrics})
	if err != nil {
		return err
	}
	world := outside.New(*db+".ledger", *latency, stderr)
	defer func() { err = errors.Join(err, world.Close()) }()
	if err := pipeline.Register(h, pipeline.NewSteps(world, world, world)); err != nil {
		return err
	}
	if err := h.Start(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop(ctx, h)) }()
	return process(ctx, h, tel.spans.Tracer("order"), stderr)
}

// stop ends the host. After Ctrl-C running steps have a second to end.
func stop(ctx context.Context, h *wfe.Host) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	return h.Stop(ctx)
}

// process starts what an earlier run has not, approves, and waits for all ends.
func process(ctx context.Context, h *wfe.Host, tracer trace.Tracer, show io.Writer) error {
	for _, o := range orders {
		if err := begin(ctx, h, tracer, o); err != nil {
			return err
		}
	}
	for _, o := range orders {
		_, err := pipeline.GetOrderPipeline(h, o.ID).Wait(ctx)
		var ended *wfe.EndedError
		switch {
		case errors.As(err, &ended):
			fmt.Fprintf(show, "%-8s %s: %s\n", o.ID, ended.Status, ended.Message)
		case err != nil:
			return err
		default:
			fmt.Fprintf(show, "%-8s complete\n", o.ID)
		}
	}
	return nil
}

// begin is what a web server does when an order comes in; the spans stand for those
// of its requests.
func begin(ctx context.Context, h *wfe.Host, tracer trace.Tracer, o pipeline.Order) error {
	_, err := pipeline.GetOrderPipeline(h, o.ID).Get(ctx)
	if errors.Is(err, wfe.ErrNotFound) {
		in, span := tracer.Start(ctx, "POST /orders")
		_, err = pipeline.StartOrderPipeline(in, h, o, wfe.ID(o.ID))
		span.End()
	}
	if err != nil || o.Cents <= pipeline.Large {
		return err
	}
	in, span := tracer.Start(ctx, "POST /approvals")
	defer span.End()
	return pipeline.PublishApproval(in, h, o.ID, pipeline.Approval{OK: true, By: "the command line"}, wfe.Dedup("approve"))
}

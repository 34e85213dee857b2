// Command order runs orders through a durable pipeline.
//
//	order [flags] [orders.json]
//
// It starts every order of the file, shows what happens, and stops when each is
// complete, terminated, suspended or waiting for an approval. An order's id is its
// instance's id: running the same file again starts nothing twice. Kill it at any
// moment, with -9 too: the next run goes on where it was.
//
// Exit code: 0 when each order ended as its "want" says (without one: anything but
// suspended), 1 otherwise, 2 for bad input, 130 after Ctrl-C.
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

	"github.com/wfegen/wfe/examples/order/outside"
	"github.com/wfegen/wfe/examples/order/pipeline"
	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store/sqlite"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends it at once
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// The exit codes.
const (
	exitOK          = 0
	exitUnwanted    = 1
	exitBadInput    = 2
	exitInterrupted = 130
)

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case err != nil:
		return exitBadInput // parse has said why
	}
	wanted, err := process(ctx, o, stdout, stderr)
	switch {
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "order: interrupted; the next run goes on where this one was")
		return exitInterrupted
	case err != nil:
		fmt.Fprintln(stderr, "order:", err)
		return exitBadInput
	case !wanted:
		return exitUnwanted
	}
	return exitOK
}

type options struct {
	db      string
	approve string
	reset   bool
	latency time.Duration
	orders  string // a file; "" is the sample
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("order", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.db, "db", "order.db", "the database `file`; the ledger of the outside world stands beside it")
	flags.StringVar(&o.approve, "approve", "", "approve the large order `ID`, or all of them")
	flags.BoolVar(&o.reset, "reset", false, "begin anew: remove the database and the ledger first")
	flags.DurationVar(&o.latency, "latency", 150*time.Millisecond, "how long each call of the outside world takes")
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: order [flags] [orders.json]    (without a file it runs the sample)")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 1 {
		err := fmt.Errorf("order: %d files were named; it takes one, after the flags", flags.NArg())
		fmt.Fprintln(stderr, err)
		return o, err
	}
	if o.latency < 0 {
		err := fmt.Errorf("order: -latency is %v; it takes 0 or more", o.latency)
		fmt.Fprintln(stderr, err)
		return o, err
	}
	o.orders = flags.Arg(0)
	return o, nil
}

// process runs the orders; wanted says whether each ended as it should.
func process(ctx context.Context, o options, stdout, stderr io.Writer) (wanted bool, err error) {
	orders, err := readOrders(o.orders)
	if err != nil {
		return false, err
	}
	approvals, err := toApprove(o.approve, orders)
	if err != nil {
		return false, err
	}
	ledger := o.db + ".ledger"
	if o.reset {
		if err := reset(ctx, o.db, ledger); err != nil {
			return false, err
		}
	}
	log := slog.New(slog.NewTextHandler(stderr, nil))
	st, err := sqlite.Open(ctx, o.db, sqlite.Config{Log: log})
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, st.Close()) }()

	h := wfe.NewHost(st, wfe.Config{Logger: log})
	world := outside.New(ledger, o.latency, stdout)
	defer func() { err = errors.Join(err, world.Close()) }()
	if err := pipeline.Register(h, pipeline.NewSteps(world, world, world)); err != nil {
		return false, err
	}
	if err := h.Start(ctx); err != nil { // while another process owns the database, it waits here
		return false, err
	}
	defer func() { err = errors.Join(err, stop(ctx, h)) }()

	handles, err := start(ctx, h, orders, approvals)
	if err != nil {
		return false, err
	}
	ends, err := watch(ctx, h, handles, approvals, stdout)
	if err != nil {
		return false, err
	}
	return report(orders, ends, stdout), nil
}

// stop ends the host. After Ctrl-C running steps have a second to end.
func stop(ctx context.Context, h *wfe.Host) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	return h.Stop(ctx)
}

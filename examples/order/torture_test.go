package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/examples/order/outside"
	"github.com/wfegen/wfe/examples/order/pipeline"
	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store/sqlite"
)

// setting reads a number from the environment.
func setting(t *testing.T, name string, def int) int {
	t.Helper()
	v := os.Getenv(name)
	if v == "" {
		return def
	}
	n, err := strconv.Atoi(v)
	require.NoError(t, err, name)
	return n
}

// torture ends the command that many times by a signal while it works on ever new
// orders, lets it end, and returns what the audit has to say.
func torture(t *testing.T, variant, latency string, sig syscall.Signal, times int) []string {
	seed := setting(t, "WFE_TORTURE_SEED", int(time.Now().UnixNano()&0xffff_ffff))
	t.Logf("%d times %v with WFE_TORTURE_SEED=%d", times, sig, seed)
	rng := rand.New(rand.NewPCG(uint64(seed), 0))
	p := newPlace(t)
	var orders []order
	struck := 0
	for i := 0; struck < times; i++ {
		require.Less(t, i, 3*times, "it ends too often before it can be struck")
		placed := shapes(fmt.Sprintf("c%d", i))
		orders = append(orders, placed...)
		p.write(t, placed)
		args := []string{"-latency", latency, "-db", p.db, p.orders}
		if rng.IntN(3) == 0 {
			args = append([]string{"-approve", "all"}, args...)
		}
		c := begin(t, variant, args...)
		if sig == syscall.SIGTERM || rng.IntN(5) > 0 { // before, SIGTERM ends it as SIGKILL does
			c.says(t, "owning the store")
		}
		var struckAt time.Time
		delay := time.NewTimer(10*time.Millisecond + time.Duration(rng.Int64N(int64(90*time.Millisecond))))
	running:
		for {
			select {
			case _, ok := <-c.lines:
				if !ok {
					break running // it had nothing left to do
				}
			case <-delay.C:
				struckAt = time.Now()
				_ = c.Process.Signal(sig) // it may just have ended
				break running
			}
		}
		delay.Stop()
		code := c.ends(t)
		switch {
		case sig == syscall.SIGKILL:
			require.NotEqual(t, exitBadInput, code, "cycle %d", i)
		case !struckAt.IsZero():
			require.Contains(t, []int{exitInterrupted, exitOK, exitUnwanted}, code, "cycle %d: it does not end in order", i)
			require.Less(t, time.Since(struckAt), orderly, "cycle %d", i)
		}
		if code == -1 || code == exitInterrupted {
			struck++
		}
	}
	lost := unknown(t, p)
	p.write(t, orders)
	last := begin(t, variant, "-latency", latency, "-approve", "all", "-db", p.db, p.orders)
	code := last.endsWithin(t, time.Minute+time.Duration(times)*time.Second) // all the orders of all cycles
	require.Contains(t, []int{exitOK, exitUnwanted}, code)
	return append(lost, audit(orders, stored(t, p, orders), p.entries(t))...)
}

// orderly is how long the command may take to end after SIGTERM: steps have a
// second, and what ignores its context is left behind after the host's grace.
const orderly = 11 * time.Second

// unknown lists effects of orders that the database does not know: nothing may
// happen for an order before its start is durable.
func unknown(t *testing.T, p place) (wrong []string) {
	t.Helper()
	st, err := sqlite.Open(t.Context(), p.db, sqlite.Config{})
	require.NoError(t, err)
	defer func() { require.NoError(t, st.Close()) }()
	for _, e := range p.entries(t) {
		id := e.Key[:strings.LastIndexByte(e.Key, '/')]
		if _, err := st.Load(t.Context(), id); err != nil {
			wrong = append(wrong, fmt.Sprintf("%s under %s: %v", e.Effect, e.Key, err))
		}
	}
	return wrong
}

// stored reads how orders ended from the database.
func stored(t *testing.T, p place, orders []order) map[string]end {
	t.Helper()
	st, err := sqlite.Open(t.Context(), p.db, sqlite.Config{})
	require.NoError(t, err)
	defer func() { require.NoError(t, st.Close()) }()
	ends := map[string]end{}
	for _, o := range orders {
		i, err := pipeline.GetOrderPipeline(wfe.NewClient(st), o.ID).Get(t.Context())
		require.NoError(t, err, "an order is lost")
		ends[o.ID] = settled(i)
	}
	return ends
}

func TestNoKillLosesOrRepeatsAnything(t *testing.T) {
	t.Parallel()
	require.Empty(t, torture(t, "order", "1ms", syscall.SIGKILL, setting(t, "WFE_TORTURE_CYCLES", tortureCycles)))
}

func TestNoOrderlyEndLosesOrRepeatsAnything(t *testing.T) {
	t.Parallel()
	require.Empty(t, torture(t, "order", "20ms", syscall.SIGTERM, setting(t, "WFE_TORTURE_STOPS", tortureCycles/5)))
}

// The audit must find what a wrong program does: one that gives the outside world
// another key after a crash.
func TestTheAuditFindsKeysThatChangeAfterACrash(t *testing.T) {
	t.Parallel()
	require.NotEmpty(t, torture(t, "forgetful", "20ms", syscall.SIGKILL, 12))
}

// forgetful is the command with that fault.
func forgetful() int {
	ctx := context.Background()
	o, err := parse(os.Args[1:], os.Stderr)
	if errors.Is(err, flag.ErrHelp) || err != nil {
		return exitBadInput
	}
	err = func() error {
		orders, err := readOrders(o.orders)
		if err != nil {
			return err
		}
		approvals, err := toApprove(o.approve, orders)
		if err != nil {
			return err
		}
		st, err := sqlite.Open(ctx, o.db, sqlite.Config{})
		if err != nil {
			return err
		}
		h := wfe.NewHost(st, wfe.Config{Logger: slog.New(slog.NewTextHandler(os.Stderr, nil))})
		w := forgetfulWorld{outside.New(o.db+".ledger", o.latency, os.Stdout), "~" + strconv.Itoa(os.Getpid())}
		if err := pipeline.Register(h, pipeline.NewSteps(w, w, w)); err != nil {
			return err
		}
		if err := h.Start(ctx); err != nil {
			return err
		}
		handles, err := start(ctx, h, orders, approvals)
		if err != nil {
			return err
		}
		_, err = watch(ctx, h, handles, approvals, os.Stdout)
		return err
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return exitBadInput
	}
	return exitOK
}

// forgetfulWorld calls the outside world under keys of this process.
type forgetfulWorld struct {
	*outside.World
	process string
}

func (w forgetfulWorld) Charge(ctx context.Context, key, card string, cents int64) (string, error) {
	return w.World.Charge(ctx, key+w.process, card, cents)
}

func (w forgetfulWorld) Refund(ctx context.Context, key, charge string) error {
	return w.World.Refund(ctx, key+w.process, charge+w.process)
}

func (w forgetfulWorld) Reserve(ctx context.Context, key, sku string, qty int) (string, error) {
	return w.World.Reserve(ctx, key+w.process, sku, qty)
}

func (w forgetfulWorld) Release(ctx context.Context, key, reserve string) error {
	return w.World.Release(ctx, key+w.process, reserve+w.process)
}

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/wfegen/wfe/examples/order/outside"
	"github.com/wfegen/wfe/examples/order/pipeline"
)

// child, in the environment, makes this test binary the command itself.
const child = "WFE_ORDER_CHILD"

func TestMain(m *testing.M) {
	switch os.Getenv(child) {
	case "order":
		main()
	case "forgetful":
		os.Exit(forgetful())
	}
	goleak.VerifyTestMain(m)
}

// command returns the command as a process of its own, in the given variant.
func command(t *testing.T, variant string, args ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	require.NoError(t, err)
	c := exec.Command(exe, args...)
	c.Env = append(os.Environ(), child+"="+variant)
	return c
}

// process is a running command; its standard error is read line by line.
type proc struct {
	*exec.Cmd
	lines chan string // closed at the end
}

func begin(t *testing.T, variant string, args ...string) *proc {
	t.Helper()
	p := &proc{command(t, variant, args...), make(chan string, 1000)}
	stderr, err := p.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, p.Start())
	go func() {
		defer close(p.lines)
		for in := bufio.NewScanner(stderr); in.Scan(); {
			p.lines <- in.Text()
		}
		_, _ = io.Copy(io.Discard, stderr)
	}()
	t.Cleanup(func() {
		_ = p.Process.Kill()
		_ = p.Wait()
	})
	return p
}

// says waits until the process has said something.
func (p *proc) says(t *testing.T, text string) {
	t.Helper()
	late := time.After(20 * time.Second)
	for {
		select {
		case line, ok := <-p.lines:
			require.True(t, ok, "it ended without saying %q", text)
			if strings.Contains(line, text) {
				return
			}
		case <-late:
			require.FailNow(t, "too late", "it has not said %q", text)
		}
	}
}

// ends waits for the end of the process and returns its exit code.
func (p *proc) ends(t *testing.T) int {
	t.Helper()
	return p.endsWithin(t, 30*time.Second)
}

// endsWithin kills it after a time.
func (p *proc) endsWithin(t *testing.T, d time.Duration) int {
	t.Helper()
	stop := time.AfterFunc(d, func() { _ = p.Process.Kill() })
	defer stop.Stop()
	for range p.lines { // Wait closes the pipe
	}
	_ = p.Wait()
	return p.ProcessState.ExitCode()
}

// place is where one test keeps its files.
type place struct{ db, ledger, orders string }

func newPlace(t *testing.T, orders ...order) place {
	t.Helper()
	dir := t.TempDir()
	p := place{filepath.Join(dir, "o.db"), filepath.Join(dir, "o.db.ledger"), filepath.Join(dir, "orders.json")}
	p.write(t, orders)
	return p
}

func (p place) write(t *testing.T, orders []order) {
	t.Helper()
	b, err := json.MarshalIndent(orders, "", "  ")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(p.orders, b, 0o600))
}

// entries reads the ledger.
func (p place) entries(t *testing.T) []outside.Entry {
	t.Helper()
	f, err := os.Open(p.ledger)
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	entries, err := outside.ReadLedger(f)
	require.NoError(t, err)
	return entries
}

// shapes returns orders of every shape, whose ids begin with prefix. large ones
// complete once they are approved.
func shapes(prefix string) []order {
	mug, pen, none := pipeline.Item{SKU: "mug", Qty: 1}, pipeline.Item{SKU: "pen", Qty: 3}, pipeline.Item{SKU: "unobtainium", Qty: 1}
	items := func(i ...pipeline.Item) []pipeline.Item { return i }
	var orders []order
	add := func(card string, cents int64, want end, items []pipeline.Item) {
		id := fmt.Sprintf("%s-%d", prefix, len(orders))
		orders = append(orders, order{pipeline.Order{ID: id, Email: id + "@example.com", Card: card, Cents: cents, Items: items}, want})
	}
	add("visa", 500, complete, items(mug))
	add("visa", 900, complete, items(mug, pen, mug))
	add("visa", 700, terminated, items(mug, none, pen))
	add("declined-twice", 800, complete, items(pen, mug))
	add("stolen", 650, terminated, items(mug, pen))
	add("visa", pipeline.Large+1, complete, items(mug, pen))
	add("visa", 300, complete, nil)
	add("visa", 0, terminated, items(mug))
	return orders
}

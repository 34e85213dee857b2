package main

import (
	"bytes"
	"context"
	"database/sql"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3"
	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/examples/order/pipeline"
)

// output collects what the command prints; it may be written to at any time.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// perform runs the command in this process.
func (p place) perform(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs output
	code = run(t.Context(), append([]string{"-latency", "1ms", "-db", p.db}, args...), &out, &errs)
	return code, out.String(), errs.String()
}

func small(id string, want end) order {
	return order{pipeline.Order{ID: id, Email: "a@example.com", Card: "visa", Cents: 100, Items: []pipeline.Item{{SKU: "mug", Qty: 1}}}, want}
}

func large(id string, want end) order {
	o := small(id, want)
	o.Cents = pipeline.Large + 1
	return o
}

func TestTheExitCodeSaysWhetherEachOrderEndedAsWanted(t *testing.T) {
	t.Parallel()
	none := small("none", "")
	none.Items[0].SKU = "unobtainium"
	for want, orders := range map[int][]order{
		exitOK:       {small("a", complete), small("b", ""), large("c", waiting), none},
		exitUnwanted: {small("a", terminated)},
	} {
		p := newPlace(t, orders...)
		code, stdout, stderr := p.perform(t, p.orders)
		require.Equal(t, want, code, stdout+stderr)
	}
}

func TestTheSampleEndsAsItWants(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	code, stdout, stderr := p.perform(t, "-approve", "all")
	require.Equal(t, exitOK, code, stdout+stderr)
	require.Contains(t, stdout, "0 suspended, 0 waiting")
}

func TestBadInputIsRefusedByNameAndNothingIsWritten(t *testing.T) {
	t.Parallel()
	one := `{"id": "a", "email": "e", "card": "visa", "cents": 5, "items": []}`
	for name, c := range map[string]struct {
		file string
		args []string
		says []string
	}{
		"a file that does not parse":   {"[\n" + one + ",\n  {\"id\": }\n]", nil, []string{"orders.json", "line 3"}},
		"a file that ends too early":   {"[\n" + one + ",\n", nil, []string{"orders.json", "line 3"}},
		"a file that is no array":      {one, nil, []string{"orders.json", "write an array"}},
		"an order that does not fit":   {"[" + one + `, {"id": "b", "cents": "many"}]`, nil, []string{"order 2", `"cents" is a JSON string`, "int64"}},
		"an order that is no object":   {"[" + one + ", 3]", nil, []string{"order 2", "write an object"}},
		"an order of unknown fields":   {"[" + one + `, {"id": "b", "colour": 1}]`, nil, []string{"order 2", "colour"}},
		"an order without an id":       {"[" + one + `, {}]`, nil, []string{"order 2", "id"}},
		"an order with a long id":      {"[" + one + `, {"id": "` + strings.Repeat("x", 256) + `"}]`, nil, []string{"order 2", "256"}},
		"two orders of one id":         {"[" + one + "," + one + "]", nil, []string{"order 2", `"a"`, "order 1"}},
		"a want that there is not":     {`[{"id": "a", "want": "happy"}]`, nil, []string{"order 1", "happy"}},
		"an approval for no one":       {"[" + one + "]", []string{"-approve", "b"}, []string{"-approve", `"b"`}},
		"an approval of a small order": {"[" + one + "]", []string{"-approve", "a"}, []string{"-approve", `"a"`}},
		"a flag that there is not":     {"[]", []string{"-fast"}, []string{"-fast"}},
		"a latency below 0":            {"[]", []string{"-latency", "-1s"}, []string{"-latency", "0 or more"}},
		"two files":                    {"[]", []string{"other.json"}, []string{"2 files"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			require.NoError(t, os.WriteFile(p.orders, []byte(c.file), 0o600))
			code, _, stderr := p.perform(t, append(c.args, p.orders)...)
			require.Equal(t, exitBadInput, code, stderr)
			for _, text := range c.says {
				require.Contains(t, stderr, text)
			}
			require.NoFileExists(t, p.db)
			require.NoFileExists(t, p.ledger)
		})
	}
	p := newPlace(t)
	code, _, stderr := p.perform(t, p.orders+".missing")
	require.Equal(t, exitBadInput, code)
	require.Contains(t, stderr, p.orders+".missing")
}

func TestADatabaseThatCannotBeUsedIsRefusedAndLeftAsItWas(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(t *testing.T, db string)
		says  []string
	}{
		"of a newer schema": {func(t *testing.T, db string) {
			c, err := sql.Open("sqlite3", db)
			require.NoError(t, err)
			_, err = c.Exec("PRAGMA user_version = 99")
			require.NoError(t, err)
			require.NoError(t, c.Close())
		}, []string{"99", "newer"}},
		"read-only": {func(t *testing.T, db string) {
			require.NoError(t, os.Chmod(db, 0o400))
		}, []string{"cannot be written", "writable"}},
		"that is none": {func(t *testing.T, db string) {
			require.NoError(t, os.WriteFile(db, bytes.Repeat([]byte("not a database "), 1000), 0o600))
		}, []string{"not an SQLite database"}},
		"that is damaged": {func(t *testing.T, db string) {
			b, err := os.ReadFile(db)
			require.NoError(t, err)
			copy(b[4096:], bytes.Repeat([]byte{0xAA}, len(b)-4096))
			require.NoError(t, os.WriteFile(db, b, 0o600))
		}, []string{"damaged"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, small("a", ""))
			code, _, stderr := p.perform(t, p.orders)
			require.Equal(t, exitOK, code, stderr)
			c.spoil(t, p.db)
			before, err := os.ReadFile(p.db)
			require.NoError(t, err)
			ledger := p.entries(t)

			p.write(t, []order{small("b", "")})
			code, _, stderr = p.perform(t, p.orders)
			require.Equal(t, exitBadInput, code, stderr)
			for _, text := range append(c.says, p.db) {
				require.Contains(t, stderr, text)
			}
			after, err := os.ReadFile(p.db)
			require.NoError(t, err)
			require.True(t, bytes.Equal(before, after), "the database was changed")
			require.Equal(t, ledger, p.entries(t))
		})
	}
}

func TestAnOrderOfAnUnknownDefinitionIsNamedAndLeftAsItWas(t *testing.T) {
	t.Parallel()
	p := newPlace(t, large("a", ""))
	code, _, stderr := p.perform(t, p.orders)
	require.Equal(t, exitOK, code, stderr)
	c, err := sql.Open("sqlite3", p.db)
	require.NoError(t, err)
	_, err = c.Exec(`UPDATE definition SET hash = 'old', body = CAST(replace(CAST(body AS TEXT), 'order-pipeline', 'order-of-old') AS BLOB)
			WHERE hash IN (SELECT def FROM instance);
		UPDATE instance SET def = 'old'`)
	require.NoError(t, err)
	require.NoError(t, c.Close())

	code, _, stderr = p.perform(t, "-approve", "a", p.orders)
	require.Equal(t, exitBadInput, code, stderr)
	for _, text := range []string{"instance a", "order-of-old version 1", "register it", "-reset"} {
		require.Contains(t, stderr, text)
	}
	require.NoFileExists(t, p.ledger)
}

func TestASecondRunStartsNothingTwice(t *testing.T) {
	t.Parallel()
	orders := shapes("o")
	p := newPlace(t, orders...)
	code, stdout, stderr := p.perform(t, "-approve", "all", p.orders)
	require.Equal(t, exitOK, code, stdout+stderr)
	ledger := p.entries(t)
	code, stdout, stderr = p.perform(t, "-approve", "all", p.orders)
	require.Equal(t, exitOK, code, stdout+stderr)
	require.Equal(t, ledger, p.entries(t))
	require.Empty(t, audit(orders, stored(t, p, orders), ledger))
}

func TestAnIdOfAnotherOrderIsRefused(t *testing.T) {
	t.Parallel()
	p := newPlace(t, small("a", ""))
	code, _, stderr := p.perform(t, p.orders)
	require.Equal(t, exitOK, code, stderr)
	p.write(t, []order{large("a", "")})
	code, _, stderr = p.perform(t, p.orders)
	require.Equal(t, exitBadInput, code)
	require.Contains(t, stderr, `"a"`)
	require.Contains(t, stderr, "other data")
}

func TestALargeOrderWaitsForItsApproval(t *testing.T) {
	t.Parallel()
	p := newPlace(t, large("a", waiting), large("b", waiting))
	code, stdout, stderr := p.perform(t, p.orders)
	require.Equal(t, exitOK, code, stdout+stderr)
	require.Contains(t, stdout, "-approve a")
	require.NoFileExists(t, p.ledger)

	p.write(t, []order{large("a", complete), large("b", waiting)})
	code, stdout, stderr = p.perform(t, "-approve", "a", p.orders)
	require.Equal(t, exitOK, code, stdout+stderr)

	p.write(t, []order{large("a", complete), large("b", complete)})
	code, stdout, stderr = p.perform(t, "-approve", "all", p.orders)
	require.Equal(t, exitOK, code, stdout+stderr)
}

func TestResetBeginsAnew(t *testing.T) {
	t.Parallel()
	p := newPlace(t, large("a", complete))
	code, _, stderr := p.perform(t, "-approve", "all", p.orders)
	require.Equal(t, exitOK, code, stderr)
	p.write(t, []order{large("a", waiting)})
	code, stdout, stderr := p.perform(t, "-reset", p.orders)
	require.Equal(t, exitOK, code, stdout+stderr)
	require.NoFileExists(t, p.ledger)
}

func TestResetLeavesAloneWhatAnotherProcessWorksOn(t *testing.T) {
	t.Parallel()
	orders := []order{small("a", complete)}
	p := newPlace(t, orders...)
	c := begin(t, "order", "-latency", "1h", "-db", p.db, p.orders)
	c.says(t, "owning the store")
	code, _, stderr := p.perform(t, "-reset", p.orders)
	require.Equal(t, exitBadInput, code)
	require.Contains(t, stderr, "stop it first")
	require.NoError(t, c.Process.Kill())
	c.ends(t)
	code, stdout, stderr := p.perform(t, p.orders) // everything is still there
	require.Equal(t, exitOK, code, stdout+stderr)
	require.Empty(t, audit(orders, stored(t, p, orders), p.entries(t)))
}

func TestCtrlCEndsItInOrderAndTheNextRunGoesOn(t *testing.T) {
	t.Parallel()
	orders := []order{small("a", complete), small("b", complete)}
	p := newPlace(t, orders...)
	c := begin(t, "order", "-latency", "1h", "-db", p.db, p.orders)
	c.says(t, "owning the store")
	require.NoError(t, c.Process.Signal(os.Interrupt))
	require.Equal(t, exitInterrupted, c.ends(t))

	code, stdout, stderr := p.perform(t, p.orders)
	require.Equal(t, exitOK, code, stdout+stderr)
	require.Empty(t, audit(orders, stored(t, p, orders), p.entries(t)))

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.Equal(t, exitInterrupted, run(ctx, []string{"-db", p.db, p.orders}, &output{}, &output{}))
}

func TestASecondSignalEndsItAtOnceAndNothingIsLost(t *testing.T) {
	t.Parallel()
	orders := []order{small("a", complete)}
	p := newPlace(t, orders...)
	// Running steps have a second after the first signal. Was none running yet, the
	// program has ended in order.
	code := exitInterrupted
	for delay := 200 * time.Millisecond; code == exitInterrupted; delay *= 2 {
		require.Less(t, delay, time.Minute, "no step ever runs")
		c := begin(t, "order", "-latency", "1h", "-db", p.db, p.orders)
		c.says(t, "owning the store")
		time.Sleep(delay)
		ended := make(chan int, 1)
		go func() { ended <- c.ends(t) }()
		for running := true; running; {
			_ = c.Process.Signal(syscall.SIGTERM)
			select {
			case code = <-ended:
				running = false
			case <-time.After(20 * time.Millisecond):
			}
		}
	}
	require.Equal(t, -1, code, "a signal ended it, not the program")
	code, stdout, stderr := p.perform(t, p.orders)
	require.Equal(t, exitOK, code, stdout+stderr)
	require.Empty(t, audit(orders, stored(t, p, orders), p.entries(t)))
}

func TestASecondProcessWaitsAndTakesOverWhenTheFirstIsKilled(t *testing.T) {
	t.Parallel()
	orders := []order{small("a", complete), small("b", complete)}
	p := newPlace(t, orders...)
	first := begin(t, "order", "-latency", "1h", "-db", p.db, p.orders)
	first.says(t, "owning the store")
	second := begin(t, "order", "-latency", "1ms", "-db", p.db, p.orders)
	second.says(t, "standby")
	require.NoError(t, first.Process.Signal(syscall.SIGKILL))
	second.says(t, "owning the store")
	require.Equal(t, exitOK, second.ends(t))
	require.Empty(t, audit(orders, stored(t, p, orders), p.entries(t)))
}

func TestAStandbyEndsWithCtrlC(t *testing.T) {
	t.Parallel()
	p := newPlace(t, small("a", complete))
	first := begin(t, "order", "-latency", "1h", "-db", p.db, p.orders)
	first.says(t, "owning the store")
	second := begin(t, "order", "-db", p.db, p.orders)
	second.says(t, "standby")
	require.NoError(t, second.Process.Signal(syscall.SIGTERM))
	require.Equal(t, exitInterrupted, second.ends(t))
}

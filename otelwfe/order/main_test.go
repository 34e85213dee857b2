package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// The test's binary is the program, too: a process that can be killed.
func TestMain(m *testing.M) {
	if args := os.Getenv("ORDER_ARGS"); args != "" {
		if err := run(context.Background(), strings.Fields(args), os.Stdout, os.Stderr); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// span is what the exporter of spans writes.
type span struct {
	Name        string
	SpanContext struct{ TraceID, SpanID string }
	Parent      struct{ SpanID string }
	Attributes  []struct {
		Key   string
		Value struct{ Value any }
	}
}

func (s span) attr(key string) string {
	for _, a := range s.Attributes {
		if a.Key == key {
			return fmt.Sprint(a.Value.Value)
		}
	}
	return ""
}

// read returns the spans in an output; what a kill has cut off is left out.
func read(out io.Reader) (spans []span) {
	d := json.NewDecoder(out)
	for {
		var s span
		if d.Decode(&s) != nil {
			return spans
		}
		if s.Name != "" {
			spans = append(spans, s)
		}
	}
}

// Killed with -9 again and again, each order has one trace from its start to its end.
func TestOrder_HasOneTraceHoweverOftenItIsKilled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	args := "ORDER_ARGS=-latency 100ms -db " + filepath.Join(dir, "order.db")
	var all []span
	for after := 1; ; after += 4 {
		file := filepath.Join(dir, fmt.Sprint(after))
		out, err := os.Create(file)
		require.NoError(t, err)
		cmd := exec.Command(os.Args[0])
		cmd.Env, cmd.Stdout = append(os.Environ(), args), out
		calls, err := cmd.StderrPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		killed := false
		seen, line := 0, make([]byte, 1)
		for { // each call of the outside world writes a line
			if _, err := calls.Read(line); err != nil {
				break
			}
			if line[0] == '\n' {
				if seen++; seen == after+2 && after < 12 {
					killed = true
					require.NoError(t, cmd.Process.Kill())
				}
			}
		}
		err = cmd.Wait()
		require.NoError(t, out.Close())
		text, e := os.ReadFile(file)
		require.NoError(t, e)
		require.NotContains(t, string(text), "visa-000", "a card is secret")
		all = append(all, read(bytes.NewReader(text))...)
		if !killed {
			require.NoError(t, err)
			break
		}
	}
	for _, o := range orders {
		traces := map[string]int{}
		names := map[string]int{}
		for _, s := range all {
			if s.attr("wfe.instance.id") == o.ID {
				traces[s.SpanContext.TraceID]++
				names[s.Name]++
			}
		}
		require.Len(t, traces, 1, "%s: %v", o.ID, names)
		if o.ID == "stolen" { // it ends long after the last kill; of others that span may be lost with a process
			require.Equal(t, 1, names["run order-pipeline"], "%s: %v", o.ID, names)
			require.Positive(t, names["undo payment/for-items/reserve-stock"], "%v", names)
		}
	}
}

func TestOrder_SendsSpansAndMetricsToACollector(t *testing.T) {
	var mu sync.Mutex
	got := map[string]string{}
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		got[r.URL.Path] += string(body)
	}))
	defer collector.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.URL)
	var out, shown output
	require.NoError(t, run(t.Context(), []string{"-otel", "otlp", "-latency", "1ms", "-db", filepath.Join(t.TempDir(), "order.db")}, &out, &shown))
	require.Empty(t, out.String())
	require.Contains(t, got["/v1/traces"], "step payment/charge-card")
	require.Contains(t, got["/v1/metrics"], "wfe.instance.completed")
	require.NotContains(t, got["/v1/traces"]+got["/v1/metrics"], "visa-000")
	require.Contains(t, shown.String(), "small    complete")
	require.Contains(t, shown.String(), "stolen   terminated: the card was declined")
}

func TestOrder_SaysWhatOtelMayBe(t *testing.T) {
	t.Parallel()
	err := run(t.Context(), []string{"-otel", "jaeger"}, io.Discard, io.Discard)
	require.EqualError(t, err, `-otel is "jaeger"; it can be stdout or otlp`)
}

// output is a buffer that steps which run at the same time write to.
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

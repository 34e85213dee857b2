package wfe_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/codec"
	"github.com/wfegen/wfe/runtime/store/memory"
)

// safe is data with a secret.
type safe struct {
	Token string `wfe:"secret"`
	Mode  string
}

// pick is a step with a secret input and a secret output.
type pick struct {
	Token string `wfe:"secret"`
	Mode  string
	Lock  string `wfe:"out,secret"`
}

func (s *pick) run(ctx wfe.StepContext) (wfe.Result, error) {
	token := s.Token
	s.Token, s.Lock = "", "canary-lock"
	ctx.Logger().Debug("picking "+s.Lock, "token", token, "step", s)
	switch s.Mode {
	case "panic":
		panic("canary-lock is stuck on " + token)
	case "outcome":
		return ctx.Outcome(func() {}), fmt.Errorf("no %q: %w", token, context.Canceled)
	}
	return ctx.Next(), fmt.Errorf(`GET https://example.com/?t=%s: {"lock":%q}`, token, s.Lock)
}

type safeBuilder struct{ wfe.Block[safe, *safeBuilder] }

// hoard is a place where logs are written at the same time.
type hoard struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (h *hoard) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.b.Write(p)
}

func (h *hoard) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.b.String()
}

func TestSecretsAreInNoErrorAndNoLog(t *testing.T) {
	for _, mode := range []string{"panic", "error", "outcome", "wiring"} {
		t.Run(mode, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				var logs hoard
				h := wfe.NewHost(memory.New(), wfe.Config{Logger: slog.New(slog.NewTextHandler(&logs, &slog.HandlerOptions{Level: slog.LevelDebug}))})
				step := wfe.Step[pick]{Name: "pick", Codec: codec.JSON[pick](), Steer: (*pick).run, Retry: &wfe.RetryPolicy{MaxRetries: 1, Then: wfe.Terminate}}
				ref := wfe.Ref[safe]{ID: "safe", Data: codec.JSON[safe]()}
				require.NoError(t, h.Register(wfe.NewStepSet("test", step), nil, wfe.Workflow[safe, *safeBuilder]{ID: "safe", Version: 1, Data: ref.Data,
					New: func(b wfe.Block[safe, *safeBuilder]) *safeBuilder { return &safeBuilder{b} },
					Build: func(b *safeBuilder) {
						b.Saga("all", func(b *safeBuilder) {
							b.Set("look", func(d *safe) {
								if d.Mode == "wiring" {
									panic("cannot use " + d.Token)
								}
							})
							wfe.Then(b, func(d *safe, s *pick) { s.Token, s.Mode = d.Token, d.Mode })
						})
					}}))
				require.NoError(t, h.Start(t.Context()))
				t.Cleanup(func() { _ = h.Stop(now()) })
				run, err := wfe.Start(t.Context(), h, ref, &safe{Token: "canary-token", Mode: mode})
				require.NoError(t, err)
				_, err = run.Wait(t.Context())
				var ended *wfe.EndedError
				require.ErrorAs(t, err, &ended)
				require.Contains(t, ended.Message, "[secret]")
				require.NotContains(t, fmt.Sprintf("%+v %v", ended, err), "canary")
				require.NotContains(t, logs.String(), "canary")
				if mode != "wiring" {
					require.Contains(t, logs.String(), "picking [secret]")
				}
			})
		})
	}
}

package wfe

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"

	"github.com/wfegen/wfe/runtime/codec"
	"github.com/wfegen/wfe/runtime/internal/poll"
)

// StepFunc runs the body of a step: a run of its Run, its Undo or, for a Func, its
// function.
type StepFunc func(ctx StepContext) (Result, error)

// StepMiddleware wraps the runs of all bodies of a host. The first one of
// Config.StepMiddleware is the outermost. What it does is part of the run: it is
// repeated with it, its error is the step's, its panic too, and the step's timeout
// bounds it. It may hand on another context:
//
//	ctx.Context = context.WithValue(ctx.Context, key, value)
//	return next(ctx)
type StepMiddleware func(next StepFunc) StepFunc

// StartFunc starts an instance, and returns when that is durable.
type StartFunc func(ctx context.Context, s StartInfo) error

// StartMiddleware wraps the starts that a host serves, also those that other
// processes asked for; not those of sub-workflows. The first one of
// Config.StartMiddleware is the outermost. An error before next refuses the start,
// and the caller gets it.
type StartMiddleware func(next StartFunc) StartFunc

// StartInfo is what is to be started.
type StartInfo struct {
	Workflow string // id of the workflow
	Version  int    // 0 is the newest
	ID       string
	Data     json.RawMessage // not to be changed
}

// surroundings is what the bodies of a host run in.
type surroundings struct {
	log   *slog.Logger
	steps []StepMiddleware
	poll  *poll.Client
}

func (s surroundings) run(ctx StepContext, body StepFunc) (Result, error) {
	for _, m := range slices.Backward(s.steps) {
		body = m(body)
	}
	return body(ctx)
}

// begin starts an instance through the host's middleware.
func (h *Host) begin(ctx context.Context, r startRequest) error {
	start := func(ctx context.Context, _ StartInfo) error { return h.start(ctx, r) }
	if len(h.config.StartMiddleware) == 0 {
		return start(ctx, StartInfo{})
	}
	_, data, err := codec.SplitHeader(r.Data)
	if err != nil {
		return err
	}
	for _, m := range slices.Backward(h.config.StartMiddleware) {
		start = m(start)
	}
	return start(ctx, StartInfo{r.Workflow, r.Version, r.ID, data})
}

package wfe

import (
	"context"
	"encoding/json"
	"errors"
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
// processes asked for; not those of children. The first one of
// Config.StartMiddleware is the outermost. An error before next refuses the start,
// and the caller gets it. Another process has its answer with the start, as soon as
// that is durable: an error behind next is logged then.
type StartMiddleware func(next StartFunc) StartFunc

// StartInfo is what is to be started.
type StartInfo struct {
	Workflow string // id of the workflow
	Version  int    // 0 is the newest
	ID       string
	Data     json.RawMessage // not to be changed
}

// EndFunc does what follows the end of an instance.
type EndFunc func(ctx context.Context, e EndInfo) error

// EndMiddleware is for what follows the end of an instance: to tell another system,
// to archive it. The first one of Config.EndMiddleware is the outermost; behind the
// last one nothing is done. It runs at least once for each instance that ends while
// there is one: after a crash, or when the host stops meanwhile, again by the next
// host. Its error is logged. Nobody who waits for the end waits for it.
type EndMiddleware func(next EndFunc) EndFunc

// EndInfo is what has ended, and how.
type EndInfo struct {
	Workflow string // id of the workflow
	Version  int
	ID       string
	Status   Status // Complete or Terminated
	Reason   Reason // of a Terminated one
	Failure  *Failure
	Data     json.RawMessage
}

// surroundings is what the bodies of a host run in.
type surroundings struct {
	log   *slog.Logger
	types *types
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

// afterEnd returns what the host calls for instances that have ended; nil without
// middleware for that.
func (h *Host) afterEnd() func(ctx context.Context, id string) error {
	if len(h.config.EndMiddleware) == 0 {
		return nil
	}
	end := func(context.Context, EndInfo) error { return nil }
	for _, m := range slices.Backward(h.config.EndMiddleware) {
		end = m(end)
	}
	return func(ctx context.Context, id string) error {
		_, s, d, err := read(ctx, h, id)
		if errors.Is(err, ErrNotFound) { // it was purged meanwhile
			return nil
		}
		if err != nil {
			return err
		}
		_, data, err := codec.SplitHeader(s.Data.Whole())
		if err != nil {
			return err
		}
		return end(ctx, EndInfo{d.Name, d.Version, id, s.Status, s.Reason, failure(s), data})
	}
}

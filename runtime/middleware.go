package wfe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"

	"github.com/wfegen/wfe/runtime/codec"
	"github.com/wfegen/wfe/runtime/internal/host"
	"github.com/wfegen/wfe/runtime/internal/poll"
	"github.com/wfegen/wfe/runtime/internal/tracing"
)

// StepFunc runs the body of a step: a run of its Run, its Undo or, for a Func, its
// function.
type StepFunc func(ctx StepContext) (Result, error)

// StepMiddleware wraps the runs of all bodies of a host. The first one of
// Config.StepMiddleware is the outermost. What it does is part of the run: it is
// repeated with it, its error is the step's, its panic too, and the step's timeout
// bounds it. It is called once for a host, and what it returns for each run. That may
// hand on another context, in the StepContext that it was given:
//
//	ctx.Context = context.WithValue(ctx.Context, key, value)
//	return next(ctx)
type StepMiddleware func(next StepFunc) StepFunc

// StartFunc starts an instance, and returns when that is durable.
type StartFunc func(ctx context.Context, s StartInfo) error

// StartMiddleware wraps the starts that a host serves, also those that other
// processes asked for, and those of children. The first one of
// Config.StartMiddleware is the outermost. An error before next refuses the start,
// and the caller gets it: of a child the node that starts it has failed with it.
// Another process has its answer with the start, as soon as that is durable: an error
// behind next is logged then. The start of a child, and one that another process asks
// for, may come here again after a crash. A span in the context that is handed on is
// where the trace of the instance begins.
type StartMiddleware func(next StartFunc) StartFunc

// StartInfo is what is to be started.
type StartInfo struct {
	Workflow string // id of the workflow
	Version  int    // 0 is the newest
	ID       string
	Parent   string          // id of the instance that starts it; "" if none does
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

// PollFunc makes one request of a Poll.
type PollFunc func(ctx StepContext, r PollRequest) (Response, error)

// PollMiddleware wraps the requests of all Polls of a host. The first one of
// Config.PollMiddleware is the outermost. It is called once for a host, and what it
// returns for each request; the bound of one request is one of it too. Its error is no
// answer yet, a Permanent one ends the node. It may hand on another context, in the
// StepContext that it was given, and a request with more headers. What it sees may
// hold secrets: StepContext.Redact.
type PollMiddleware func(next PollFunc) PollFunc

// PollRequest is what a Poll asks, with its placeholders filled.
type PollRequest = poll.Request

// surroundings is what the bodies of a host run in.
type surroundings struct {
	log       *slog.Logger
	types     *types
	bodies    StepFunc   // the middleware around them, see chain
	asks      PollFunc   // the requests of Polls, with the middleware around them
	artifacts *artifacts // nil: none
}

func (s surroundings) run(ctx StepContext, body StepFunc) (Result, error) {
	if s.artifacts != nil {
		ctx.volume = &Volume{ctx: ctx.Context, info: ctx.StepInfo, all: s.artifacts}
		defer ctx.volume.close()
	}
	ctx.body = body
	return s.bodies(ctx)
}

// chain is middleware around the body that a StepContext carries, so that a run need
// not put it together.
func chain(all []StepMiddleware) StepFunc {
	bodies := ownBody
	for _, m := range slices.Backward(all) {
		bodies = m(bodies)
	}
	return bodies
}

// ownBody runs the body of a StepContext.
func ownBody(ctx StepContext) (Result, error) {
	if ctx.body == nil {
		return Result{}, Permanent(errors.New("wfe: a StepMiddleware has handed on a StepContext that it has made itself: hand on the one that it was given, with another Context in it"))
	}
	r, err := ctx.body(ctx)
	if err == nil {
		err = r.err
	}
	return r, err
}

// begin starts an instance through the host's middleware.
func (h *Host) begin(ctx context.Context, r startRequest) error {
	start := func(ctx context.Context) error { return h.start(ctx, r) }
	if len(h.config.StartMiddleware) == 0 {
		return start(ctx)
	}
	return h.around(ctx, StartInfo{Workflow: r.Workflow, Version: r.Version, ID: r.ID}, r.Data, start)
}

// around calls start through the host's middleware.
func (h *Host) around(ctx context.Context, s StartInfo, data []byte, start func(context.Context) error) (err error) {
	if _, s.Data, err = codec.SplitHeader(data); err != nil {
		return err
	}
	f := func(ctx context.Context, _ StartInfo) error { return start(ctx) }
	for _, m := range slices.Backward(h.config.StartMiddleware) {
		f = m(f)
	}
	return f(ctx, s)
}

// childStart returns what the host calls for the start of a child; nil without
// middleware for that. Nobody else is there to catch its panic.
func (h *Host) childStart() func(context.Context, host.Start, func(context.Context) error) error {
	if len(h.config.StartMiddleware) == 0 {
		return nil
	}
	return func(ctx context.Context, s host.Start, next func(context.Context) error) error {
		d := s.Workflow.Definition
		return guarded(func() error {
			return h.around(ctx, StartInfo{Workflow: d.Name, Version: d.Version, ID: s.ID, Parent: s.Parent.ID}, s.Data, next)
		})
	}
}

// guarded makes an error of a panic in middleware.
func guarded(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("wfe: a middleware panicked: %v\n%s", v, debug.Stack())
		}
	}()
	return f()
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
		return end(tracing.With(ctx, s.Trace), EndInfo{d.Name, d.Version, id, s.Status, s.Reason, failure(s), data})
	}
}

package wfe

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/internal/host"
	"github.com/wfegen/wfe/runtime/internal/tracing"
	"github.com/wfegen/wfe/runtime/store"
)

// ErrPending says that a request was recorded and is not answered yet: it will be
// done when a process runs a host on the store.
var ErrPending = errors.New("recorded; no host has answered yet")

// replyTimeout is how long a request waits for its answer.
const replyTimeout = 10 * time.Second

// The classes of messages to the owner of a store.
const (
	msgStart   = "start"
	msgCommand = "command"
	msgPurge   = "purge"
)

// NewClient returns a client for a process that does not own st: what it asks for
// is recorded in the store and done, once, by the process that runs a host on it.
// Publishing and reading need no host. Starts, commands and purges return
// ErrPending when none answers within 10 s; Wait waits until its context ends.
func NewClient(st store.Store) Client { return &remote{st, host.SystemClock()} }

type remote struct {
	store store.Store
	clock Clock
}

func (c *remote) begin(ctx context.Context, r startRequest) error {
	r.Trace = tracing.Of(ctx)
	body, err := json.Marshal(r)
	if err != nil {
		return err
	}
	// Equal starts of one id need not be one request: the second finds the instance
	// of the first. One that failed may succeed with the host's next version.
	err = c.ask(ctx, store.Msg{Request: "start/" + rand.Text(), Class: msgStart, Body: body})
	return asked("starting", r.ID, err)
}

func (c *remote) command(ctx context.Context, r commandRequest) error {
	if err := r.check(); err != nil {
		return err
	}
	r.Trace = tracing.Of(ctx)
	body, err := json.Marshal(r)
	if err != nil {
		return err
	}
	err = c.ask(ctx, store.Msg{Request: "command/" + rand.Text(), Class: msgCommand, Target: r.ID, Body: body})
	return asked(string(r.Command), r.ID, err)
}

// asked says what failed, where the host's words do not say it yet.
func asked(doing, id string, err error) error {
	var words *host.ReplyError
	var refused *CommandError
	if err == nil || errors.As(err, &words) || errors.As(err, &refused) {
		return err
	}
	return fmt.Errorf("wfe: %s %q: %w", doing, id, err)
}

// ask posts a message and waits for its reply.
func (c *remote) ask(ctx context.Context, m store.Msg) error {
	_, err := c.request(ctx, m)
	return err
}

// request posts a message and waits for its reply, whose text it returns.
func (c *remote) request(ctx context.Context, m store.Msg) (string, error) {
	if err := c.post(ctx, m); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, replyTimeout, ErrPending)
	defer cancel()
	for {
		r, err := c.store.Reply(ctx, m.Request)
		switch {
		case err == nil:
			return host.Answer(r)
		case ctx.Err() != nil:
			return "", pending(ctx)
		case !errors.Is(err, store.ErrNotFound):
			return "", err
		}
		if err := c.pause(ctx); err != nil {
			return "", pending(ctx)
		}
	}
}

// post records a message. It does so again while it is not known whether that was
// done: the store knows the request.
func (c *remote) post(ctx context.Context, m store.Msg) error {
	patience, cancel := context.WithTimeout(ctx, replyTimeout)
	defer cancel()
	for {
		err := c.store.Post(ctx, []store.Msg{m})
		switch {
		case errors.Is(err, store.ErrFull):
			return ErrInboxFull
		case !errors.Is(err, store.ErrUnknown):
			return err
		}
		if c.pause(patience) != nil {
			return fmt.Errorf("whether it was recorded, and is or will be done, is not known: %w", err)
		}
	}
}

// pending says that ctx has ended before the answer has come.
func pending(ctx context.Context) error {
	if cause := context.Cause(ctx); !errors.Is(cause, ErrPending) {
		return fmt.Errorf("%w (%w)", ErrPending, cause)
	}
	return ErrPending
}

const remotePoll = 10 * time.Millisecond

func (c *remote) pause(ctx context.Context) error {
	tick := make(chan struct{})
	stop := c.clock.AfterFunc(remotePoll, func() { close(tick) })
	defer stop()
	select {
	case <-tick:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (c *remote) publish(ctx context.Context, e store.Event) (instance.Seq, error) {
	if e.Published = c.clock.Now(); e.Due <= e.Published {
		e.Due = 0
	}
	seqs, err := c.store.Publish(ctx, []store.Event{e})
	if err != nil {
		return 0, err
	}
	return seqs[0], nil
}

func (c *remote) purge(ctx context.Context, p store.Purge) (int, error) {
	body, err := json.Marshal(p)
	if err != nil {
		return 0, err
	}
	text, err := c.request(ctx, store.Msg{Request: "purge/" + rand.Text(), Class: msgPurge, Body: body})
	if err != nil {
		return 0, asked("purging", p.ID, err)
	}
	return strconv.Atoi(text)
}

func (c *remote) reader() store.Reader { return c.store }

func (c *remote) load(ctx context.Context, id string) (*store.Row, error) {
	return c.store.Load(ctx, id)
}

// wait polls: only the process that runs the host is woken.
func (c *remote) wait(ctx context.Context, id string) (*store.Row, error) {
	for {
		r, err := c.store.Load(ctx, id)
		if err != nil {
			return nil, notFound(id, err)
		}
		if r.Status.Ended() {
			return r, nil
		}
		if err := c.pause(ctx); err != nil {
			return nil, fmt.Errorf("wfe: waiting for %q: %w", id, err)
		}
	}
}

func (c *remote) definition(ctx context.Context, hash string) (*definition.Definition, error) {
	return readDefinition(ctx, c.store, hash)
}

// blocked: only a host knows.
func (c *remote) blocked(context.Context, string, string) (*BlockedError, error) { return nil, nil }

func (c *remote) newID() string { return rand.Text() }

// about returns the id of the instance that a request is about.
func about(m store.Msg) string {
	var r struct {
		ID string `json:"id"`
	}
	_ = json.Unmarshal(m.Body, &r) // serve says what is wrong with it
	return r.ID
}

// serve does what another process asked for.
func (h *Host) serve(ctx context.Context, m *host.Message) (string, error) {
	switch m.Class {
	case msgStart:
		r, err := decodeRequest(m.Body)
		if err != nil {
			return "", fmt.Errorf("wfe: reading a start request: %w", err)
		}
		r.from = m
		return "", guarded(func() error { return h.begin(tracing.With(ctx, r.Trace), r) })
	case msgCommand:
		var r commandRequest
		if err := json.Unmarshal(m.Body, &r); err != nil {
			return "", fmt.Errorf("wfe: reading a command: %w", err)
		}
		r.from = m
		return "", h.command(tracing.With(ctx, r.Trace), r)
	case msgPurge:
		var p store.Purge
		if err := json.Unmarshal(m.Body, &p); err != nil {
			return "", fmt.Errorf("wfe: reading what to purge: %w", err)
		}
		n, err := h.inner.Load().Purge(ctx, p, m)
		return strconv.Itoa(n), err
	}
	return "", fmt.Errorf("wfe: a request of class %q is not known to this program", m.Class)
}

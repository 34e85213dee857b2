package wfe

import (
	"context"
	"fmt"

	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/internal/host"
	"github.com/wfegen/wfe/runtime/store"
)

// CommandError says that an instance's status does not allow a command: nothing was done.
type CommandError = host.CommandError

// commandRequest is a command on its way, also to the owner of the store.
type commandRequest struct {
	Command host.Command  `json:"command"`
	ID      string        `json:"id"`
	Why     string        `json:"why,omitempty"`
	Trace   []byte        `json:"trace,omitempty"` // the span context of a caller in another process
	from    *host.Message // by which it came; nil if by none
}

// Suspend makes the instance start nothing more. Bodies that run may end; what they
// return is kept until Resume.
func (h Handle[D]) Suspend(ctx context.Context) error { return h.c.Suspend(ctx, h.id) }

// Resume makes a suspended instance run on, from new inputs and with fresh
// attempts of the steps that failed.
func (h Handle[D]) Resume(ctx context.Context) error { return h.c.Resume(ctx, h.id) }

// Retry is Resume for an instance in which a step has failed; any other is a
// *CommandError.
func (h Handle[D]) Retry(ctx context.Context) error { return h.c.Retry(ctx, h.id) }

// Cancel stops the instance and rolls back its open sagas. It returns when that has
// begun; Wait waits for the end, which is Terminated, reason cancelled.
func (h Handle[D]) Cancel(ctx context.Context) error { return h.c.Cancel(ctx, h.id) }

// Terminate ends the instance at once and rolls nothing back: Instance.Left says
// what that leaves. why is kept with it; it may be empty.
func (h Handle[D]) Terminate(ctx context.Context, why string) error {
	return h.c.Terminate(ctx, h.id, why)
}

// Suspend implements [Client].
func (h *Host) Suspend(ctx context.Context, id string) error {
	return h.command(ctx, commandRequest{Command: host.Suspend, ID: id})
}

// Resume implements [Client].
func (h *Host) Resume(ctx context.Context, id string) error {
	return h.command(ctx, commandRequest{Command: host.Resume, ID: id})
}

// Retry implements [Client].
func (h *Host) Retry(ctx context.Context, id string) error {
	return h.command(ctx, commandRequest{Command: host.Retry, ID: id})
}

// Cancel implements [Client].
func (h *Host) Cancel(ctx context.Context, id string) error {
	return h.command(ctx, commandRequest{Command: host.Cancel, ID: id})
}

// Terminate implements [Client].
func (h *Host) Terminate(ctx context.Context, id, why string) error {
	return h.command(ctx, commandRequest{Command: host.Terminate, ID: id, Why: why})
}

func (h *Host) command(ctx context.Context, r commandRequest) error {
	inner := h.inner.Load()
	if inner == nil {
		return ErrStopped
	}
	if err := r.check(); err != nil {
		return err
	}
	return inner.Command(ctx, r.Command, r.ID, r.Why, r.from)
}

func (c *remote) Suspend(ctx context.Context, id string) error {
	return c.command(ctx, commandRequest{Command: host.Suspend, ID: id})
}

func (c *remote) Resume(ctx context.Context, id string) error {
	return c.command(ctx, commandRequest{Command: host.Resume, ID: id})
}

func (c *remote) Retry(ctx context.Context, id string) error {
	return c.command(ctx, commandRequest{Command: host.Retry, ID: id})
}

func (c *remote) Cancel(ctx context.Context, id string) error {
	return c.command(ctx, commandRequest{Command: host.Cancel, ID: id})
}

func (c *remote) Terminate(ctx context.Context, id, why string) error {
	return c.command(ctx, commandRequest{Command: host.Terminate, ID: id, Why: why})
}

// MaxWhy is the bound in bytes of what is said at a Terminate.
const MaxWhy = 4096

func (r commandRequest) check() error {
	if len(r.Why) > MaxWhy {
		return fmt.Errorf("wfe: %s %q: %w: what is said has %d bytes; at most %d are allowed", r.Command, r.ID, ErrTooLarge, len(r.Why), MaxWhy)
	}
	return nil
}

// Left is something that a Terminated instance leaves to be undone.
type Left struct {
	Node string
	Step string // "" is the own compensation of a saga
	// Key is the idempotency key of the run that is not undone.
	Key string
	// InPart says that the step may not have done all its work.
	InPart bool
}

// left lists what a terminated instance leaves to be undone.
func (h Handle[D]) left(ctx context.Context, r *store.Row, s *instance.State, i *Instance[D]) error {
	if s.Status != Terminated || len(s.Undo) == 0 {
		return nil
	}
	d, err := h.c.definition(ctx, r.Definition)
	if err != nil {
		return err
	}
	for _, u := range s.Undo {
		n := &d.Nodes[u.Node]
		i.Left = append(i.Left, Left{Node: n.ID, Step: n.Step, Key: key(s.ID, u.Ptr), InPart: u.InPart})
	}
	return nil
}

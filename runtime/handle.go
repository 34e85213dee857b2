package wfe

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/wfegen/wfe/runtime/engine"
	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/internal/host"
	"github.com/wfegen/wfe/runtime/store"
)

// Status is the state of an instance. The transitions: docs/semantics.md, "Instance".
type Status = instance.Status

// The states of an instance.
const (
	Runnable   = instance.Runnable
	Suspended  = instance.Suspended
	Complete   = instance.Complete
	Terminated = instance.Terminated
)

// Reason says why an instance is Terminated.
type Reason = instance.Reason

// The reasons of a Terminated instance.
const (
	ReasonFailed    = instance.ReasonFailed    // it failed for good
	ReasonCancelled = instance.ReasonCancelled // Cancel: its open sagas were rolled back
	ReasonOperator  = instance.ReasonOperator  // Terminate: nothing was rolled back
)

// Handle is an instance of a workflow over D, as seen by a client.
type Handle[D any] struct {
	c   Client
	ref Ref[D]
	id  string
}

// ID returns the id of the instance.
func (h Handle[D]) ID() string { return h.id }

// Wait returns the result of the instance, its data at the end, once it is
// Complete. One that ends otherwise is an *EndedError, and one that this host
// leaves alone a *BlockedError. In the process of the host Wait is woken;
// elsewhere it looks every 10 ms.
func (h Handle[D]) Wait(ctx context.Context) (D, error) {
	var zero D
	r, err := h.c.wait(ctx, h.id)
	if err != nil {
		return zero, err
	}
	s, err := host.Decode(r)
	if err != nil {
		return zero, fmt.Errorf("wfe: instance %q: %w", h.id, err)
	}
	if s.Status != Complete {
		return zero, ended(s)
	}
	return h.decode(s)
}

// Get returns the instance as it is stored now; ErrNotFound.
func (h Handle[D]) Get(ctx context.Context) (Instance[D], error) {
	r, err := h.c.load(ctx, h.id)
	if err != nil {
		return Instance[D]{}, notFound(h.id, err)
	}
	s, err := host.Decode(r)
	if err != nil {
		return Instance[D]{}, fmt.Errorf("wfe: instance %q: %w", h.id, err)
	}
	data, err := h.decode(s)
	if err != nil {
		return Instance[D]{}, err
	}
	i := Instance[D]{ID: s.ID, Status: s.Status, Reason: s.Reason, Data: data,
		Created: s.Created.Time(), Ended: s.Ended.Time(), Failure: failure(s)}
	i.Cancelling = s.Cancel != instance.Body && !s.Status.Ended()
	i.Why = s.Note
	if i.Blocked, err = blocked(ctx, h.c, s.ID, r.Definition, s.Status); err != nil {
		return Instance[D]{}, fmt.Errorf("wfe: instance %q: %w", h.id, err)
	}
	return i, errors.Join(h.waiting(ctx, r, s, &i), h.left(ctx, r, s, &i))
}

func (h Handle[D]) decode(s *instance.State) (D, error) {
	var data D
	if err := h.ref.Data.Unmarshal(s.Data.Whole(), &data); err != nil {
		return data, fmt.Errorf("wfe: instance %q: decoding its data: %w", h.id, err)
	}
	return data, nil
}

// waiting lists the events that the instance waits for.
func (h Handle[D]) waiting(ctx context.Context, r *store.Row, s *instance.State, i *Instance[D]) error {
	for _, p := range s.Pointers {
		if p.Status != instance.Waiting {
			continue
		}
		d, err := h.c.definition(ctx, r.Definition)
		if err != nil {
			return err
		}
		n := &d.Nodes[p.Node]
		i.Waiting = append(i.Waiting, Waiting{Node: n.ID, Event: p.Event, Key: p.Key, Until: p.Due.Time()})
	}
	return nil
}

// Instance is what is known of an instance.
type Instance[D any] struct {
	ID      string
	Status  Status
	Reason  Reason // why it is Terminated
	Data    D
	Created time.Time
	Ended   time.Time // zero while it lives
	Failure *Failure  // the last one that no retry mended; nil if there was none
	Waiting []Waiting // for events, oldest first
	// Cancelling says that a Cancel is under way, also while the instance is suspended.
	Cancelling bool
	Why        string        // what was said at its Terminate
	Left       []Left        // Terminated: what nobody undoes any more, in the order of starts
	Blocked    *BlockedError // as in a Summary
}

// Waiting is a wait for an event.
type Waiting struct {
	Node       string
	Event, Key string
	Until      time.Time // zero if it has no timeout
}

// Failure is an error of a step. It is an error itself, so that a workflow can hand it
// on: Fail(w, f). What it wraps is not kept: only its text is saved.
type Failure struct {
	Node, Step, Message string
	Position            string // of the node in the source of its workflow: "/shop/order.go:42"; "" where that is not known
	Attempt             int
	At                  time.Time
	Pointer             uint64 // the activation of the node
}

// Error returns the Message; "" of nil.
func (f *Failure) Error() string {
	if f == nil {
		return ""
	}
	return f.Message
}

func failure(s *instance.State) *Failure { return publicFailure(s.Failure) }

func publicFailure(f *instance.Failure) *Failure {
	if f == nil {
		return nil
	}
	return &Failure{Node: f.Node, Step: f.Step, Message: f.Message, Position: f.Position, Attempt: int(f.Attempt), At: f.At.Time(), Pointer: uint64(f.Ptr)}
}

// EndedError is what Wait returns for an instance that did not complete.
type EndedError struct {
	ID      string
	Status  Status
	Reason  Reason
	Step    string // the step that failed, or the id of its node; "" where none did
	Message string // its error, or what was said at a Terminate
}

func ended(s *instance.State) *EndedError {
	e := &EndedError{ID: s.ID, Status: s.Status, Reason: s.Reason, Message: s.Note}
	if f := s.Failure; f != nil && s.Reason == ReasonFailed {
		e.Step, e.Message = f.Step, f.Message
		if e.Step == "" {
			e.Step = f.Node
		}
	}
	return e
}

func (e *EndedError) Error() string {
	msg := fmt.Sprintf("instance %s is %s", e.ID, e.Status)
	if e.Reason != "" {
		msg += " (" + string(e.Reason) + ")"
	}
	switch {
	case e.Step != "":
		msg += fmt.Sprintf(": step %s: %s", e.Step, e.Message)
	case e.Message != "":
		msg += ": " + e.Message
	}
	return msg
}

// MaxPayload is the bound in bytes of data, of a step's value and of an event.
const MaxPayload = engine.MaxPayload

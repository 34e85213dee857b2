package wfe

import (
	"context"
	"fmt"
	"time"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/internal/host"
	"github.com/wfegen/wfe/runtime/store"
)

// What is kept of an instance's past.
const (
	MaxHistory  = instance.MaxLog * (instance.MaxChunks + 1) // bytes of records, of about ten bytes each; then the oldest go
	MaxFailures = instance.MaxFailures                       // then the oldest go
)

// RecordKind is the sort of a Record.
type RecordKind = instance.RecordKind

// The kinds of records.
const (
	RecordStarted       = instance.RecordStarted
	RecordStepStarted   = instance.RecordStepStarted
	RecordStepCompleted = instance.RecordStepCompleted
	RecordStepFailed    = instance.RecordStepFailed
	RecordStepPaused    = instance.RecordStepPaused
	RecordCancelled     = instance.RecordCancelled
	RecordUndoStarted   = instance.RecordUndoStarted
	RecordUndone        = instance.RecordUndone
	RecordSleeping      = instance.RecordSleeping
	RecordDue           = instance.RecordDue
	RecordWaiting       = instance.RecordWaiting
	RecordEventTaken    = instance.RecordEventTaken
	RecordTimedOut      = instance.RecordTimedOut
	RecordRollback      = instance.RecordRollback
	RecordRolledBack    = instance.RecordRolledBack
	RecordCommand       = instance.RecordCommand
	RecordSuspended     = instance.RecordSuspended
	RecordResumed       = instance.RecordResumed
	RecordCompleted     = instance.RecordCompleted
	RecordTerminated    = instance.RecordTerminated
)

// Record is something that happened to an instance.
type Record struct {
	N          uint64 // its place in the history, from 1
	At         time.Time
	Kind       RecordKind
	Node, Step string // "" where it is of the instance as a whole; Step only of a step
	Pointer    uint64 // of the activation of the node; part of the idempotency key
	Attempt    int    // of a step
	Text       string // see Kind; at most 256 bytes
	Key        string // of an event
	Event      uint64 // its number
	Until      time.Time
}

// History returns what is kept of what happened to an instance, oldest first, while
// it lives and after its end. ErrNotFound.
func History(ctx context.Context, c Client, id string) ([]Record, error) {
	_, s, d, err := read(ctx, c, id)
	if err != nil {
		return nil, err
	}
	chunks, err := c.reader().Archive(ctx, id, instance.HistoryCell)
	if err != nil {
		return nil, fmt.Errorf("wfe: the history of instance %q: %w", id, err)
	}
	records, err := s.History(chunks)
	if err != nil {
		return nil, fmt.Errorf("wfe: the history of %w", err)
	}
	list := make([]Record, len(records))
	for i, r := range records {
		list[i] = record(d, r)
	}
	return list, nil
}

// record is r with the names that d has for its node.
func record(d *definition.Definition, r instance.Record) Record {
	v := Record{N: r.N, At: r.At.Time(), Kind: r.Kind, Pointer: uint64(r.Ptr), Attempt: int(r.Attempt), Text: r.Text,
		Key: r.Key, Event: uint64(r.Seq), Until: r.Until.Time()}
	if r.Ptr != 0 && r.Node < len(d.Nodes) {
		v.Node, v.Step = d.Nodes[r.Node].ID, d.Nodes[r.Node].Step
	}
	return v
}

// Failures returns the newest errors of an instance's steps, at most MaxFailures,
// oldest first: those that a retry mended too. ErrNotFound.
func Failures(ctx context.Context, c Client, id string) ([]Failure, error) {
	cells, err := c.reader().Archive(ctx, id, instance.FailureCell)
	if err == nil && len(cells) == 0 {
		_, err = c.load(ctx, id)
	}
	if err != nil {
		return nil, notFound(id, err)
	}
	failures, err := instance.Failures(cells)
	if err != nil {
		return nil, fmt.Errorf("wfe: the failures of instance %q: %w", id, err)
	}
	list := make([]Failure, len(failures))
	for i := range failures {
		list[i] = *publicFailure(&failures[i])
	}
	return list, nil
}

// read reads an instance and its definition.
func read(ctx context.Context, c Client, id string) (*store.Row, *instance.State, *definition.Definition, error) {
	r, err := c.load(ctx, id)
	if err != nil {
		return nil, nil, nil, notFound(id, err)
	}
	s, err := host.Decode(r)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("wfe: instance %q: %w", id, err)
	}
	d, err := c.definition(ctx, r.Definition)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("wfe: instance %q: %w", id, err)
	}
	return r, s, d, nil
}

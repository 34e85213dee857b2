package wfe

import (
	"context"
	"fmt"
	"time"

	"github.com/wfegen/wfe/runtime/instance"
)

// Description is where an instance stands, whatever its workflow.
type Description struct {
	Summary
	Note      string     // what was said when it was terminated
	Failure   *Failure   // the last one that no retry mended; nil if there was none
	Positions []Position // of its branches, oldest first; none after its end
}

// Position is where a branch of an instance stands.
type Position struct {
	Pointer    uint64
	Node, Step string // Step only of a step
	Does       string // running, retrying, sleeping, waiting, open, stopping, failed, calling, scheduled
	Attempt    int    // of a step
	Event, Key string // that it waits for
	Due        time.Time
	Failure    *Failure // why it is retried or has failed
}

// Describe returns where an instance stands; ErrNotFound.
func Describe(ctx context.Context, c Client, id string) (Description, error) {
	row, s, d, err := read(ctx, c, id)
	if err != nil {
		return Description{}, err
	}
	v := Description{Summary: Summary{ID: id, Workflow: d.Name, Version: d.Version, Reference: row.Reference, Status: s.Status, Reason: s.Reason,
		Created: s.Created.Time(), Ended: s.Ended.Time()}, Note: s.Note, Failure: failure(s)}
	if v.Blocked, err = blocked(ctx, c, id, row.Definition, s.Status); err != nil {
		return Description{}, fmt.Errorf("wfe: instance %q: %w", id, err)
	}
	for _, p := range s.Pointers {
		n := &d.Nodes[p.Node]
		at := Position{Pointer: uint64(p.ID), Node: n.ID, Step: n.Step, Does: does[p.Status], Attempt: int(p.Used + p.Attempt),
			Due: p.Due.Time(), Failure: publicFailure(p.Cause)}
		if p.Status == instance.Waiting {
			at.Event, at.Key = p.Event, p.Key
		}
		v.Positions = append(v.Positions, at)
	}
	return v, nil
}

var does = map[instance.PointerStatus]string{instance.Running: "running", instance.Retrying: "retrying", instance.Sleeping: "sleeping",
	instance.Waiting: "waiting", instance.Open: "open", instance.Stopping: "stopping", instance.Failed: "failed",
	instance.Calling: "calling", instance.Scheduled: "scheduled"}

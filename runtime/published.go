package wfe

import (
	"context"
	"fmt"
	"time"

	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
)

// Published is an event that was published.
type Published struct {
	Number    uint64 // its place among all events
	Name, Key string // Key is the instance's id, of a signal
	Signal    bool
	Dedup     string
	At        time.Time // when it became visible
	Payload   []byte    // as the codec of the event wrote it
}

// Untaken lists the visible events that no instance has taken, by ascending
// number above after, at most limit (0 is 100, at most 1,000).
func Untaken(ctx context.Context, c Client, after uint64, limit int) ([]Published, error) {
	return published(ctx, c, store.Untaken, after, limit)
}

// Unusable lists the events whose payload did not fit an instance that has taken
// them, by ascending number above after, at most limit (0 is 100, at most 1,000).
func Unusable(ctx context.Context, c Client, after uint64, limit int) ([]Published, error) {
	return published(ctx, c, store.FailedEvent, after, limit)
}

func published(ctx context.Context, c Client, state store.EventState, after uint64, limit int) ([]Published, error) {
	limit, err := pageSize(limit)
	if err != nil {
		return nil, fmt.Errorf("wfe: listing events: %w", err)
	}
	events, err := c.reader().Events(ctx, store.EventQuery{State: state, After: instance.Seq(after), Limit: limit})
	if err != nil {
		return nil, fmt.Errorf("wfe: listing events: %w", err)
	}
	list := make([]Published, len(events))
	for i, e := range events {
		list[i] = Published{Number: uint64(e.Seq), Name: e.Name, Key: e.Key, Signal: e.Signal, Dedup: e.Dedup, At: e.Published.Time(), Payload: e.Payload}
	}
	return list, nil
}

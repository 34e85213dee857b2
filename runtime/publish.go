package wfe

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/internal/tracing"
	"github.com/wfegen/wfe/runtime/store"
)

// DefaultTTL is how long an event is kept from when it becomes visible.
const DefaultTTL = 7 * 24 * time.Hour

// PublishOption changes a publish or a signal.
type PublishOption func(*store.Event)

// Dedup gives the event an id of the publisher's: publishing again under that id,
// for the same name and key, does nothing while the event is kept. It is 1 to 255
// bytes; "" is none.
func Dedup(id string) PublishOption { return func(e *store.Event) { e.Dedup = id } }

// PublishAt makes the event visible at t, by the clock of the host. It gets its
// place among the others then. A time in the past is now.
func PublishAt(t time.Time) PublishOption {
	return func(e *store.Event) { e.Due = max(instance.At(t), 1) }
}

// TTL keeps the event for d, in place of DefaultTTL, from when it becomes visible.
// It is deleted later than that only while a wait may still take it.
func TTL(d time.Duration) PublishOption { return func(e *store.Event) { e.TTL = d } }

// Publish publishes an event under a key; it is durable when Publish returns. It
// reaches each instance that waits for it, or will. Generated functions call it.
func Publish[E any](ctx context.Context, c Client, event Event[E], key string, e *E, opts ...PublishOption) error {
	err := send(ctx, c, event, &store.Event{Name: event.Name, Key: key}, e, opts)
	if err != nil {
		return fmt.Errorf("wfe: publishing %s: %w", event.Name, err)
	}
	return nil
}

// Signal sends an event to one instance; it is durable when Signal returns. The
// oldest wait of the instance for events of that name takes it, whatever its key,
// now or later. ErrNotFound: there is no such instance, or it has ended.
// ErrInboxFull: it has 10,000 signals that it has not taken. Generated functions
// call it.
func Signal[E any](ctx context.Context, c Client, event Event[E], id string, e *E, opts ...PublishOption) error {
	err := send(ctx, c, event, &store.Event{Name: event.Name, Key: id, Signal: true}, e, opts)
	switch {
	case errors.Is(err, store.ErrNoTarget):
		err = fmt.Errorf("%w, or it has ended", ErrNotFound)
	case errors.Is(err, store.ErrFull):
		err = fmt.Errorf("%w: it has %d signals that it has not taken", ErrInboxFull, store.MaxUnread)
	}
	if err != nil {
		return fmt.Errorf("wfe: signalling %s to %q: %w", event.Name, id, err)
	}
	return nil
}

func send[E any](ctx context.Context, c Client, event Event[E], ev *store.Event, e *E, opts []PublishOption) error {
	ev.TTL = DefaultTTL
	for _, o := range opts {
		o(ev)
	}
	if err := definition.CheckName(ev.Key); err != nil {
		return fmt.Errorf("the key %q %w", ev.Key, err)
	}
	if ev.Dedup != "" {
		if err := definition.CheckName(ev.Dedup); err != nil {
			return fmt.Errorf("the id %q for Dedup %w", ev.Dedup, err)
		}
	}
	if ev.TTL <= 0 {
		return fmt.Errorf("its time to live is %s; it must be longer than 0", ev.TTL)
	}
	var err error
	if ev.Payload, err = payload(event.Codec, e); err != nil {
		return err
	}
	ev.Trace = tracing.Of(ctx)
	_, err = c.publish(ctx, *ev)
	return err
}

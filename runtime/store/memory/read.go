package memory

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
)

// read locks the store for a reading call, unless ctx is done.
func (s *Store) read(ctx context.Context, what string) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("memory: reading %s: %w", what, err)
	}
	s.mu.Lock()
	return nil
}

// Load returns an instance with the cells of its state; ErrNotFound.
func (s *Store) Load(ctx context.Context, id string) (*store.Row, error) {
	if err := s.read(ctx, "an instance"); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	rec := s.byID[id]
	if rec == nil {
		return nil, fmt.Errorf("memory: instance %q: %w", id, store.ErrNotFound)
	}
	row := rec.row
	row.StartHash, row.Head = clone(row.StartHash), clone(row.Head)
	row.Cells = rec.some(func(id instance.CellID) bool { return id.Kind < instance.Archive })
	return &row, nil
}

// Archive returns the cells of one kind that are no part of an instance's state.
func (s *Store) Archive(ctx context.Context, id string, kind instance.CellKind) ([]instance.Cell, error) {
	if err := s.read(ctx, "the archive of an instance"); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	rec := s.byID[id]
	if rec == nil {
		return nil, nil
	}
	return rec.some(func(id instance.CellID) bool { return id.Kind == kind }), nil
}

// some returns the cells that are asked for, by ascending id.
func (r *record) some(wanted func(instance.CellID) bool) []instance.Cell {
	var cells []instance.Cell
	for id, body := range r.cells {
		if wanted(id) {
			cells = append(cells, instance.Cell{ID: id, Body: clone(body)})
		}
	}
	slices.SortFunc(cells, func(a, b instance.Cell) int {
		return cmp.Or(cmp.Compare(a.ID.Kind, b.ID.Kind), cmp.Compare(a.ID.Ptr, b.ID.Ptr), cmp.Compare(a.ID.Index, b.ID.Index))
	})
	return cells
}

// Definition returns the stored body of a definition; ErrNotFound.
func (s *Store) Definition(ctx context.Context, hash string) ([]byte, error) {
	if err := s.read(ctx, "a definition"); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	d := s.definitions[hash]
	if d == nil {
		return nil, fmt.Errorf("memory: definition %s: %w", hash, store.ErrNotFound)
	}
	return clone(d.Body), nil
}

// Reply returns the owner's answer to a request; ErrNotFound while there is none.
func (s *Store) Reply(ctx context.Context, request string) (store.Reply, error) {
	if err := s.read(ctx, "a reply"); err != nil {
		return store.Reply{}, err
	}
	defer s.mu.Unlock()
	r, ok := s.replies[request]
	if !ok {
		return store.Reply{}, fmt.Errorf("memory: reply to %q: %w", request, store.ErrNotFound)
	}
	return r, nil
}

// Ready lists instances with bodies to run.
func (s *Store) Ready(ctx context.Context, after int64, limit int) ([]store.Key, error) {
	if err := s.read(ctx, "what is ready"); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	var keys []store.Key
	for i := max(after, 0); i < int64(len(s.records)) && len(keys) < limit; i++ {
		if rec := s.records[i]; rec != nil && rec.row.Ready {
			keys = append(keys, store.Key{K: rec.row.K, ID: rec.row.ID})
		}
	}
	return keys, nil
}

// Due lists timers.
func (s *Store) Due(ctx context.Context, after store.Timer, limit int) ([]store.Timer, error) {
	if err := s.read(ctx, "timers"); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	i, found := slices.BinarySearchFunc(s.timers, timer{due: after.Due, k: after.K, ptr: after.Ptr}, compareTimers)
	if found {
		i++
	}
	var timers []store.Timer
	for ; i < len(s.timers) && len(timers) < limit; i++ {
		t := s.timers[i]
		timers = append(timers, store.Timer{Due: t.due, Key: s.key(t.k), Ptr: t.ptr, Gen: t.gen})
	}
	return timers, nil
}

func (s *Store) key(k int64) store.Key { return store.Key{K: k, ID: s.records[k-1].row.ID} }

// Undelivered lists events that have not been delivered.
func (s *Store) Undelivered(ctx context.Context, after instance.Seq, limit int) ([]store.Event, error) {
	if err := s.read(ctx, "events"); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	var events []store.Event
	for i, _ := search(s.events, after+1); i < len(s.events) && len(events) < limit; i++ {
		if e := s.events[i]; !e.done {
			events = append(events, e.copy())
		}
	}
	return events, nil
}

// Events lists visible events.
func (s *Store) Events(ctx context.Context, q store.EventQuery) ([]store.Event, error) {
	if err := s.read(ctx, "events"); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	var events []store.Event
	for i, _ := search(s.events, q.After+1); i < len(s.events) && len(events) < q.Limit; i++ {
		e := s.events[i]
		if q.State == store.FailedEvent && e.Failed || q.State == store.Untaken && !e.Taken {
			events = append(events, e.copy())
		}
	}
	return events, nil
}

// Expired reports whether there is something to expire.
func (s *Store) Expired(ctx context.Context, now instance.Instant) (bool, error) {
	if err := s.read(ctx, "events"); err != nil {
		return false, err
	}
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.events, func(e *event) bool { return e.done && e.expires() <= now }), nil
}

// Later lists events that are not visible yet.
func (s *Store) Later(ctx context.Context, limit int) ([]store.Later, error) {
	if err := s.read(ctx, "later events"); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	var list []store.Later
	for _, l := range s.later[:min(len(s.later), max(limit, 0))] {
		list = append(list, store.Later{N: l.n, Due: l.Due})
	}
	return list, nil
}

func (e *event) copy() store.Event {
	c := e.Event
	c.Payload = clone(c.Payload)
	return c
}

// Waits lists the waits for an event.
func (s *Store) Waits(ctx context.Context, e store.Event, after store.Wait, limit int) ([]store.Wait, error) {
	if err := s.read(ctx, "waits"); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	limit = max(limit, 0)
	var waits []store.Wait
	first := func() {
		slices.SortFunc(waits, func(a, b store.Wait) int { return cmp.Or(cmp.Compare(a.K, b.K), cmp.Compare(a.Ptr, b.Ptr)) })
		waits = waits[:min(len(waits), limit)]
	}
	for w, v := range s.waits[topic{e.Name, e.Key, false}] {
		past := cmp.Or(cmp.Compare(w.k, after.K), cmp.Compare(w.ptr, after.Ptr)) > 0
		if !past || !s.may(w, v, &e) {
			continue
		}
		waits = append(waits, store.Wait{Key: s.key(w.k), Ptr: w.ptr, Gen: v.gen})
		if len(waits) > 3*limit { // a topic may have very many
			first()
		}
	}
	first()
	return waits, nil
}

// Match returns the first event that matches; ErrNotFound.
func (s *Store) Match(ctx context.Context, m store.Match) (store.Event, error) {
	if err := s.read(ctx, "events"); err != nil {
		return store.Event{}, err
	}
	defer s.mu.Unlock()
	e := s.match(m)
	if e == nil {
		return store.Event{}, fmt.Errorf("memory: event %q with key %q above %d: %w", m.Name, m.Key, m.After, store.ErrNotFound)
	}
	return e.copy(), nil
}

// Inbox lists messages to the owner.
func (s *Store) Inbox(ctx context.Context, after int64, limit int) ([]store.Msg, error) {
	if err := s.read(ctx, "the inbox"); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	i, found := slices.BinarySearchFunc(s.inbox, after, func(m store.Msg, n int64) int { return cmp.Compare(m.N, n) })
	if found {
		i++
	}
	var msgs []store.Msg
	for ; i < len(s.inbox) && len(msgs) < limit; i++ {
		m := s.inbox[i]
		m.Body = clone(m.Body)
		msgs = append(msgs, m)
	}
	return msgs, nil
}

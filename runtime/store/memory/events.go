package memory

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
)

// writeEvents writes what an item says of events.
func (s *Store) writeEvents(it *store.Item, o *store.Outcome) {
	if it.Event != nil {
		e := s.publish(it.Event)
		o.Seq = e.Seq
		if it.Instance == nil {
			o.Code = e.Code
		}
	}
	if it.Release != 0 {
		o.Seq = cmp.Or(s.release(it.Release), o.Seq)
	}
	if it.Expire != nil {
		o.N = s.expire(it.Expire)
	}
	if d := it.Delivered; d != nil {
		if e := s.event(d.Seq); e != nil {
			e.done = e.done || e.Round == d.Round
		}
	}
}

// event returns the event of that number, or nil.
func (s *Store) event(seq instance.Seq) *event {
	if i, found := search(s.events, seq); found {
		return s.events[i]
	}
	return nil
}

func search(events []*event, seq instance.Seq) (int, bool) {
	return slices.BinarySearchFunc(events, seq, func(e *event, seq instance.Seq) int { return cmp.Compare(e.Seq, seq) })
}

// publish keeps e, or says by the outcome's code why it does not.
func (s *Store) publish(e *store.Event) store.Outcome {
	t := topic{e.Name, e.Key, e.Signal}
	if e.Dedup != "" {
		if seq, ok := s.byDedup[dedup{t, e.Dedup}]; ok {
			return store.Outcome{Code: store.Exists, Seq: seq}
		}
	}
	if code := s.target(e); code != store.Written {
		return store.Outcome{Code: code}
	}
	c := *e
	c.Seq, c.Round, c.Taken, c.Failed, c.Payload = 0, 0, false, false, clone(e.Payload)
	c.Trace = clone(e.Trace)
	if e.Dedup != "" {
		s.byDedup[dedup{t, e.Dedup}] = 0
	}
	if c.Due != 0 {
		s.lastLater++
		l := &later{s.lastLater, c}
		i, _ := slices.BinarySearchFunc(s.later, l, func(a, b *later) int { return cmp.Or(cmp.Compare(a.Due, b.Due), cmp.Compare(a.n, b.n)) })
		s.later = slices.Insert(s.later, i, l)
		return store.Outcome{}
	}
	return store.Outcome{Seq: s.show(c)}
}

// show makes an event visible.
func (s *Store) show(e store.Event) instance.Seq {
	s.lastSeq++
	e.Seq = s.lastSeq
	t := topic{e.Name, e.Key, e.Signal}
	c := &event{Event: e}
	s.events = append(s.events, c)
	s.byTopic[t] = append(s.byTopic[t], c)
	if e.Dedup != "" {
		s.byDedup[dedup{t, e.Dedup}] = e.Seq
	}
	return e.Seq
}

// target says whether a signal has an instance that may take it.
func (s *Store) target(e *store.Event) store.OutcomeCode {
	if !e.Signal {
		return store.Written
	}
	if rec := s.byID[e.Key]; rec == nil || rec.row.Ended != 0 {
		return store.NoTarget
	}
	n := 0
	for _, o := range s.events {
		if o.Signal && o.Key == e.Key && !o.Taken {
			n++
		}
	}
	for _, l := range s.later {
		if l.Signal && l.Key == e.Key {
			n++
		}
	}
	if n >= store.MaxUnread {
		return store.Full
	}
	return store.Written
}

// release makes a later event visible; 0: it is not there, or its instance has ended.
func (s *Store) release(n int64) instance.Seq {
	i := slices.IndexFunc(s.later, func(l *later) bool { return l.n == n })
	if i < 0 {
		return 0
	}
	e := s.later[i].Event
	s.later = slices.Delete(s.later, i, i+1)
	if rec := s.byID[e.Key]; e.Signal && (rec == nil || rec.row.Ended != 0) {
		delete(s.byDedup, dedup{topic{e.Name, e.Key, true}, e.Dedup})
		return 0
	}
	e.Published, e.Due = e.Due, 0
	return s.show(e)
}

// expire deletes events whose time to live is over.
func (s *Store) expire(x *store.Expire) int {
	var old []*event
	for _, e := range s.events {
		if e.done && e.expires() <= x.Now && !s.awaited(e) {
			old = append(old, e)
		}
	}
	slices.SortStableFunc(old, func(a, b *event) int { return cmp.Compare(a.expires(), b.expires()) })
	old = old[:min(len(old), max(x.Limit, 0))]
	for _, e := range old {
		s.deleteEvent(e)
	}
	return len(old)
}

func (e *event) expires() instance.Instant {
	if e.TTL == 0 {
		return math.MaxInt64
	}
	return e.Published.Add(e.TTL)
}

// awaited reports whether a wait may still take e.
func (s *Store) awaited(e *event) bool {
	if e.Signal {
		return false // it is offered to each wait when that is set
	}
	for w, v := range s.waits[topic{e.Name, e.Key, false}] {
		if s.may(w, v, &e.Event) {
			return true
		}
	}
	return false
}

// may reports whether a wait may take an event of its topic.
func (s *Store) may(w waiter, v wait, e *store.Event) bool {
	if v.since != 0 {
		return v.after < e.Seq && v.since <= e.Published
	}
	return v.after < e.Seq && s.records[w.k-1].row.Born < e.Seq
}

func (s *Store) deleteEvent(e *event) {
	same := func(o *event) bool { return o == e }
	t := topic{e.Name, e.Key, e.Signal}
	s.events = slices.DeleteFunc(s.events, same)
	if s.byTopic[t] = slices.DeleteFunc(s.byTopic[t], same); len(s.byTopic[t]) == 0 {
		delete(s.byTopic, t)
	}
	delete(s.byDedup, dedup{t, e.Dedup})
}

// setWait sets or removes a wait. It reports whether an event or a signal that the
// wait may take is there already, and has that one offered to it.
func (s *Store) setWait(r *store.Row, op store.WaitOp) bool {
	t, w := topic{op.Name, op.Key, false}, waiter{r.K, op.Ptr}
	if !op.Set {
		if delete(s.waits[t], w); len(s.waits[t]) == 0 {
			delete(s.waits, t)
		}
		return false
	}
	if s.waits[t] == nil {
		s.waits[t] = map[waiter]wait{}
	}
	s.waits[t][w] = wait{op.Gen, op.After, op.Since}
	after := op.After
	if op.Since == 0 {
		after = max(after, r.Born)
	}
	found := s.match(store.Match{Name: op.Name, Key: op.Key, After: after, Since: op.Since})
	signal := s.match(store.Match{Name: op.Name, Key: r.ID, Signal: true, After: max(op.Signals, r.Born)})
	for _, e := range []*event{found, signal} {
		if e != nil {
			e.done = false
			e.Round++
		}
	}
	return found != nil || signal != nil
}

// match returns the first event that matches, or nil.
func (s *Store) match(m store.Match) *event {
	events := s.byTopic[topic{m.Name, m.Key, m.Signal}]
	i, _ := search(events, m.After+1)
	for _, e := range events[i:] {
		if (m.Since == 0 || e.Published >= m.Since) && (m.Until == 0 || e.Published <= m.Until) {
			return e
		}
	}
	return nil
}

// Publish makes events durable without the ownership.
func (s *Store) Publish(ctx context.Context, events []store.Event) ([]instance.Seq, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("memory: publishing: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	seqs := make([]instance.Seq, len(events))
	seq, n := s.lastSeq, s.lastLater
	for i := range events {
		o := s.publish(&events[i])
		seqs[i] = o.Seq
		if err := refusals[o.Code]; err != nil {
			s.unpublish(seq, n)
			return nil, fmt.Errorf("memory: publishing: %w", err)
		}
	}
	return seqs, nil
}

var refusals = map[store.OutcomeCode]error{store.NoTarget: store.ErrNoTarget, store.Full: store.ErrFull}

// unpublish takes back the events above a number and the later ones above another.
func (s *Store) unpublish(seq instance.Seq, n int64) {
	for i, _ := search(s.events, seq+1); i < len(s.events); {
		s.deleteEvent(s.events[i])
	}
	s.later = slices.DeleteFunc(s.later, func(l *later) bool {
		if l.n > n {
			delete(s.byDedup, dedup{topic{l.Name, l.Key, l.Signal}, l.Dedup})
		}
		return l.n > n
	})
	s.lastSeq, s.lastLater = seq, n
}

package memory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
)

// unknown is a batch of which the owner was told that its outcome is unknown.
type unknown struct {
	written  bool
	outcomes []store.Outcome
}

var (
	errUnsettled = errors.New("memory: the batch before this one is not settled; call Settle with it")
	errSettled   = errors.New("memory: there is no batch to settle")
)

// Commit writes b.
func (s *Store) Commit(ctx context.Context, l store.Lease, b store.Batch) ([]store.Outcome, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("memory: committing: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case !s.holds(l):
		return nil, store.ErrFenced
	case s.unknown != nil:
		return nil, errUnsettled
	}
	return s.commit(b)
}

// Settle finds out what became of b.
func (s *Store) Settle(ctx context.Context, l store.Lease, b store.Batch) ([]store.Outcome, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("memory: settling: %w: %w", store.ErrUnknown, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.unknown
	switch {
	case !s.holds(l):
		return nil, store.ErrFenced
	case u == nil:
		return nil, errSettled
	}
	return s.commit(b)
}

// commit writes b, or settles it when it is unknown, unless a fault is in the
// way. The caller holds mu.
func (s *Store) commit(b store.Batch) ([]store.Outcome, error) {
	fault := None
	if len(b.Items) > 0 {
		s.commits++
		if s.inject != nil {
			fault = s.inject(s.commits, b)
		}
	}
	u := s.unknown
	switch {
	case fault == Refused && u == nil:
		return nil, ErrRefused
	case fault == CrashBefore:
		s.abandon()
		return nil, store.ErrFenced
	case fault == Refused:
		return nil, store.ErrUnknown
	case fault == Lost && u == nil:
		s.unknown = &unknown{}
		return nil, store.ErrUnknown
	case fault == Lost:
		return nil, store.ErrUnknown
	}
	if u == nil || !u.written {
		u = &unknown{written: true, outcomes: s.write(b)}
	}
	switch fault {
	case Kept:
		s.unknown = u
		return nil, store.ErrUnknown
	case CrashAfter:
		s.abandon()
		return nil, store.ErrFenced
	}
	s.unknown = nil
	return u.outcomes, nil
}

// write writes the items of b. It cannot fail. The caller holds mu.
func (s *Store) write(b store.Batch) []store.Outcome {
	out := make([]store.Outcome, len(b.Items))
	for i := range b.Items {
		s.writeItem(&b.Items[i], &out[i])
	}
	return out
}

func (s *Store) writeItem(it *store.Item, o *store.Outcome) {
	if it.Instance != nil {
		if s.writeInstance(it.Instance, o); o.Code != store.Written {
			return
		}
	}
	if d := it.Definition; d != nil && s.definitions[d.Hash] == nil {
		c := *d
		c.Body = clone(d.Body)
		s.definitions[d.Hash] = &c
	}
	s.writeEvents(it, o)
	if p := it.Purge; p != nil {
		if o.N = s.purge(p); p.ID != "" && o.N == 0 {
			o.Code = store.NoTarget
			return
		}
	}
	for i := range it.Done {
		s.dealt(&it.Done[i], o.N)
	}
	s.dropReplies(it.DropReplies)
	s.post(it.Send)
}

// dealt deletes a message and keeps its answer.
func (s *Store) dealt(d *store.Done, n int) {
	s.remove(d.N)
	if d.Reply == nil {
		return
	}
	r := *d.Reply
	if d.Count {
		r.Text = strconv.Itoa(n)
	}
	if _, there := s.replies[r.Request]; !there {
		s.replies[r.Request] = r
	}
}

func (s *Store) writeInstance(row *store.Row, o *store.Outcome) {
	rec := s.byID[row.ID]
	switch {
	case row.Rev == 1 && rec != nil:
		o.Code, o.K = store.Exists, rec.row.K
		return
	case row.Rev == 1:
		if rival := s.rival(row); rival != nil {
			o.Code, o.K = store.Conflict, rival.row.K
			return
		}
		rec = &record{cells: map[instance.CellID][]byte{}}
		rec.row = store.Row{
			K:          int64(len(s.records) + 1),
			ID:         row.ID,
			Definition: row.Definition,
			Reference:  row.Reference,
			Unique:     row.Unique,
			Born:       s.lastSeq,
			Created:    row.Created,
			StartHash:  clone(row.StartHash),
			Parent:     row.Parent,
		}
		s.records = append(s.records, rec)
		s.byID[row.ID] = rec
		o.Born = rec.row.Born
	case rec == nil || rec.row.Rev != row.Rev-1:
		o.Code, o.K = store.Stale, row.K
		return
	}
	r := &rec.row
	o.K = r.K
	r.Status, r.Reason, r.Rev, r.Ready, r.Ended = row.Status, row.Reason, row.Rev, row.Ready, row.Ended
	r.Artifacts = r.Artifacts || row.Artifacts
	r.Head = clone(row.Head)
	for _, id := range row.Drop {
		delete(rec.cells, id)
	}
	for _, c := range row.Cells {
		rec.cells[c.ID] = clone(c.Body)
	}
	for _, op := range row.Timers {
		s.setTimer(r.K, op)
	}
	for _, op := range row.Waits {
		o.Matched = s.setWait(r, op) || o.Matched
	}
	for _, t := range row.Took {
		if e := s.event(t.Seq); e != nil {
			e.Taken, e.Failed = true, e.Failed || t.Failed
		}
	}
}

// rival returns the live instance that keeps row, by its reference, from being started.
func (s *Store) rival(row *store.Row) *record {
	if row.Reference == "" {
		return nil
	}
	for _, rec := range s.records {
		if rec == nil || rec.row.Ended != 0 || rec.row.Reference != row.Reference || !rec.row.Unique && !row.Unique {
			continue
		}
		a, b := s.definitions[rec.row.Definition], s.definitions[row.Definition]
		if a != nil && b != nil && a.Name == b.Name {
			return rec
		}
	}
	return nil
}

func (s *Store) setTimer(k int64, op store.TimerOp) {
	t := timer{op.Due, k, op.Ptr, op.Gen}
	i, found := slices.BinarySearchFunc(s.timers, t, compareTimers)
	switch {
	case found && op.Set:
		s.timers[i] = t
	case found:
		s.timers = slices.Delete(s.timers, i, i+1)
	case op.Set:
		s.timers = slices.Insert(s.timers, i, t)
	}
}

func compareTimers(a, b timer) int {
	return cmp.Or(cmp.Compare(a.due, b.due), cmp.Compare(a.k, b.k), cmp.Compare(a.ptr, b.ptr))
}

// dropReplies deletes the oldest replies before an instant.
func (s *Store) dropReplies(before instance.Instant) {
	var old []store.Reply
	for _, r := range s.replies {
		if r.At < before {
			old = append(old, r)
		}
	}
	slices.SortFunc(old, func(a, b store.Reply) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Request, b.Request))
	})
	for _, r := range old[:min(len(old), store.MaxDropped)] {
		delete(s.replies, r.Request)
	}
}

// remove deletes the message of number n.
func (s *Store) remove(n int64) {
	i, found := slices.BinarySearchFunc(s.inbox, n, func(m store.Msg, n int64) int { return cmp.Compare(m.N, n) })
	if found {
		delete(s.requests, s.inbox[i].Request)
		if target := s.inbox[i].Target; target != "" {
			if s.unread[target]--; s.unread[target] == 0 {
				delete(s.unread, target)
			}
		}
		s.inbox = slices.Delete(s.inbox, i, i+1)
	}
}

// Post makes messages to the owner durable without the ownership.
func (s *Store) Post(ctx context.Context, msgs []store.Msg) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("memory: posting: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	more := map[string]int{}
	for _, m := range msgs {
		if more[m.Target]++; m.Target != "" && s.unread[m.Target]+more[m.Target] > store.MaxUnread {
			return store.ErrFull
		}
	}
	s.post(msgs)
	return nil
}

// post keeps messages, but those that are there or answered already. The caller holds mu.
func (s *Store) post(msgs []store.Msg) {
	for _, m := range msgs {
		if m.Request != "" {
			if _, answered := s.replies[m.Request]; answered || s.requests[m.Request] {
				continue
			}
			s.requests[m.Request] = true
		}
		if m.Target != "" {
			s.unread[m.Target]++
		}
		s.lastMsg++
		m.N = s.lastMsg
		m.Body = clone(m.Body)
		s.inbox = append(s.inbox, m)
	}
}

// clone copies b; what is empty becomes nil.
func clone(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	return slices.Clone(b)
}

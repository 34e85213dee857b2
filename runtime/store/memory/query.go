package memory

import (
	"cmp"
	"context"
	"slices"

	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
)

// Query lists instances.
func (s *Store) Query(ctx context.Context, q store.Query) ([]store.Summary, error) {
	if err := s.read(ctx, "instances"); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	var list []store.Summary
	for _, rec := range s.records {
		if rec == nil {
			continue
		}
		if v, ok := s.summary(&rec.row); ok && matches(&v, &q) {
			list = append(list, v)
		}
	}
	slices.SortFunc(list, func(a, b store.Summary) int { return compare(&q, a.Place, b.Place) })
	return list[:min(len(list), max(q.Limit, 0))], nil
}

// summary is what a list shows of an instance; false: its definition is not stored.
func (s *Store) summary(r *store.Row) (store.Summary, bool) {
	d := s.definitions[r.Definition]
	if d == nil {
		return store.Summary{}, false
	}
	return store.Summary{Place: store.Place{Created: r.Created, K: r.K}, ID: r.ID, Definition: r.Definition, Workflow: d.Name, Version: d.Version,
		Reference: r.Reference, Status: r.Status, Reason: r.Reason, Ended: r.Ended}, true
}

func matches(v *store.Summary, q *store.Query) bool {
	switch {
	case q.Status != "" && v.Status != q.Status,
		q.Workflow != "" && v.Workflow != q.Workflow,
		q.Version != 0 && v.Version != q.Version,
		q.Reference != "" && v.Reference != q.Reference,
		!within(v.Created, q.CreatedFrom, q.CreatedTo),
		(q.EndedFrom != 0 || q.EndedTo != 0) && (v.Ended == 0 || !within(v.Ended, q.EndedFrom, q.EndedTo)),
		q.After != nil && compare(q, v.Place, *q.After) <= 0:
		return false
	}
	return true
}

func within(t, from, to instance.Instant) bool {
	return (from == 0 || t >= from) && (to == 0 || t < to)
}

// compare says which place comes first in the answer to q.
func compare(q *store.Query, a, b store.Place) int {
	n := cmp.Or(cmp.Compare(a.Created, b.Created), cmp.Compare(a.K, b.K))
	if q.Descending {
		return -n
	}
	return n
}

// purge deletes instances that have ended.
func (s *Store) purge(p *store.Purge) int {
	var old []*record
	for _, rec := range s.records {
		if rec != nil && rec.row.Ended != 0 && rec.row.Ended < p.Before &&
			(p.ID == "" || rec.row.ID == p.ID) && (p.Status == "" || rec.row.Status == p.Status) {
			old = append(old, rec)
		}
	}
	slices.SortStableFunc(old, func(a, b *record) int { return cmp.Compare(a.row.Ended, b.row.Ended) })
	old = old[:min(len(old), max(p.Limit, 0))]
	for _, rec := range old {
		s.records[rec.row.K-1] = nil
		delete(s.byID, rec.row.ID)
		s.deleteSignals(rec.row.ID)
	}
	for len(s.records) > 0 && s.records[len(s.records)-1] == nil { // as SQLite numbers rows
		s.records = s.records[:len(s.records)-1]
	}
	return len(old)
}

// deleteSignals deletes the signals for an instance.
func (s *Store) deleteSignals(id string) {
	for _, e := range slices.Clone(s.events) {
		if e.Signal && e.Key == id {
			s.deleteEvent(e)
		}
	}
	s.later = slices.DeleteFunc(s.later, func(l *later) bool {
		gone := l.Signal && l.Key == id
		if gone {
			delete(s.byDedup, dedup{topic{l.Name, id, true}, l.Dedup})
		}
		return gone
	})
}

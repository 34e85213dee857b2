package memory

import (
	"context"

	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
)

// Texts calls visit with all that may refer to artifacts, as of one moment.
func (s *Store) Texts(ctx context.Context, visit func(t store.Text) error) error {
	if err := s.read(ctx, "what refers to artifacts"); err != nil {
		return err
	}
	defer s.mu.Unlock()
	var all []store.Text
	for _, rec := range s.records {
		if rec == nil || !rec.row.Artifacts {
			continue
		}
		all = append(all, store.Text{Body: rec.row.Head})
		for id, body := range rec.cells {
			if id.Kind < instance.Archive {
				all = append(all, store.Text{Body: body})
			}
		}
	}
	published := func(e *store.Event) {
		if instance.Refers(e.Payload) {
			all = append(all, store.Text{Body: e.Payload})
		}
	}
	for _, e := range s.events {
		published(&e.Event)
	}
	for _, l := range s.later {
		published(&l.Event)
	}
	for _, m := range s.inbox {
		all = append(all, store.Text{Message: true, Body: m.Body})
	}
	for _, t := range all {
		if err := visit(t); err != nil {
			return err
		}
	}
	return nil
}

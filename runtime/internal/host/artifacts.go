package host

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
)

// What instances refer to in a store of artifacts is not counted: a row whose text
// mentions a digest is marked as it is written, and who wants to remove artifacts
// reads the marked rows. So a workflow without artifacts costs no write and no
// read, and nothing can be miscounted.

// refers reports whether what is to be written mentions an artifact.
func refers(r *store.Row) bool {
	return instance.Refers(r.Head) || slices.ContainsFunc(r.Cells, func(c instance.Cell) bool { return instance.Refers(c.Body) })
}

// References returns the digests of all artifacts that instances, events and
// messages refer to. It makes sure before that this host owns the store.
func (h *Host) References(ctx context.Context) (map[string]bool, error) {
	if err := h.check(); err != nil {
		return nil, err
	}
	proof := &pending{done: make(chan store.Outcome, 1)}
	h.queue.put(proof)
	if _, err := await(ctx, h, proof.done); err != nil {
		return nil, err
	}
	refs := map[string]bool{}
	note := func(d string) { refs[d] = true }
	err := h.Store.Texts(ctx, func(t store.Text) error {
		instance.Digests(t.Body, note)
		if t.Message {
			inMessage(t.Body, note)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("wfe: reading what refers to artifacts: %w", err)
	}
	return refs, nil
}

// inMessage looks into what a message carries: its JSON holds payloads in base64.
func inMessage(body []byte, note func(digest string)) {
	var v any
	if json.Unmarshal(body, &v) != nil {
		return // Digests has looked at it
	}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			if b, err := base64.StdEncoding.DecodeString(v); err == nil {
				instance.Digests(b, note)
			}
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			for _, e := range v {
				walk(e)
			}
		}
	}
	walk(v)
}

// Owns reports whether this host has proved lately that it owns the store.
func (h *Host) Owns() bool { return int64(h.Clock.Since()) < h.fresh.Load() }

// Chore is done again and again: after First, and then each time that Each has
// passed since it was done, until the host ends. Stop waits for it.
type Chore struct {
	First, Each time.Duration
	Do          func(ctx context.Context)
}

func (h *Host) chore(c Chore) {
	for d := c.First; h.pause(d); d = c.Each {
		c.Do(h.life)
	}
}

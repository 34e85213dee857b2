package reference

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/engine"
	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
)

// What must hold in a cluster, whatever befalls it.

// watch enters each run of a body in the ledger.
func (p *process) watch(next wfe.StepFunc) wfe.StepFunc {
	return func(ctx wfe.StepContext) (wfe.Result, error) {
		e := p.c.begins(p, ctx.StepInfo)
		if e == nil {
			return wfe.Result{}, context.Canceled
		}
		r, err := next(ctx)
		p.c.ends(e, err)
		return r, err
	}
}

// begins enters a run that begins, and says what is wrong with that; nil where the
// process is dead.
func (c *cluster) begins(p *process, info wfe.StepInfo) *entered {
	now, _ := c.store.Load(context.Background(), info.Instance)
	c.mu.Lock()
	defer c.mu.Unlock()
	if p.dead {
		return nil
	}
	e := &entered{StepInfo: info, at: time.Now(), by: p, seen: -1}
	c.noteLocked("%s runs %s %s, attempt %d of %s", p.name, doing(info), info.Node, info.Attempt, info.IdempotencyKey)
	if c.owner != p && c.since.Before(time.Now()) {
		c.fail("%s runs %s though %s owns the store", p.name, info.IdempotencyKey, c.owner.name)
	}
	if !c.wanted(now, info) {
		c.fail("%s runs %s, attempt %d of %s, for which nothing durable asks", p.name, info.Node, info.Attempt, info.IdempotencyKey)
	}
	if info.Undoes == "" {
		if slices.ContainsFunc(c.ledger, func(o *entered) bool { return o.Undoes == info.IdempotencyKey }) {
			c.fail("%s runs again after its compensation began", info.IdempotencyKey)
		}
	} else {
		c.undoes(info)
	}
	c.ledger = append(c.ledger, e)
	if c.boundary != nil {
		c.boundary(p, "begins "+info.IdempotencyKey)
	}
	return e
}

func doing(info wfe.StepInfo) string {
	if info.Undoes != "" {
		return "undo"
	}
	return "do"
}

// wanted reports whether the instance, as it is stored now or was at some moment of
// the present time, or as the owner knows it to be, awaits that run. c.mu is held.
func (c *cluster) wanted(now *store.Row, info wfe.StepInfo) bool {
	rows := c.rows[info.Instance]
	candidates := []*store.Row{now}
	for _, d := range slices.Backward(rows) {
		candidates = append(candidates, d.row)
		if d.at.Before(time.Now()) && !d.unknown {
			break
		}
	}
	for _, r := range candidates {
		if r == nil || r.Status != instance.Runnable {
			continue
		}
		s, err := decode(r)
		if err != nil {
			c.fail("%v", err)
			continue
		}
		p := s.Pointer(instance.PtrID(info.Pointer))
		if p != nil && p.Status == instance.Running && int(p.Used+p.Attempt) == info.Attempt && (p.Role == instance.Forward) == (info.Undoes == "") {
			return true
		}
	}
	return false
}

func decode(r *store.Row) (*instance.State, error) {
	s := &instance.State{ID: r.ID, Definition: r.Definition, Status: r.Status, Rev: r.Rev, Born: r.Born, Created: r.Created, Ended: r.Ended}
	return s, s.Decode(r.Head, r.Cells)
}

// undoes checks that no other compensation undoes what this one does. c.mu is held.
func (c *cluster) undoes(info wfe.StepInfo) {
	for _, e := range c.ledger {
		if e.Undoes == info.Undoes && e.IdempotencyKey != info.IdempotencyKey {
			c.fail("%s is undone twice, by %s and by %s", info.Undoes, e.IdempotencyKey, info.IdempotencyKey)
		}
	}
}

// see notes what a body knew when it began. Until the instance is resumed that is
// the same for all runs under one key, and for the compensation.
func (c *cluster) see(info wfe.StepInfo, seen int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	of := info.IdempotencyKey
	if info.Undoes != "" {
		of = info.Undoes
	}
	for _, e := range c.ledger {
		if e.IdempotencyKey == info.IdempotencyKey && !e.ended && e.seen < 0 {
			e.seen = seen
		}
		if e.IdempotencyKey == of && e.seen >= 0 && e.seen != seen && !c.resumed[info.Instance] {
			c.fail("the inputs of %s were %d and are %d", of, e.seen, seen)
		}
	}
}

func (c *cluster) ends(e *entered, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e.by.dead {
		return // nobody has seen it
	}
	e.ended, e.err = true, err
	c.noteLocked("%s has run %s: %v", e.by.name, e.IdempotencyKey, err)
	if c.boundary != nil {
		c.boundary(e.by, "ends "+e.IdempotencyKey)
	}
}

// audit checks an instance at the end.
func (c *cluster) audit(id string) {
	row, err := c.store.Load(context.Background(), id)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		if c.acked[id] {
			c.fail("instance %s is lost: %v", id, err)
		}
		return
	}
	s, err := decode(row)
	var d data
	if err == nil {
		err = ref("").Data.Unmarshal(s.Data.Whole(), &d)
	}
	if err != nil {
		c.fail("instance %s does not decode: %v", id, err)
		return
	}
	if d.Origin != id {
		c.fail("instance %s was started with other data: %q", id, d.Origin)
	}
	if row.Status.Ended() && len(s.Pointers) > 0 {
		c.fail("instance %s is %s and has %d pointers", id, row.Status, len(s.Pointers))
	}
	c.auditKeys(id, d.Keys)
	c.auditHistory(s, d.Keys)
}

// auditKeys checks that what was applied was done, and once.
func (c *cluster) auditKeys(id string, keys []string) {
	for i, k := range keys {
		if slices.Contains(keys[:i], k) {
			c.fail("instance %s has the result of %s twice", id, k)
		}
		if !c.did(k) {
			c.fail("instance %s has the result of %s, which no body has given", id, k)
		}
	}
}

// did reports whether a run under that key has succeeded. c.mu is held.
func (c *cluster) did(key string) bool {
	return slices.ContainsFunc(c.ledger, func(e *entered) bool {
		return e.IdempotencyKey == key && e.Undoes == "" && e.ended && e.err == nil
	})
}

// isFunc reports whether the runs under that key are those of a Func. c.mu is held.
func (c *cluster) isFunc(key string) bool {
	return slices.ContainsFunc(c.ledger, func(e *entered) bool {
		return e.IdempotencyKey == key && strings.HasPrefix(path.Base(e.Node), kindNames[function])
	})
}

// undid reports whether a compensation under that key has succeeded. c.mu is held.
func (c *cluster) undid(key string) bool {
	return slices.ContainsFunc(c.ledger, func(e *entered) bool {
		return e.IdempotencyKey == key && e.Undoes != "" && e.ended && e.err == nil
	})
}

// auditHistory checks that the history tells of the same steps as the data and of
// the same status as the instance. c.mu is held.
func (c *cluster) auditHistory(s *instance.State, keys []string) {
	chunks, err := c.store.Archive(context.Background(), s.ID, instance.HistoryCell)
	if err != nil {
		c.fail("instance %s: %v", s.ID, err)
		return
	}
	list, err := s.History(chunks)
	if err != nil {
		c.fail("instance %s: its history: %v", s.ID, err)
		return
	}
	status := instance.Runnable
	completed, asked, undoing := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for i, r := range list {
		if r.N != uint64(i+1) {
			c.fail("instance %s: record %d of its history has number %d", s.ID, i+1, r.N)
			return
		}
		key := fmt.Sprintf("%s/%d", s.ID, r.Ptr)
		switch r.Kind {
		case instance.RecordStepStarted:
			asked[key] = true
		case instance.RecordUndoStarted:
			undoing[key] = true
		case instance.RecordUndone:
			if undoing[key] && !c.undid(key) {
				c.fail("history: the compensation %s has ended, and no body has done that", key)
			}
		case instance.RecordStepCompleted:
			if completed[key] {
				c.fail("history: %s has completed twice", key)
			}
			if c.isFunc(key) || strings.HasPrefix(r.Text, key+".") {
				continue // of two Funcs that change one field the later one counts; a child has no key
			}
			completed[key] = true
			if !slices.Contains(keys, key) {
				c.fail("history: %s has completed, and its result is not there", key)
			}
		case instance.RecordSuspended:
			status = instance.Suspended
		case instance.RecordResumed:
			status = instance.Runnable
		case instance.RecordCompleted:
			status = instance.Complete
		case instance.RecordTerminated:
			status = instance.Terminated
		}
	}
	for _, e := range c.ledger {
		switch {
		case e.Instance != s.ID:
		case e.Undoes == "" && !asked[e.IdempotencyKey]:
			c.fail("history: nobody asked for %s, which has begun", e.IdempotencyKey)
		case e.Undoes != "" && !asked[e.Undoes]:
			c.fail("history: nobody asked for %s, which was undone", e.Undoes)
		}
	}
	if len(completed) != len(keys) {
		c.fail("instance %s: %d steps have completed by its history, %d by its data", s.ID, len(completed), len(keys))
	}
	if status != s.Status {
		c.fail("instance %s is %s; by its history it is %s", s.ID, s.Status, status)
	}
}

// stuck says why an instance does not move though it could; "" where it does, waits
// for a time to come, is suspended or has ended.
func (c *cluster) stuck(id string) (why string, moves bool) {
	row, err := c.store.Load(context.Background(), id)
	if err != nil || row.Status != instance.Runnable {
		return "", false
	}
	calls, why, moves := c.stuckItself(row)
	for _, child := range calls {
		if _, err := c.store.Load(context.Background(), child); err != nil {
			return fmt.Sprintf("its child %s: %v", child, err), true
		}
		if of, _ := c.stuck(child); of != "" {
			why = fmt.Sprintf("%s: %s", child, of)
		}
	}
	return why, moves
}

// stuckItself does so without its children, which it lists.
func (c *cluster) stuckItself(row *store.Row) (calls []string, why string, moves bool) {
	id := row.ID
	s, err := decode(row)
	if err != nil {
		return nil, err.Error(), false
	}
	now := clock{c}.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(s.Pointers) == 0 {
		return nil, "it is runnable and has no pointer", false
	}
	for _, p := range s.Pointers {
		switch {
		case p.Status == instance.Open && p.Due == 0:
		case p.Status == instance.Running || p.Status == instance.Stopping:
			if !c.runs(fmt.Sprintf("%s/%d", id, p.ID)) && !c.waitsForAPlace() {
				return nil, fmt.Sprintf("pointer %d awaits the end of a body that does not run", p.ID), true
			}
		case p.Status == instance.Calling:
			calls = append(calls, engine.ChildID(id, p.ID, p.Started))
		case p.Due == 0:
			return nil, fmt.Sprintf("pointer %d of status %d waits for nothing", p.ID, p.Status), true
		case p.Due.Sub(now) < -time.Second:
			return nil, fmt.Sprintf("pointer %d was due %v ago", p.ID, now.Sub(p.Due)), true
		}
	}
	return calls, "", true
}

// waitsForAPlace reports whether a body may have to wait until another one has
// ended: places are few, or those that crashes are blamed on run one at a time.
// c.mu is held.
func (c *cluster) waitsForAPlace() bool {
	return (c.config.Bodies > 0 || c.config.MaxCrashes >= 0) &&
		slices.ContainsFunc(c.ledger, func(e *entered) bool { return !e.ended && !e.by.dead })
}

// runs reports whether a body of that key runs in a living process. c.mu is held.
func (c *cluster) runs(key string) bool {
	return slices.ContainsFunc(c.ledger, func(e *entered) bool { return e.IdempotencyKey == key && !e.ended && !e.by.dead })
}

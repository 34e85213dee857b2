package host

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/wfegen/wfe/runtime/instance"
)

// Stats is what a host has done since its start, and what it has to do now.
type Stats struct {
	Workflows []WorkflowStats // by name and version

	Instances int // in memory: they move, or have bodies that are queued or run
	Inputs    int // that wait for an instance: results, timers, events, commands
	Messages  int // from one instance to another that are on their way
	Queue     int // transitions, events and answers that wait for a commit
	Timers    int // that are held in memory: those due within about a minute
	Blocked   int // instances that this program cannot carry on

	Running int    // bodies
	Waiting int    // bodies that have no place yet, or that a limit holds back
	Leaked  uint64 // bodies so far that did not return when their context was cancelled

	Commits   uint64 // transactions, those included that only prove that the host lives
	Committed uint64 // transitions, events and answers in them
	Failing   int    // commits in a row that have failed just now

	// LeaseAge is how long ago the host has proved last, by a commit, that it owns
	// the store. Bodies stop to begin when that is longer than Config.Stale.
	LeaseAge time.Duration
	// Missed is how many notices and samples listeners were too slow for.
	Missed uint64
}

// WorkflowStats is what has become of the instances of a workflow. One counts each
// time that it is suspended.
type WorkflowStats struct {
	Workflow                      string
	Version                       int
	Started, Suspended, Completed uint64
	// Those that ended as terminated, by their reason.
	Failed, Cancelled, Terminated uint64
}

// tally counts what becomes of instances. Acks write it.
type tally struct {
	mu sync.Mutex
	of map[Version]*WorkflowStats
}

// count notes a transition of a that is durable.
func (t *tally) count(a *actor, started bool, from instance.Status) {
	s := a.state
	if !started && s.Status == from {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	v := VersionOf(a.wf.Definition)
	w := t.of[v]
	if w == nil {
		w = &WorkflowStats{Workflow: v.Name, Version: v.Version}
		t.of[v] = w
	}
	if started {
		w.Started++
	}
	switch {
	case s.Status == from:
	case s.Status == instance.Suspended:
		w.Suspended++
	case s.Status == instance.Complete:
		w.Completed++
	case s.Status != instance.Terminated:
	case s.Reason == instance.ReasonCancelled:
		w.Cancelled++
	case s.Reason == instance.ReasonFailed:
		w.Failed++
	default:
		w.Terminated++
	}
}

func (t *tally) list() []WorkflowStats {
	t.mu.Lock()
	defer t.mu.Unlock()
	list := make([]WorkflowStats, 0, len(t.of))
	for w := range maps.Values(t.of) {
		list = append(list, *w)
	}
	slices.SortFunc(list, func(a, b WorkflowStats) int {
		return cmp.Or(cmp.Compare(a.Workflow, b.Workflow), cmp.Compare(a.Version, b.Version))
	})
	return list
}

// Stats returns what the host has done and has to do. It looks at each instance in
// memory, so it is for once in some seconds.
func (h *Host) Stats() Stats {
	s := Stats{Workflows: h.tally.list(), Commits: h.taken.Load(), Committed: h.committed.Load()}
	h.mu.Lock()
	s.Instances, s.Blocked, s.Failing = len(h.actors), len(h.blocked), h.fails
	for _, a := range h.actors {
		s.Inputs += len(a.mail)
	}
	if h.state > starting {
		s.LeaseAge = h.Clock.Since() - h.lastSync
	}
	notices, traced, samples := h.notices, h.traced, h.samples
	h.mu.Unlock()
	if notices != nil {
		s.Missed = notices.missed.Load() + traced.missed.Load() + samples.lost()
	}
	h.queue.mu.Lock()
	s.Queue = len(h.queue.items)
	h.queue.mu.Unlock()
	h.timers.mu.Lock()
	s.Timers = len(h.timers.live)
	h.timers.mu.Unlock()
	h.inbox.mu.Lock()
	s.Messages = h.inbox.live
	h.inbox.mu.Unlock()
	h.pool.mu.Lock()
	s.Running, s.Leaked = h.pool.active, uint64(h.pool.leaked)
	for _, r := range h.pool.runs {
		if !r.began && !r.parked {
			s.Waiting++
		}
	}
	h.pool.mu.Unlock()
	return s
}

package host

import (
	"context"
	"sync"
	"time"
)

// SampleKind is the sort of a Sample.
type SampleKind uint8

// The kinds of samples.
const (
	SampleCommit SampleKind = iota + 1 // N items were committed; Took is how long that was
	SampleTimers                       // N timers fired together; Took is how late the first of them was
)

// Sample is a measurement of what a host does.
type Sample struct {
	Kind SampleKind
	N    int
	Took time.Duration
}

// sampleEach is how often samples are handed on: to be woken for each commit would
// cost a sampler more than all that it does with it.
const sampleEach = 100 * time.Millisecond

// samples holds measurements until the samplers get them, each in a goroutine of its
// own. One that does not keep up misses some; one that panics goes on with the next.
type samples struct {
	h    *Host
	all  []*sampler
	done sync.WaitGroup

	mu     sync.Mutex // guards what follows, and what the samplers hold
	timer  bool       // the clock will hand on what is held
	over   bool
	missed uint64
}

type sampler struct {
	f    func(Sample)
	held []Sample
	wake chan struct{} // has room for one; closed at the end
}

func newSamples(h *Host) *samples {
	s := &samples{h: h}
	for _, f := range h.Samplers {
		to := &sampler{f: f, wake: make(chan struct{}, 1)}
		s.all = append(s.all, to)
		s.done.Go(func() { s.serve(to) })
	}
	return s
}

// take holds a measurement.
func (s *samples) take(m Sample) {
	if s == nil || len(s.all) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, to := range s.all {
		if len(to.held) < room {
			to.held = append(to.held, m)
		} else {
			s.missed++
		}
	}
	if !s.timer {
		s.timer = true
		s.h.Clock.AfterFunc(sampleEach, s.handOn)
	}
}

// handOn wakes the samplers. It is not waited for by those that are busy: they look
// again when they are done.
func (s *samples) handOn() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.timer = false
	if s.over {
		return
	}
	for _, to := range s.all {
		select {
		case to.wake <- struct{}{}:
		default:
		}
	}
}

// serve hands a sampler what is held for it, and at the end the rest.
func (s *samples) serve(to *sampler) {
	var batch []Sample
	for open := true; open; {
		_, open = <-to.wake
		s.mu.Lock()
		batch, to.held = to.held, batch[:0]
		s.mu.Unlock()
		for _, m := range batch {
			s.measured(to.f, m)
		}
	}
}

func (s *samples) measured(f func(Sample), m Sample) {
	defer func() {
		if v := recover(); v != nil {
			s.h.deaf(v)
		}
	}()
	f(m)
}

func (s *samples) lost() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.missed
}

// close lets the samplers have the rest, until ctx is done and the grace is over.
func (s *samples) close(ctx context.Context) {
	if s == nil { // the host never had a store
		return
	}
	s.mu.Lock()
	s.over = true
	for _, to := range s.all {
		close(to.wake)
	}
	s.mu.Unlock()
	s.h.allHeard(ctx, &s.done)
}

package wfetest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	wfe "github.com/wfegen/wfe/runtime"
)

// Test runs a scenario. It returns when that has returned and everything that it
// has started has ended. When it fails, the log lists the runs of all steps.
func Test(t *testing.T, scenario func(r *Rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { newRig(t, 0, never).run(scenario) })
}

// Rig is where a scenario runs: a store, and a host over it. Its methods fail the
// test when what they wait for cannot happen any more.
type Rig struct {
	// T is the test. Calls of FailNow belong to the goroutine of the scenario.
	T *testing.T
	// Config is how hosts run; set it before Host. The clock, Beat, Stale and Poll
	// are the rig's own; artifacts are swept only if it says how often.
	Config wfe.Config

	store    *store
	register func(h *wfe.Host) error
	doubles  []Stand
	host     *wfe.Host
	starts   int // of hosts
	crash    *crash
	all      []ended // instances that were started here
	names    int     // that were made up

	mu      sync.Mutex
	changed chan struct{} // closed, and replaced, when something has happened
	runs    []StepRun     // that have ended, in that order
	active  []StepRun     // those that have not
	effects []Effect
}

// Bounds of what is waited for.
const (
	year = 365 * 24 * time.Hour
	// stall is after how long without a commit, a step or a timer nothing will happen any more.
	stall = year
	// One wait takes so many runs of steps, and so many commits: more are taken for
	// a loop without an end.
	maxRuns, maxCommits = 5_000, 50_000
)

func newRig(t *testing.T, at int, when when) *Rig {
	r := &Rig{T: t, changed: make(chan struct{})}
	r.crash = &crash{at: at, when: when}
	r.store = newStore(r)
	r.Config.Logger = slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError}))
	return r
}

func (r *Rig) run(scenario func(r *Rig)) {
	defer r.stop()
	defer func() {
		if r.T.Failed() {
			r.T.Log(r.trace())
		}
	}()
	scenario(r)
}

// Host starts a host with what register registers, and with doubles in place of
// steps; register is called again for each host after a crash. The host is a
// client like any other; in a scenario for CrashEverywhere use Start, Publish and
// Instance.Do, which outlive it.
func (r *Rig) Host(register func(h *wfe.Host) error, doubles ...Stand) *wfe.Host {
	r.T.Helper()
	if r.register != nil {
		r.T.Fatal("wfetest: a rig has one host: register all workflows in one function")
	}
	r.register, r.doubles = register, doubles
	r.start()
	return r.host
}

// start starts a host, again if it crashed meanwhile.
func (r *Rig) start() {
	r.T.Helper()
	for {
		c := r.Config
		c.Clock = clock{time.Now()}
		c.Beat, c.Stale = 120*year, 150*year // nobody else owns the store
		if c.ArtifactSweep == 0 {
			c.ArtifactSweep = -1 // years pass in no time
		}
		c.Poll = 30 * 24 * time.Hour // or publishes to it
		c.StepMiddleware = append([]wfe.StepMiddleware{r.watch}, c.StepMiddleware...)
		c.Probe = newProbe()
		for _, d := range r.doubles {
			d(c.Probe)
		}
		r.host = wfe.NewHost(r.store, c)
		r.starts++
		if err := r.register(r.host); err != nil {
			r.T.Fatalf("wfetest: registering: %v", err)
		}
		for typ, d := range c.Probe.Doubles {
			if !d.Used {
				r.T.Fatalf("wfetest: there is a double of step %s, which is not registered", typ)
			}
		}
		err := r.host.Start(r.T.Context())
		if err == nil {
			return
		}
		if !r.crashed(err) {
			r.T.Fatalf("wfetest: starting the host: %v", err)
		}
	}
}

// crashed reports whether err is due to the crash that the rig has made.
func (r *Rig) crashed(err error) bool { return r.crash.hit() && errors.Is(err, wfe.ErrFenced) }

// Crash ends the host as kill -9 would, and starts another one over the same
// store. Steps that run have their contexts cancelled, and what they return is
// lost.
func (r *Rig) Crash() {
	r.T.Helper()
	if r.host == nil {
		r.T.Fatal("wfetest: there is no host that could crash")
	}
	r.store.Crash()
	r.restart()
}

func (r *Rig) restart() {
	r.T.Helper()
	r.stop()
	r.start()
}

// stop stops the host, at once.
func (r *Rig) stop() {
	if r.host == nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := r.host.Stop(ctx); err != nil && !errors.Is(err, wfe.ErrFenced) { // which is due to Crash
		r.T.Errorf("wfetest: stopping the host: %v; a step must return when its context is done", err)
	}
	r.host = nil
}

// revive starts another host if the present one has crashed.
func (r *Rig) revive() bool {
	r.T.Helper()
	if r.host == nil {
		r.T.Fatal("wfetest: there is no host: call Host first")
	}
	if err := r.host.Err(); err != nil {
		if !r.crashed(err) {
			r.T.Fatalf("wfetest: the host has ended: %v", err)
		}
		r.restart()
		return true
	}
	return false
}

// do does what a client would, again on the next host if this one crashes.
func (r *Rig) do(what string, f func(ctx context.Context) error) {
	r.T.Helper()
	for again := false; ; again = true {
		r.revive()
		err := f(r.T.Context())
		if impossible := new(wfe.CommandError); err == nil || again && errors.As(err, &impossible) {
			return // a command that cannot be done again has been done before the crash
		}
		synctest.Wait()
		if !r.revive() {
			r.T.Fatalf("wfetest: %s: %v", what, err)
		}
	}
}

// Now is the time of the scenario.
func (r *Rig) Now() time.Time { return time.Now() }

// Advance lets d pass, with all that happens in it.
func (r *Rig) Advance(d time.Duration) {
	r.T.Helper()
	r.revive()
	end := time.NewTimer(d)
	defer end.Stop()
	for {
		select {
		case <-r.host.Done():
			r.revive()
			continue
		case <-end.C:
		}
		r.Settle()
		return
	}
}

// Settle waits until nothing can happen before time passes.
func (r *Rig) Settle() {
	r.T.Helper()
	for synctest.Wait(); r.revive(); synctest.Wait() {
	}
}

// until waits until cond holds. An error of cond says why it never will.
func (r *Rig) until(what func() string, cond func() (bool, error)) {
	r.T.Helper()
	r.revive()
	runs, commits := r.count(), r.store.Commits()
	end := time.NewTimer(stall)
	defer end.Stop()
	for {
		changed := r.change()
		switch ok, err := cond(); {
		case ok:
			return
		case err != nil && !r.revive():
			r.T.Fatalf("wfetest: waiting until %s: %v", what(), err)
		}
		if n, m := r.count()-runs, r.store.Commits()-commits; n > maxRuns || m > maxCommits {
			r.T.Fatalf("wfetest: waiting until %s: after %d runs of steps and %d commits it has not happened; the last step was %s", what(), n, m, r.lastRun())
		}
		end.Reset(stall)
		select {
		case <-changed:
		case <-r.host.Done():
			r.revive()
		case <-end.C:
			synctest.Wait() // something may happen at this very time
			if r.revive() || changed != r.change() || r.store.sleeps() {
				continue
			}
			r.T.Fatalf("wfetest: waiting until %s: nothing can happen any more.%s", what(), r.activity())
		}
	}
}

// change returns a channel that is closed when something happens.
func (r *Rig) change() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.changed
}

// tell says that something has happened. mu is held.
func (r *Rig) tell() {
	close(r.changed)
	r.changed = make(chan struct{})
}

// activity says which steps run, for a message.
func (r *Rig) activity() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var lines []string
	for _, run := range r.active {
		lines = append(lines, fmt.Sprintf("\n  step %s of instance %s has begun and not returned", run, run.Instance))
	}
	return strings.Join(lines, "")
}

package engine_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/engine"
	"github.com/wfegen/wfe/runtime/instance"
)

const grace = 10 * time.Second

// host plays host and store of one instance. It keeps what the effects say and
// nothing else, so that one that is missing shows.
type host struct {
	t       require.TestingT
	prog    *program
	s       *instance.State
	crashes bool // crash after every transition

	now        instance.Instant
	head       []byte
	cells      map[instance.CellID][]byte
	timers     map[timerKey]engine.Timer
	waits      map[instance.PtrID]engine.Wait
	took       []engine.Took
	past       map[instance.CellID]instance.Cell // archived
	seq        instance.Seq                      // of the newest event
	events     []storedEvent                     // those published
	bodies     []engine.Run                      // that run
	ran        []string                          // labels of all bodies that were started, in order
	told       []string                          // labels of all bodies that were told to stop
	sent       []engine.Msg                      // to other instances, in order
	paused     bool                              // Suspend was given, and it did not run on since
	maxPtr     instance.PtrID                    // highest pointer id seen
	maxCrashes int
}

type timerKey struct {
	due instance.Instant
	ptr instance.PtrID
}

type storedEvent struct {
	name, key string
	seq       instance.Seq
	payload   []byte
}

// play runs a test on a workflow twice: live, and with a crash after each transition.
func play(t *testing.T, nodes func() []*node, test func(t *testing.T, h *host)) {
	t.Helper()
	for _, crashes := range []bool{false, true} {
		t.Run(fmt.Sprintf("crashes=%t", crashes), func(t *testing.T) {
			t.Parallel()
			h := newHost(t, compile(t, nodes()...))
			h.crashes = crashes
			h.start(data{})
			test(t, h)
		})
	}
}

// live runs a test on a workflow once, without crashes.
func live(t *testing.T, nodes ...*node) *host {
	h := newHost(t, compile(t, nodes...))
	h.start(data{})
	return h
}

func newHost(t require.TestingT, p *program) *host {
	return &host{
		t: t, prog: p, now: instance.At(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)),
		s:     &instance.State{ID: "i", Definition: "hash", Status: instance.Runnable},
		cells: map[instance.CellID][]byte{}, timers: map[timerKey]engine.Timer{}, waits: map[instance.PtrID]engine.Wait{},
		past: map[instance.CellID]instance.Cell{},
	}
}

// start begins the instance.
func (h *host) start(d data) {
	body, err := json.Marshal(d)
	require.NoError(h.t, err)
	h.apply(instance.Input{Kind: instance.Started, At: h.now, Payload: body})
}

// apply runs one transition and does what follows.
func (h *host) apply(in ...instance.Input) {
	var fx engine.Effects
	h.advance(&fx, in...)
	h.commit(&fx)
	if h.crashes {
		h.crash(&fx)
		return
	}
	h.dispatch(&fx)
}

func (h *host) advance(fx *engine.Effects, in ...instance.Input) {
	before := h.s.Status
	h.paused = slices.ContainsFunc(in, func(in instance.Input) bool { return in.Kind == instance.Suspend }) ||
		h.paused && before == instance.Suspended
	require.NoError(h.t, engine.Advance(h.prog.Program, h.s, in, engine.Env{Now: h.now, Grace: grace, MaxCrashes: h.maxCrashes}, fx))
	if before.Ended() {
		require.False(h.t, fx.Changed, "an ended instance changed")
	}
}

func (h *host) commit(fx *engine.Effects) {
	if !fx.Changed {
		require.Empty(h.t, append(fx.Put, fx.Del...), "cells of no transition")
		require.Empty(h.t, fx.Timers)
		require.Empty(h.t, fx.Waits)
		require.Empty(h.t, fx.Send)
		require.Empty(h.t, fx.Took)
		require.Empty(h.t, fx.Log)
		require.Empty(h.t, fx.Archive)
		return
	}
	h.sent = append(h.sent, fx.Send...)
	h.head = h.s.AppendHead(nil)
	for _, id := range fx.Put {
		h.cells[id] = h.s.AppendCell(nil, id)
	}
	for _, id := range fx.Del {
		delete(h.cells, id)
	}
	for _, c := range fx.Archive {
		h.past[c.ID] = c
	}
	h.took = append(h.took, fx.Took...)
	for _, t := range fx.Timers {
		if t.Set {
			h.timers[timerKey{t.Due, t.Ptr}] = t
		} else {
			delete(h.timers, timerKey{t.Due, t.Ptr})
		}
	}
	for _, w := range fx.Waits {
		if w.Set {
			h.waits[w.Ptr] = w
		} else {
			if was, ok := h.waits[w.Ptr]; ok {
				require.Equal(h.t, []string{was.Name, was.Key}, []string{w.Name, w.Key}, "another wait is taken back")
			}
			delete(h.waits, w.Ptr)
		}
	}
	h.check()
}

func (h *host) dispatch(fx *engine.Effects) {
	for _, ptr := range fx.Stop {
		if i := h.body(ptr); i >= 0 {
			h.told = append(h.told, h.label(h.bodies[i]))
			if h.s.Status.Ended() {
				h.bodies = slices.Delete(h.bodies, i, i+1)
			}
		}
	}
	for _, r := range fx.Run {
		if i := h.body(r.Ptr); i >= 0 {
			require.Equal(h.t, h.bodies[i].Gen, r.Gen, "a second body beside %s", h.label(r))
			continue
		}
		h.bodies = append(h.bodies, r)
		h.ran = append(h.ran, h.label(r))
	}
}

func (h *host) body(ptr instance.PtrID) int {
	return slices.IndexFunc(h.bodies, func(r engine.Run) bool { return r.Ptr == ptr })
}

// crash loses all that is not stored, before anything is dispatched. Where bodies
// may answer to a suspended instance, or after they were told to stop, only the
// state is lost, so that tests can let them; a crash there has tests of its own.
func (h *host) crash(fx *engine.Effects) {
	h.reload()
	if h.s.Status == instance.Suspended || slices.ContainsFunc(h.s.Pointers, func(p *instance.Pointer) bool { return p.Status == instance.Stopping }) {
		h.dispatch(fx)
		return
	}
	h.recover()
}

// reload reads the instance from the store.
func (h *host) reload() {
	s := &instance.State{ID: h.s.ID, Definition: h.s.Definition, Status: h.s.Status, Born: h.s.Born, Created: h.s.Created, Ended: h.s.Ended}
	var cells []instance.Cell
	for id, body := range h.cells {
		cells = append(cells, instance.Cell{ID: id, Body: body})
	}
	require.NoError(h.t, s.Decode(h.head, cells))
	h.s = s
}

// recover tells a loaded instance that its bodies are gone.
func (h *host) recover() {
	h.bodies = nil
	var fx engine.Effects
	h.advance(&fx, instance.Input{Kind: instance.Recovered})
	h.commit(&fx)
	h.dispatch(&fx)
}

// check compares what is stored with what the state needs, and looks for what can
// never be.
func (h *host) check() {
	s, t := h.s, h.t
	require.Equal(t, h.wanted(), h.cells, "cells")
	if s.Live != nil {
		live, err := h.prog.Encode(nil, s.Live)
		require.NoError(t, err)
		require.Equal(t, string(live), string(s.Data.Whole()), "the live data is not what is stored")
	}
	timers, waits := map[timerKey]uint32{}, map[instance.PtrID]uint32{}
	children := map[instance.PtrID]int{}
	failed := 0
	seen := h.maxPtr
	for _, p := range s.Pointers {
		if p.Due != 0 {
			timers[timerKey{p.Due, p.ID}] = p.Gen
		}
		if p.Status == instance.Waiting && !p.Held {
			waits[p.ID] = p.Gen
		}
		if p.Status == instance.Failed {
			failed++
		}
		if p.Status == 0 {
			require.Equal(t, instance.Suspended, s.Status, "pointer %d awaits nothing", p.ID)
		}
		children[p.Parent]++
		h.maxPtr = max(h.maxPtr, p.ID)
	}
	require.GreaterOrEqual(t, s.NextPtr, seen, "the counter of pointers went back")
	for _, p := range s.Pointers {
		require.Equal(t, children[p.ID], p.Pending, "children of pointer %d", p.ID)
		if p.Status == instance.Open && p.Due == 0 && s.Status == instance.Runnable {
			require.NotZero(t, p.Pending, "container %d is empty and open", p.ID)
		}
	}
	for k, v := range h.timers {
		require.Equal(t, timers[k], v.Gen, "timer of pointer %d", k.ptr)
	}
	require.Len(t, h.timers, len(timers))
	for k, v := range h.waits {
		require.Equal(t, waits[k], v.Gen, "wait of pointer %d", k)
	}
	require.Len(t, h.waits, len(waits))
	switch s.Status {
	case instance.Runnable:
		h.checkCancelled()
		require.NotEmpty(t, s.Pointers)
		require.Zero(t, failed)
		require.Empty(t, s.Held)
		require.Empty(t, s.Later)
	case instance.Suspended:
		require.True(t, failed > 0 || h.paused, "nothing to resume")
	default:
		require.Empty(t, s.Pointers)
		require.NotZero(t, s.Ended)
		if s.Status == instance.Complete || s.Reason == instance.ReasonCancelled {
			require.Empty(t, s.Undo)
		}
	}
}

// checkCancelled looks for what is live though its condition says that it is cancelled.
func (h *host) checkCancelled() {
	for _, p := range h.s.Pointers {
		if h.prog.nodes[p.Node].Cancel && p.Role == instance.Forward && (p.Phase == instance.Body || p.Phase == instance.Pausing) && p.Status != instance.Stopping && !h.halting(p) {
			require.False(h.t, h.cancels(p), "pointer %d at %s", p.ID, h.prog.nodes[p.Node].ID)
		}
	}
}

// cancels asks the condition of a node; one that fails cancels too.
func (h *host) cancels(p *instance.Pointer) (holds bool) {
	defer func() { holds = recover() != nil || holds }()
	d := h.data()
	return h.prog.nodes[p.Node].cancels(&d)
}

// halting reports whether something around p is being stopped.
func (h *host) halting(p *instance.Pointer) bool {
	for c := h.s.Pointer(p.Parent); c != nil; c = h.s.Pointer(c.Parent) {
		if c.Role != instance.Forward || c.Phase != instance.Body {
			return c.Phase == instance.Halting
		}
	}
	return h.s.Cancel == instance.Halting
}

// wanted returns the cells that the state needs, as they should be stored.
func (h *host) wanted() map[instance.CellID][]byte {
	cells := map[instance.CellID][]byte{}
	want := func(id instance.CellID) { cells[id] = h.s.AppendCell(nil, id) }
	for _, p := range h.s.Pointers {
		if p.Home.Kind != instance.Head {
			want(p.Home)
		}
	}
	for ptr, items := range h.s.Items {
		for _, id := range instance.AppendItemCells(nil, ptr, len(items)) {
			want(id)
		}
	}
	for _, f := range h.s.Data.Fat {
		want(instance.CellID{Kind: instance.FieldCell, Index: f.Number})
	}
	for _, u := range h.s.Undo {
		want(instance.CellID{Kind: instance.UndoCell, Ptr: u.Ptr})
	}
	return cells
}

// label names a body: the step, and the element it works on.
func (h *host) label(r engine.Run) string {
	l := h.prog.Definition.Nodes[r.Node].ID
	if r.Compensation {
		l = "undo " + l
	}
	if r.Item != nil {
		l += fmt.Sprintf("[%d]", r.Index)
	}
	return l
}

// running lists the labels of the bodies that run.
func (h *host) running() []string {
	var l []string
	for _, r := range h.bodies {
		l = append(l, h.label(r))
	}
	slices.Sort(l)
	return l
}

// run returns the body of a label; it must run.
func (h *host) run(label string) engine.Run {
	i := slices.IndexFunc(h.bodies, func(r engine.Run) bool { return h.label(r) == label })
	require.GreaterOrEqual(h.t, i, 0, "%s does not run; %v do", label, h.running())
	return h.bodies[i]
}

// result takes a body away and returns the input with which it ends.
func (h *host) result(label string, in instance.Input) instance.Input {
	r := h.run(label)
	h.bodies = slices.Delete(h.bodies, h.body(r.Ptr), h.body(r.Ptr)+1)
	in.Ptr, in.Gen, in.At = r.Ptr, r.Gen, h.now
	if in.Kind == instance.StepDone {
		var v value
		require.NoError(h.t, json.Unmarshal(r.Input, &v))
		v.Out = label
		body, err := json.Marshal(v)
		require.NoError(h.t, err)
		in.Payload = body
	}
	return in
}

func (h *host) done(labels ...string) {
	for _, l := range labels {
		h.apply(h.result(l, instance.Input{Kind: instance.StepDone}))
	}
}

func (h *host) outcome(label, outcome string) {
	h.apply(h.result(label, instance.Input{Kind: instance.StepDone, Result: instance.Outcome, Outcome: outcome}))
}

// branch has a step branch into so many elements: e0, e1 and so on.
func (h *host) branch(label string, n int) {
	h.apply(h.result(label, instance.Input{Kind: instance.StepDone, Result: instance.Branch, Items: elementsOf(n)}))
}

func elementsOf(n int) [][]byte {
	var items [][]byte
	for i := range n {
		items = append(items, fmt.Appendf(nil, "e%d", i))
	}
	return items
}

func (h *host) persist(label, body string) {
	h.apply(h.result(label, instance.Input{Kind: instance.StepDone, Result: instance.Persist, Persist: []byte(body)}))
}

func (h *host) sleep(label string, d time.Duration) {
	h.apply(h.result(label, instance.Input{Kind: instance.StepDone, Result: instance.SleepUntil, Until: h.now.Add(d)}))
}

func (h *host) fail(label string) {
	h.apply(h.result(label, instance.Input{Kind: instance.StepFailed, Err: &instance.StepError{Message: label + " failed"}}))
}

func (h *host) failWith(label string, err instance.StepError) {
	h.apply(h.result(label, instance.Input{Kind: instance.StepFailed, Err: &err}))
}

// stopped answers for a body that was told to stop.
func (h *host) stopped(label string, unbegun bool) {
	h.apply(h.result(label, instance.Input{Kind: instance.StepStopped, Unbegun: unbegun}))
}

func (h *host) resume() { h.command(instance.Resume) }

// command gives the instance a command; it must be possible.
func (h *host) command(kind instance.InputKind) { h.apply(instance.Input{Kind: kind, At: h.now}) }

// refused requires that a command is not possible, and returns the answer.
func (h *host) refused(kind instance.InputKind) engine.Refused {
	var fx engine.Effects
	h.advance(&fx, instance.Input{Kind: kind, At: h.now, Tag: 7})
	require.False(h.t, fx.Changed)
	require.Len(h.t, fx.Refused, 1)
	require.Equal(h.t, 7, fx.Refused[0].Tag)
	return fx.Refused[0]
}

// left lists the nodes of what is recorded to undo, by ascending pointer.
func (h *host) left() []string {
	var l []string
	for _, u := range h.s.Undo {
		label := h.prog.Definition.Nodes[u.Node].ID
		if u.InPart {
			label += " in part"
		}
		l = append(l, label)
	}
	return l
}

// pointer returns the pointer at a node; there must be exactly one.
func (h *host) pointer(id string) *instance.Pointer {
	var found []*instance.Pointer
	for _, p := range h.s.Pointers {
		if h.prog.Definition.Nodes[p.Node].ID == id {
			found = append(found, p)
		}
	}
	require.Len(h.t, found, 1, "pointers at %s", id)
	return found[0]
}

// wakes lists the nodes whose pointers have a timer, with the wait.
func (h *host) wakes() map[string]time.Duration {
	w := map[string]time.Duration{}
	for _, p := range h.s.Pointers {
		if p.Due != 0 {
			w[h.prog.Definition.Nodes[p.Node].ID] = p.Due.Sub(h.now)
		}
	}
	return w
}

// wake lets time pass until the next timer and fires it.
func (h *host) wake() {
	require.NotEmpty(h.t, h.timers, "no timer is set")
	var next engine.Timer
	for _, t := range h.timers {
		if next.Due == 0 || t.Due < next.Due || t.Due == next.Due && t.Ptr < next.Ptr {
			next = t
		}
	}
	h.now = max(h.now, next.Due)
	h.apply(instance.Input{Kind: instance.TimerDue, Ptr: next.Ptr, Gen: next.Gen, At: h.now})
}

// publish makes an event and offers it, and those after it, to who waits.
func (h *host) publish(name, key, payload string) {
	h.seq++
	h.events = append(h.events, storedEvent{name, key, h.seq, []byte(payload)})
	h.offer()
}

// offer offers each wait the oldest event that it may take, until none is left.
// Younger pointers are asked first: it is the engine that must prefer the oldest.
func (h *host) offer() {
	for again := true; again; {
		again = false
		ptrs := make([]instance.PtrID, 0, len(h.waits))
		for ptr := range h.waits {
			ptrs = append(ptrs, ptr)
		}
		slices.Sort(ptrs)
		slices.Reverse(ptrs)
		for _, ptr := range ptrs {
			w, ok := h.waits[ptr]
			i := slices.IndexFunc(h.events, func(e storedEvent) bool { return ok && e.name == w.Name && e.key == w.Key && e.seq > w.After })
			if i < 0 {
				continue
			}
			before := len(h.waits)
			h.apply(instance.Input{Kind: instance.EventOffered, Ptr: ptr, Gen: w.Gen, Seq: h.events[i].seq, Payload: h.events[i].payload})
			again = again || h.waits[ptr] != w || len(h.waits) != before
		}
	}
}

// data returns the instance's data as it is stored.
func (h *host) data() data {
	var d data
	require.NoError(h.t, json.Unmarshal(h.s.Data.Whole(), &d))
	return d
}

func (h *host) log() []string { return h.data().Log }

func (h *host) is(status instance.Status) {
	require.Equal(h.t, status, h.s.Status, "running: %v, failure: %+v", h.running(), h.s.Failure)
}

func retries(n int, then definition.Action) definition.RetryPolicy {
	return definition.RetryPolicy{MaxRetries: n, Interval: time.Second, Factor: 2, Then: then}
}

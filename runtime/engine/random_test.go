package engine_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/engine"
	"github.com/wfegen/wfe/runtime/instance"
)

// TestAnyWorkflow_SurvivesAnyOrderOfInputsAndCrashes lets random workflows meet
// random results, timers, events and crashes, in random order, and checks what
// must hold for all of them.
func TestAnyWorkflow_SurvivesAnyOrderOfInputsAndCrashes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := randomWorkflow(t)
		c := newChaos(t, compile(t, w...), rapid.Uint64().Draw(t, "seed"))
		c.crashShare = 0.1
		c.play()
	})
}

// TestAnyWorkflow_TakesCommandsAtAnyTime adds commands at random times to all that:
// what a Cancel rolls back is undone once, wholly, and a Terminate records what is
// left.
func TestAnyWorkflow_TakesCommandsAtAnyTime(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := newChaos(t, compile(t, randomWorkflow(t)...), rapid.Uint64().Draw(t, "seed"))
		c.crashShare = rapid.SampledFrom([]float64{0, 0.1}).Draw(t, "crashes")
		c.commands = rapid.SampledFrom([]float64{0.02, 0.1, 0.3}).Draw(t, "commands")
		c.play()
	})
}

// TestAnyWorkflow_IsTheSameWithACrashAfterEveryTransition replays what a random
// workflow met with a crash after every transition: the states are the same, byte
// for byte.
func TestAnyWorkflow_IsTheSameWithACrashAfterEveryTransition(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := compile(t, randomWorkflow(t)...)
		p.whole = rapid.Bool().Draw(t, "whole")
		c := newChaos(t, p, rapid.Uint64().Draw(t, "seed"))
		c.allBegin = true // whether a body had begun is not known after a crash
		c.commands = 0.03
		c.play()
		h := newHost(t, p)
		h.crashes = true
		for i, e := range c.transcript {
			h.now, h.bodies = e.now, nil
			h.apply(e.in...)
			require.Equal(t, string(e.head), string(h.head), "head after transition %d", i)
			require.Equal(t, e.cells, len(h.cells), "cells after transition %d", i)
		}
		require.Equal(t, c.h.s.Status, h.s.Status)
		require.Equal(t, c.h.data(), h.data())
	})
}

// randomWorkflow is a tree of up to 30 nodes, up to 4 deep.
func randomWorkflow(t *rapid.T) []*node {
	g := &generator{
		rnd:  rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "workflow"), 0)),
		left: rapid.SampledFrom([]int{3, 6, 12, 20, 30}).Draw(t, "nodes"),
	}
	return g.nodes(1, definition.Saga)
}

// generator makes the nodes of a random workflow.
type generator struct {
	rnd   *rand.Rand
	left  int // nodes that may still be made
	names int
}

func (g *generator) chance(percent int) bool { return g.rnd.IntN(100) < percent }

func (g *generator) name(kind definition.Kind) string {
	g.names++
	return fmt.Sprintf("%s%d", kind, g.names)
}

func (g *generator) policy() definition.RetryPolicy {
	p := definition.RetryPolicy{MaxRetries: g.rnd.IntN(3), Interval: time.Second}
	if g.chance(50) {
		p.Then = []definition.Action{definition.Suspend, definition.Terminate, definition.Compensate,
			definition.CompensateThenRetry, definition.CompensateThenSuspend}[g.rnd.IntN(5)]
	}
	return p
}

// nodes makes a block; first is a kind that it has with some likelihood.
func (g *generator) nodes(depth int, first definition.Kind) []*node {
	var l []*node
	for i := range 1 + g.rnd.IntN(4) {
		if g.left <= 0 {
			break
		}
		g.left--
		kind := []definition.Kind{definition.Step, definition.Step, definition.Step, definition.WaitFor, definition.Delay,
			definition.If, definition.Decide, definition.Set, definition.While, definition.ForEach, definition.Parallel, definition.Parallel, definition.Saga, definition.Saga,
			definition.Schedule, definition.Recur}[g.rnd.IntN(16)]
		if i == 0 && g.chance(60) {
			kind = first
		}
		if depth >= 4 && kind != definition.WaitFor && kind != definition.Delay {
			kind = definition.Step
		}
		l = append(l, g.node(kind, depth))
	}
	return l
}

// node makes a node, which a condition may cancel.
func (g *generator) node(kind definition.Kind, depth int) *node {
	n := g.plain(kind, depth)
	if n.Kind == definition.Set || n.Kind == definition.End || !g.chance(12) {
		return n
	}
	n.Proceed = g.chance(50)
	mod, rest := 2+g.rnd.IntN(6), 1+g.rnd.IntN(3)
	broken := g.chance(10)
	return n.cancelWhen(func(d *data) bool {
		holds := len(d.Log)%mod == rest
		if holds && broken {
			d.Log = nil
			panic("broken")
		}
		return holds
	})
}

func (g *generator) plain(kind definition.Kind, depth int) *node {
	block := func() []*node { return g.nodes(depth+1, definition.Step) }
	name := g.name(kind)
	switch kind {
	case definition.WaitFor:
		n := await(name, "event").retry(g.policy())
		if g.chance(50) {
			n.timeout(time.Minute, block()...)
		}
		return n
	case definition.Delay:
		if depth == 1 && g.chance(20) {
			return end(name)
		}
		return delay(name, time.Minute)
	case definition.If:
		n := when(name, func(d *data) bool { return len(d.Log)%2 == 0 }).then(block()...)
		if g.chance(50) {
			n.otherwise(block()...)
		}
		if g.chance(10) {
			n.conds[0] = func(d *data) bool { d.Log = nil; panic("broken") }
		}
		return n
	case definition.Decide:
		n := decide(name)
		n.All = g.chance(50)
		for i := range g.rnd.IntN(3) {
			n.of(g.name("case"), func(d *data) bool { return len(d.Log)%3 != i }, block()...)
		}
		if g.chance(70) {
			n.of(definition.BlockDefault, nil, block()...)
		}
		return n
	case definition.Set:
		if g.chance(50) {
			return set(name, func(*data) {})
		}
		n := set(name, func(d *data) { // to and fro between the head and cells
			d.List = list(len(d.Log) % 3 * 200)(nil)
			d.Flags = map[string]bool{strings.Repeat("x", len(d.Log)%4*900): true}
		})
		n.stores = [][]int{nil, {1, 2}}[g.rnd.IntN(2)]
		return n
	case definition.While: // each round logs, whatever is cancelled in it
		first := step(g.name(definition.Step))
		return while(name, func(d *data) bool { return len(d.Log) < 8 }, append([]*node{first}, block()...)...)
	case definition.Schedule:
		return scheduleAfter(name, time.Duration(g.rnd.IntN(2))*time.Minute, block()...)
	case definition.Recur:
		n := recur(name, time.Minute, func(d *data) bool { return len(d.Log) >= 8 }, append([]*node{step(g.name(definition.Step))}, block()...)...)
		if g.chance(30) {
			n.Every, n.Cron, n.Zone = 0, "* * * * *", "UTC"
			n.next = func(after instance.Instant) instance.Instant { return after.Add(time.Minute) }
		}
		return n
	case definition.ForEach:
		n := each(name, list(g.rnd.IntN(4)), block()...).limit(1 + g.rnd.IntN(3))
		n.Sequential = g.chance(30)
		return n
	case definition.Parallel:
		var blocks [][]*node
		for range g.rnd.IntN(4) {
			blocks = append(blocks, g.nodes(depth+1, definition.Saga))
		}
		return parallel(name, blocks...)
	case definition.Saga:
		n := saga(name, g.nodes(depth+1, definition.Parallel)...)
		if g.chance(40) {
			n.compensate(block()...)
		}
		if g.chance(50) {
			n.retry(g.policy())
		}
		return n
	}
	n := step(name).retry(g.policy()).retryUndo(definition.RetryPolicy{MaxRetries: 1})
	if n.Undo = g.chance(70); n.Undo && g.chance(30) {
		n.undoneBy("other")
	}
	if depth < 4 && g.chance(20) {
		n.branches(block()...).limit(1 + g.rnd.IntN(3))
		n.Sequential = g.chance(30)
	}
	if depth < 4 && g.chance(15) {
		n.Compensate = ""
		n.undoneByBlock(block()...)
	}
	if depth < 4 && g.chance(20) {
		n.on("outcome", block()...)
	}
	if g.chance(5) {
		n.out = func(d *data, v value) { d.Log = append(d.Log, v.Out); panic("broken") }
	} else if g.chance(50) {
		n.stores = []int{0}
	}
	return n
}

// chaos plays a host that does things in a random order.
type chaos struct {
	t          *rapid.T
	h          *host
	rnd        *rand.Rand
	crashShare float64
	commands   float64 // share of commands among what happens
	allBegin   bool    // no body waits for its turn

	transcript []entry
	acts       int
	resumes    int
	inputs     []instance.Input // some that were given already
	begun      map[runKey]bool  // bodies that were handed out: whether they began
	ledger     map[instance.PtrID]*deed
	rolling    map[instance.PtrID]int // sagas that were rolling back after the last transition
	open       []instance.PtrID       // sagas that could be rolled back after the last transition
	cancelled  []instance.PtrID       // sagas that were open when a Cancel came
}

type entry struct {
	now   instance.Instant
	in    []instance.Input
	head  []byte
	cells int
}

type runKey struct {
	ptr instance.PtrID
	gen uint32
}

// deed is what became of an undoable step.
type deed struct {
	label  string
	sagas  []instance.PtrID // those it was run in
	began  bool
	lost   bool // it was handed out, and its body was not heard of again: it may have begun
	undone int
}

func newChaos(t *rapid.T, p *program, seed uint64) *chaos {
	return &chaos{t: t, h: newHost(t, p), rnd: rand.New(rand.NewPCG(seed, 0)),
		begun: map[runKey]bool{}, ledger: map[instance.PtrID]*deed{}, rolling: map[instance.PtrID]int{}}
}

// play goes on until the instance has ended, or stays suspended.
func (c *chaos) play() {
	body, _ := json.Marshal(data{})
	c.give(instance.Input{Kind: instance.Started, At: c.h.now, Payload: body})
	for c.h.s.Status != instance.Complete && c.h.s.Status != instance.Terminated && c.resumes < 10 {
		c.acts++
		require.Less(c.t, c.acts, 20_000, "it does not end")
		c.act()
	}
	log := c.h.log()
	slices.Sort(log)
	require.Equal(c.t, len(log), len(slices.Compact(log)), "a pointer completed twice: %v", log)
	for ptr, d := range c.ledger {
		require.LessOrEqual(c.t, d.undone, 1, "%s, pointer %d", d.label, ptr)
		if d.undone > 0 {
			require.True(c.t, d.began || d.lost, "%s, pointer %d, was undone and never began", d.label, ptr)
		}
	}
	c.checkUndone()
}

// act does one of the things that can happen now.
func (c *chaos) act() {
	var can []func()
	for _, r := range c.h.bodies {
		can = append(can, func() { c.answer(r) })
	}
	for _, t := range c.sortedTimers() {
		can = append(can, func() {
			c.h.now = max(c.h.now, t.Due)
			if d := c.ledger[t.Ptr]; d != nil && c.h.s.Pointer(t.Ptr).Status == instance.Stopping {
				d.lost = true // nobody knows whether its body began
			}
			c.give(instance.Input{Kind: instance.TimerDue, Ptr: t.Ptr, Gen: t.Gen, At: c.h.now})
		})
	}
	for _, w := range c.sortedWaits() {
		can = append(can, func() {
			c.h.seq++
			payload := fmt.Sprintf(`{"out":"event %d"}`, c.h.seq)
			if c.rnd.Float64() < 0.2 {
				payload = "]"
			}
			c.give(instance.Input{Kind: instance.EventOffered, Ptr: w.Ptr, Gen: w.Gen, Seq: c.h.seq, Payload: []byte(payload)})
		})
	}
	if c.h.s.Status == instance.Suspended && (len(can) == 0 || c.rnd.Float64() < 0.1) {
		c.resumes++
		can = []func(){func() { c.give(instance.Input{Kind: instance.Resume, At: c.h.now}) }}
	}
	require.NotEmpty(c.t, can, "nothing can happen any more")
	switch f := c.rnd.Float64(); {
	case f < c.crashShare:
		c.crash()
	case f < c.crashShare+0.05 && len(c.inputs) > 0:
		c.give(c.inputs[c.rnd.IntN(len(c.inputs))]) // once more
	case f < c.crashShare+0.05+c.commands:
		c.command()
	default:
		can[c.rnd.IntN(len(can))]()
	}
}

// command gives one of the commands. They are answered by the status alone, and one
// that is refused changes nothing.
func (c *chaos) command() {
	kind := []instance.InputKind{instance.Suspend, instance.Suspend, instance.Resume, instance.Retry, instance.Cancel, instance.Terminate}[c.rnd.IntN(6)]
	before, failed := c.h.s.Status, slices.ContainsFunc(c.h.s.Pointers, func(p *instance.Pointer) bool { return p.Status == instance.Failed })
	if kind == instance.Cancel && c.h.s.Cancel == instance.Body {
		c.cancelled = c.open
	}
	if kind == instance.Retry && !(before == instance.Suspended && failed) {
		require.Equal(c.t, before, c.h.refused(kind).Status)
		return
	}
	c.give(instance.Input{Kind: kind, At: c.h.now, Payload: []byte("why")})
	s := c.h.s
	switch kind {
	case instance.Suspend:
		require.Equal(c.t, instance.Suspended, s.Status)
		return
	case instance.Terminate:
		require.Equal(c.t, instance.ReasonOperator, s.Reason)
		require.Equal(c.t, "why", s.Note)
	case instance.Cancel:
		require.True(c.t, s.Cancel != instance.Body || s.Status.Ended())
		require.True(c.t, s.Cancel == instance.Body || s.Status == instance.Runnable || before == instance.Suspended || s.Status.Ended())
	}
}

// checkUndone checks what a terminated instance has undone, and what it has left.
func (c *chaos) checkUndone() {
	s := c.h.s
	for ptr, d := range c.ledger {
		if s.Reason == instance.ReasonCancelled && d.began && in(d.sagas, c.cancelled) {
			require.Equal(c.t, 1, d.undone, "%s, pointer %d, of an open saga that was cancelled", d.label, ptr)
		}
		if s.Reason == instance.ReasonOperator && d.began && d.undone == 0 && in(d.sagas, c.open) {
			require.NotNil(c.t, s.Entry(ptr), "%s, pointer %d, is left to undo", d.label, ptr)
		}
	}
	for _, u := range s.Undo {
		if !s.Status.Ended() {
			break
		}
		if d := c.ledger[u.Ptr]; d != nil {
			require.Zero(c.t, d.undone, "%s, pointer %d, is not left to undo", d.label, u.Ptr)
		}
	}
}

func in(some, all []instance.PtrID) bool {
	return slices.ContainsFunc(some, func(id instance.PtrID) bool { return slices.Contains(all, id) })
}

// answer ends a body in some way.
func (c *chaos) answer(r engine.Run) {
	p := c.h.s.Pointer(r.Ptr)
	stopping := p != nil && p.Gen == r.Gen && p.Status == instance.Stopping
	key := runKey{r.Ptr, r.Gen}
	if !c.begun[key] {
		if stopping {
			c.end(r, instance.Input{Kind: instance.StepStopped, Unbegun: true})
			return
		}
		c.begin(r)
	}
	var v value
	require.NoError(c.t, json.Unmarshal(r.Input, &v))
	v.Out = fmt.Sprintf("%s %d", c.h.label(r), r.Ptr)
	payload, _ := json.Marshal(v)
	f := c.rnd.Float64()
	if c.acts > 2000 {
		f = 1
	}
	switch {
	case stopping && f < 0.3:
		c.end(r, instance.Input{Kind: instance.StepStopped})
	case f < 0.2:
		c.end(r, instance.Input{Kind: instance.StepFailed, Err: &instance.StepError{Message: "failed", Permanent: c.rnd.Float64() < 0.3}})
	case f < 0.25:
		c.end(r, instance.Input{Kind: instance.StepDone, Result: instance.Persist, Persist: []byte("1")})
	case f < 0.3:
		c.end(r, instance.Input{Kind: instance.StepDone, Result: instance.SleepUntil, Until: c.h.now.Add(time.Minute)})
	case f < 0.35:
		in := instance.Input{Kind: instance.StepDone, Result: instance.WaitFor, Event: "event", Key: "key"}
		if c.rnd.IntN(2) == 0 {
			in.Until = c.h.now.Add(time.Minute)
		}
		c.end(r, in)
	default:
		if d := c.ledger[r.Undoes]; r.Compensation && d != nil && p != nil && p.Gen == r.Gen && !p.Held {
			d.undone++
		}
		in := instance.Input{Kind: instance.StepDone, Payload: payload, Result: instance.ResultKind(c.rnd.IntN(2)), Outcome: "outcome"}
		if !r.Compensation && c.h.prog.Definition.Nodes[r.Node].Branches(0) && c.rnd.IntN(3) > 0 {
			in.Result, in.Items = instance.Branch, elementsOf(c.rnd.IntN(4))
		}
		c.end(r, in)
	}
}

// end takes a body away and gives its result to the instance, perhaps together
// with the one of another body.
func (c *chaos) end(r engine.Run, in instance.Input) {
	i := c.h.body(r.Ptr)
	c.h.bodies = slices.Delete(c.h.bodies, i, i+1)
	delete(c.begun, runKey{r.Ptr, r.Gen})
	in.Ptr, in.Gen, in.At = r.Ptr, r.Gen, c.h.now
	ins := []instance.Input{in}
	for c.rnd.Float64() < c.commands { // they go first
		kind := []instance.InputKind{instance.Resume, instance.Suspend}[c.rnd.IntN(2)]
		ins = slices.Insert(ins, 0, instance.Input{Kind: kind, At: c.h.now})
	}
	if len(c.h.bodies) > 0 && c.rnd.Float64() < 0.2 {
		other := c.h.bodies[0]
		if c.begun[runKey{other.Ptr, other.Gen}] && !other.Compensation {
			c.h.bodies = slices.Delete(c.h.bodies, 0, 1)
			delete(c.begun, runKey{other.Ptr, other.Gen})
			ins = append(ins, instance.Input{Kind: instance.StepFailed, Ptr: other.Ptr, Gen: other.Gen, At: c.h.now, Err: &instance.StepError{Message: "failed too"}})
		}
	}
	c.give(ins...)
}

func (c *chaos) give(ins ...instance.Input) {
	c.t.Logf("%+v", ins)
	var done *instance.Pointer
	if in := ins[0]; len(ins) == 1 && in.Kind == instance.StepDone {
		done = c.h.s.Pointer(in.Ptr)
	}
	c.h.apply(ins...)
	c.transcript = append(c.transcript, entry{c.h.now, ins, slices.Clone(c.h.head), len(c.h.cells)})
	c.inputs = append(c.inputs, ins...)
	c.look(done)
}

func (c *chaos) crash() {
	for _, r := range c.h.bodies {
		if d := c.ledger[r.Ptr]; d != nil {
			d.lost = true
		}
		delete(c.begun, runKey{r.Ptr, r.Gen})
	}
	for _, in := range c.h.s.Held { // whether an earlier run of it began is not known any more
		if d := c.ledger[in.Ptr]; d != nil {
			d.lost = true
		}
	}
	c.h.bodies = nil
	c.h.reload()
	c.h.recover()
	c.look(nil)
}

// look notes what is new after a transition, in which nothing happened but the end
// of a body if done is set.
func (c *chaos) look(done *instance.Pointer) {
	for _, r := range c.h.bodies {
		if _, ok := c.begun[runKey{r.Ptr, r.Gen}]; ok {
			continue
		}
		c.begun[runKey{r.Ptr, r.Gen}] = false
		p := c.h.s.Pointer(r.Ptr)
		if n := c.h.prog.nodes[r.Node]; !r.Compensation && (n.Undo || n.Compensate != "") && c.ledger[r.Ptr] == nil && p != nil {
			c.ledger[r.Ptr] = &deed{label: c.h.label(r), sagas: c.sagas(p)}
		}
		if c.allBegin || c.rnd.Float64() < 0.7 {
			c.begin(r)
		}
	}
	for id := range c.rolling {
		now := c.h.s.Pointer(id)
		cut := c.h.s.Status.Ended() && (done == nil || done.Parent != id) // by what happened elsewhere
		if now != nil && now.Phase == instance.RollingBack || cut {
			continue
		}
		for ptr, d := range c.ledger {
			if slices.Contains(d.sagas, id) && d.began {
				require.Equal(c.t, 1, d.undone, "%s, pointer %d, of saga %d that was rolled back", d.label, ptr, id)
			}
		}
	}
	if c.h.s.Status.Ended() {
		return
	}
	clear(c.rolling)
	c.open = nil
	for _, p := range c.h.s.Pointers {
		if p.Phase == instance.RollingBack {
			c.rolling[p.ID] = p.Pending
		}
		if c.h.prog.nodes[p.Node].Kind == definition.Saga && p.Status == instance.Open && !c.inCompensation(p) {
			c.open = append(c.open, p.ID)
		}
	}
}

// inCompensation reports whether p is one, or part of one that runs to its end
// whatever happens.
func (c *chaos) inCompensation(p *instance.Pointer) bool {
	for ; p != nil; p = c.h.s.Pointer(p.Parent) {
		if parent := c.h.s.Pointer(p.Parent); p.Role != instance.Forward || parent != nil && parent.Phase == instance.Compensating {
			return true
		}
	}
	return false
}

func (c *chaos) begin(r engine.Run) {
	c.begun[runKey{r.Ptr, r.Gen}] = true
	if d := c.ledger[r.Ptr]; d != nil {
		d.began = true
	}
}

// sagas lists the sagas of which p is a part, and not of a compensation in them.
func (c *chaos) sagas(p *instance.Pointer) []instance.PtrID {
	var l []instance.PtrID
	for ; p != nil && p.Role == instance.Forward; p = c.h.s.Pointer(p.Parent) {
		if c.h.prog.nodes[p.Node].Kind != definition.Saga || p.Status != instance.Open {
			continue
		}
		if p.Phase != instance.Body && p.Phase != instance.Halting {
			return l
		}
		l = append(l, p.ID)
	}
	if p != nil {
		return nil // part of a compensation, with all that is in it
	}
	return l
}

func (c *chaos) sortedTimers() []engine.Timer {
	var l []engine.Timer
	for _, t := range c.h.timers {
		l = append(l, t)
	}
	slices.SortFunc(l, func(a, b engine.Timer) int { return int(a.Ptr) - int(b.Ptr) })
	return l
}

func (c *chaos) sortedWaits() []engine.Wait {
	var l []engine.Wait
	for _, w := range c.h.waits {
		l = append(l, w)
	}
	slices.SortFunc(l, func(a, b engine.Wait) int { return int(a.Ptr) - int(b.Ptr) })
	return l
}

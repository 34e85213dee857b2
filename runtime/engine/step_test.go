package engine_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/engine"
	"github.com/wfegen/wfe/runtime/instance"
)

func TestStep_WithoutOutputsLeavesTheDataAsItIsStored(t *testing.T) {
	t.Parallel()
	a := step("a")
	a.out = nil
	h := live(t, a, step("b"))
	before := h.s.Data.Head
	h.done("a")
	require.Same(t, &before[0], &h.s.Data.Head[0], "it was not even encoded again")
	h.done("b")
	h.is(instance.Complete)
	require.Equal(t, []string{"b"}, h.log())
}

func TestSteps_RunOneAfterTheOther(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(step("a"), step("b"), step("c")) }, func(t *testing.T, h *host) {
		require.Equal(t, []string{"a"}, h.running())
		h.done("a", "b", "c")
		h.is(instance.Complete)
		require.Equal(t, []string{"a", "b", "c"}, h.log())
	})
}

func TestWorkflow_WithoutStepsCompletesAtOnce(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return nil }, func(_ *testing.T, h *host) { h.is(instance.Complete) })
}

func TestStep_EvaluatesItsInputsOnceForAllAttempts(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		a := step("a").retry(retries(2, definition.Default))
		evaluated := 0
		a.in = func(*data, []string) string { evaluated++; return strings.Repeat("x", evaluated) }
		return block(a)
	}, func(t *testing.T, h *host) {
		first := h.run("a")
		h.fail("a")
		h.wake()
		require.Equal(t, first.Input, h.run("a").Input)
		require.Equal(t, first.Ptr, h.run("a").Ptr)
		require.Equal(t, uint32(2), h.run("a").Attempt)
	})
}

func TestStep_ThatFailsToApplyItsOutputsLeavesTheDataAsBefore(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		a := step("a").retry(retries(5, definition.Default))
		a.out = func(d *data, v value) { d.Log = append(d.Log, v.Out); panic("half way") }
		return block(a)
	}, func(t *testing.T, h *host) {
		h.done("a")
		h.is(instance.Suspended)
		require.Empty(t, h.log())
		require.Contains(t, h.s.Failure.Message, "half way")
		require.Contains(t, h.s.Failure.Message, "step_test.go")
	})
}

func TestStep_FailsWhenTheDataWouldBeTooLarge(t *testing.T) {
	t.Parallel()
	a := step("a")
	a.out = func(d *data, _ value) { d.List = []string{strings.Repeat("x", engine.MaxPayload)} }
	h := live(t, a)
	h.done("a")
	h.is(instance.Suspended)
	require.Empty(t, h.data().List)
	require.Contains(t, h.s.Failure.Message, "at most 1048576 are allowed")
}

func TestStep_FailsWhenAPayloadIsTooLarge(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("x", engine.MaxPayload)
	inputs := step("a")
	inputs.in = func(*data, []string) string { return large }
	h := live(t, inputs)
	h.is(instance.Suspended)
	require.Contains(t, h.s.Failure.Message, "its inputs are")

	h = live(t, step("a"))
	h.persist("a", large+"x")
	h.is(instance.Suspended)
	require.Contains(t, h.s.Failure.Message, "its persistence data is")

	h = live(t, step("a"))
	in := h.result("a", instance.Input{Kind: instance.StepDone})
	in.Payload = []byte(large + "x")
	h.apply(in)
	h.is(instance.Suspended)
	require.Contains(t, h.s.Failure.Message, "its outputs are")
}

func TestStep_KeepsItsPersistenceDataOverRestarts(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(step("a")) }, func(t *testing.T, h *host) {
		first := h.run("a")
		h.persist("a", `{"page":2}`)
		second := h.run("a")
		require.Equal(t, `{"page":2}`, string(second.Persist))
		require.Equal(t, first.Ptr, second.Ptr)
		require.NotEqual(t, first.Gen, second.Gen)
		h.sleep("a", time.Minute)
		require.Equal(t, map[string]time.Duration{"a": time.Minute}, h.wakes())
		h.wake()
		require.Equal(t, `{"page":2}`, string(h.run("a").Persist))
		h.fail("a")
		h.is(instance.Suspended)
		h.resume()
		require.Equal(t, `{"page":2}`, string(h.run("a").Persist))
		h.done("a")
		h.is(instance.Complete)
	})
}

func TestStep_RoutesToTheBlockOfItsOutcome(t *testing.T) {
	t.Parallel()
	workflow := func() []*node {
		return block(step("a").on("yes", step("b")).on("no", step("c")).on("none"), step("d"))
	}
	for outcome, ran := range map[string][]string{
		"yes": {"a", "b", "d"}, "no": {"a", "c", "d"}, "none": {"a", "d"}, "other": {"a", "d"},
	} {
		t.Run(outcome, func(t *testing.T) {
			t.Parallel()
			play(t, workflow, func(t *testing.T, h *host) {
				h.outcome("a", outcome)
				h.done(ran[1:]...)
				h.is(instance.Complete)
				require.Equal(t, ran, h.log())
			})
		})
	}
}

func TestInputs_ThatAreStaleChangeNothing(t *testing.T) {
	t.Parallel()
	h := live(t, step("a").retry(retries(1, definition.Default)), await("w", "paid"))
	r := h.run("a")
	h.fail("a")
	stale := func(in ...instance.Input) {
		t.Helper()
		head := string(h.s.AppendHead(nil))
		for _, in := range in {
			var fx engine.Effects
			h.advance(&fx, in)
			fx.Refused = nil
			require.Equal(t, engine.Effects{}, fx, "input of kind %d", in.Kind)
		}
		require.Equal(t, head, string(h.s.AppendHead(nil)))
	}
	kinds := func(ptr instance.PtrID, gen uint32) []instance.Input {
		return []instance.Input{
			{Kind: instance.StepDone, Ptr: ptr, Gen: gen}, {Kind: instance.StepFailed, Ptr: ptr, Gen: gen, Err: &instance.StepError{}},
			{Kind: instance.StepStopped, Ptr: ptr, Gen: gen}, {Kind: instance.TimerDue, Ptr: ptr, Gen: gen},
			{Kind: instance.EventOffered, Ptr: ptr, Gen: gen, Seq: 1},
		}
	}
	stale(kinds(r.Ptr, r.Gen)...)
	stale(kinds(r.Ptr+1, r.Gen)...)
	stale(instance.Input{Kind: instance.Resume}, instance.Input{Kind: instance.Started, Payload: []byte(`{}`)})
	h.wake()
	stale(kinds(r.Ptr, r.Gen)...)
	stale(kinds(r.Ptr, h.run("a").Gen)[2:]...) // neither stopping, nor with a timer, nor waiting
	h.done("a")
	w := h.pointer("w")
	stale(instance.Input{Kind: instance.EventOffered, Ptr: w.ID, Gen: w.Gen, Seq: 0}, instance.Input{Kind: instance.TimerDue, Ptr: w.ID, Gen: w.Gen})
	h.publish("paid", "key", `{}`)
	h.is(instance.Complete)
	stale(kinds(r.Ptr, r.Gen)...)
	stale(instance.Input{Kind: instance.Resume}, instance.Input{Kind: instance.Recovered})
}

func TestAdvance_RefusesAnInputThatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	h := live(t, step("a"))
	err := engine.Advance(h.prog.Program, h.s, []instance.Input{{Kind: 99}}, engine.Env{}, new(engine.Effects))
	require.ErrorContains(t, err, "unknown input of kind 99")
}

func TestAdvance_RefusesAStateThatTheProgramHasNoPlaceFor(t *testing.T) {
	t.Parallel()
	one, three := compile(t, step("a")), compile(t, step("a"), step("b"), step("c"))
	h := newHost(t, three)
	h.start(data{})
	h.done("a")
	h.reload()
	err := engine.Advance(one.Program, h.s, nil, engine.Env{}, new(engine.Effects))
	require.ErrorContains(t, err, "pointer 2 is at node 1, which the definition does not have")

	h.reload()
	h.s.Data.Head = []byte("{")
	err = engine.Advance(three.Program, h.s, nil, engine.Env{}, new(engine.Effects))
	require.ErrorContains(t, err, "decoding its data")
}

func TestAdvance_RefusesDataThatDoesNotDecode(t *testing.T) {
	t.Parallel()
	p := compile(t, step("a"))
	s := &instance.State{ID: "i", Status: instance.Runnable}
	err := engine.Advance(p.Program, s, []instance.Input{{Kind: instance.Started, Payload: []byte("[]")}}, engine.Env{}, new(engine.Effects))
	require.ErrorContains(t, err, "decoding the data that it is started with")
}

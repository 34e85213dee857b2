package engine_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/engine"
	"github.com/wfegen/wfe/runtime/instance"
)

// crashed begins another life of a host whose process has crashed.
func (h *host) crashed() {
	h.reload()
	h.bodies = nil
	h.apply(instance.Input{Kind: instance.Crashed, At: h.now})
}

// probe gives the suspect of that label its turn.
func (h *host) probe(label string) {
	r := h.run(label)
	require.True(h.t, r.Suspect)
	h.bodies = nil
	h.apply(instance.Input{Kind: instance.Probe, Ptr: r.Ptr, Gen: r.Gen, At: h.now})
}

func TestCrashLoop_IsAFailedAttemptAfterSoManyCrashes(t *testing.T) {
	t.Parallel()
	h := live(t, step("a").retry(retries(1, definition.Suspend)))
	h.maxCrashes = 2
	h.crashed()
	require.EqualValues(t, 1, h.run("a").Crashes)
	h.probe("a")
	h.crashed()
	require.Empty(t, h.running(), "it failed")
	h.wake() // its retry begins to count anew
	require.EqualValues(t, 2, h.run("a").Attempt)
	h.crashed()
	h.probe("a")
	h.crashed()
	h.is(instance.Suspended)
	require.Contains(t, h.s.Failure.Message, engine.ErrCrashLoop.Error())
}

func TestCrashLoop_CountsOnlySuspectsThatHadTheirTurn(t *testing.T) {
	t.Parallel()
	h := live(t, parallel("p", block(step("a")), block(step("b"))))
	h.maxCrashes = 4
	h.crashed()
	require.False(t, h.run("a").Suspect)
	h.crashed()
	require.True(t, h.run("a").Suspect)
	for range 5 { // neither had its turn
		h.crashed()
	}
	require.EqualValues(t, 2, h.run("a").Crashes)
	h.probe("b")
	h.crashed()
	require.EqualValues(t, 2, h.run("a").Crashes)
	require.EqualValues(t, 3, h.run("b").Crashes)
	h.probe("b")
	h.crashed()
	h.is(instance.Suspended)
	require.Equal(t, "b", h.s.Failure.Node)
}

func TestCrashLoop_ABodyThatOutlivesACommitIsNotToBlame(t *testing.T) {
	t.Parallel()
	h := live(t, step("a"))
	h.maxCrashes = 3
	for range 10 {
		h.crashed()
		r := h.run("a")
		h.apply(instance.Input{Kind: instance.Survived, Ptr: r.Ptr, Gen: r.Gen})
	}
	require.EqualValues(t, 1, h.run("a").Crashes)
	h.crashed()
	h.recover() // in an orderly way
	require.EqualValues(t, 1, h.run("a").Crashes)
	h.done("a")
	h.is(instance.Complete)
}

func TestCrashLoop_OfACompensationSuspends(t *testing.T) {
	t.Parallel()
	h := live(t, saga("s", undoable("a"), step("b")))
	h.maxCrashes = 1
	h.done("a")
	h.fail("b")
	h.crashed()
	h.probe("undo a")
	h.crashed()
	h.is(instance.Suspended)
	h.resume()
	h.done("undo a")
	h.is(instance.Terminated)
}

func TestCrashLoop_IsFoundOnlyByACrashAlone(t *testing.T) {
	t.Parallel()
	for _, most := range []int{1, 2, 3} {
		h := live(t, step("a").retry(retries(0, definition.Suspend)))
		h.maxCrashes = most
		for range 5 {
			h.crashed()
		}
		h.is(instance.Runnable)
		h.probe("a")
		h.crashed()
		h.is(instance.Suspended)
	}
}

func TestCrashLoop_ATrialThatASuspensionMayHaveLostIsHadAgain(t *testing.T) {
	t.Parallel()
	h := live(t, step("a").retry(retries(0, definition.Suspend)))
	h.maxCrashes = 2
	h.crashed()
	h.probe("a")
	h.apply(instance.Input{Kind: instance.Suspend})
	h.bodies = nil
	h.resume()
	require.True(t, h.run("a").Suspect)
	h.crashed()
	h.is(instance.Runnable)
	require.EqualValues(t, 1, h.run("a").Crashes)
}

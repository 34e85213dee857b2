package engine_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/engine"
	"github.com/wfegen/wfe/runtime/instance"
)

// poll asks every minute, for five at the most.
func poll(name string) *node {
	n := step(name)
	n.Kind, n.Step = definition.Poll, ""
	n.settings.Delay, n.settings.Within = time.Minute, 5*time.Minute
	return n
}

// missed answers a request with something else than what is waited for.
func (h *host) missed(label, what string) {
	h.apply(h.result(label, instance.Input{Kind: instance.StepDone, Result: instance.SleepUntil, Persist: []byte(what)}))
}

func TestPoll_AsksEachIntervalUntilTheAnswerIsThere(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(poll("p"), step("after")) }, func(t *testing.T, h *host) {
		h.missed("p", "status 404")
		require.Empty(t, h.running(), "between two requests nothing is held")
		require.Equal(t, map[string]time.Duration{"p": time.Minute}, h.wakes())
		h.wake()
		h.fail("p") // an error of the network is not the answer yet
		require.Equal(t, "p failed", string(h.pointer("p").Persist))
		h.wake()
		h.done("p", "after")
		h.is(instance.Complete)
		require.Equal(t, []string{"p", "after"}, h.log())
	})
}

func TestPoll_ItsTimeoutIsAnErrorAndComesInTime(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(poll("p")) }, func(t *testing.T, h *host) {
		for range 4 {
			h.missed("p", "status 404")
			h.wake()
		}
		h.now = h.now.Add(30 * time.Second) // the request takes that long
		h.missed("p", "status 503")
		require.Equal(t, map[string]time.Duration{"p": 30 * time.Second}, h.wakes(), "not a whole interval any more")
		h.wake()
		h.is(instance.Suspended)
		require.Equal(t, "the answer did not come within 5m0s and 5 requests; the last one: status 503", h.s.Failure.Message)
		h.resume()
		h.done("p")
		h.is(instance.Complete)
	})
}

func TestPoll_WhatCannotBeAskedFailsAtOnce(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(poll("p").retry(definition.RetryPolicy{MaxRetries: 3})) }, func(t *testing.T, h *host) {
		h.failWith("p", instance.StepError{Message: "not public", Permanent: true})
		h.is(instance.Suspended)
		require.Equal(t, "not public", h.s.Failure.Message)
	})
}

func TestPoll_ARetryBeginsItsTimeAnew(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(poll("p").retry(definition.RetryPolicy{MaxRetries: 1, Interval: time.Second}))
	}, func(t *testing.T, h *host) {
		for range 2 {
			h.now = h.now.Add(6 * time.Minute)
			if h.missed("p", "status 404"); h.s.Status == instance.Runnable {
				h.wake() // its retry
			}
		}
		h.is(instance.Suspended)
		require.EqualValues(t, 2, h.s.Failure.Attempt)
	})
}

func TestPoll_AnAnswerThatComesInSpiteOfAStopCounts(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(saga("s", parallel("b", block(poll("p")), block(step("x"))))) }, func(t *testing.T, h *host) {
		h.fail("x")
		require.Equal(t, []string{"p"}, h.told)
		h.done("p")
		h.is(instance.Terminated)
		require.Equal(t, []string{"p"}, h.log())
	})
}

func TestPoll_ErrorsOfTheNetworkAreRecorded(t *testing.T) {
	t.Parallel()
	h := live(t, poll("p"))
	var fx engine.Effects
	h.advance(&fx, h.result("p", instance.Input{Kind: instance.StepFailed, Err: &instance.StepError{Message: "refused"}}))
	require.NotEmpty(t, fx.Log)
	require.Equal(t, instance.RecordStepFailed, fx.Log[0].Kind)
	require.Equal(t, "refused", fx.Log[0].Text)
	h.is(instance.Runnable)
}

package engine_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/engine"
)

func TestReady_IsWhatHasBodiesToRun(t *testing.T) {
	t.Parallel()
	h := live(t, step("a"), await("w", "paid"), saga("s", parallel("p", block(step("b")), block(step("c")))))
	require.True(t, engine.Ready(h.s))
	h.done("a")
	require.False(t, engine.Ready(h.s), "it waits")
	h.publish("paid", "key", `{}`)
	h.fail("b")
	require.True(t, engine.Ready(h.s), "a body is being stopped")
	h.stopped("c", false)
	require.False(t, engine.Ready(h.s), "it has ended")

	h = live(t, parallel("p", block(step("a")), block(step("b"))))
	h.fail("a")
	require.False(t, engine.Ready(h.s), "it is suspended")
}

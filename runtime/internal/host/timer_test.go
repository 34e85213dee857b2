package host

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/engine"
	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
	"github.com/wfegen/wfe/runtime/store/memory"
)

func TestATimerThatIsSetAgainForTheSameTimeFires(t *testing.T) {
	t.Parallel()
	h := New(Config{Store: memory.New()}, nil)
	h.timers.edge = store.Timer{Due: maxInt64}
	set := func(gen uint32, set bool) {
		h.timers.apply("i", 1, engine.Timer{Due: 5, Ptr: 7, Gen: gen, Set: set})
	}
	set(1, true)
	set(1, false)
	set(2, true)
	h.timers.fire()

	var fired []uint32
	for _, l := range h.actors["i"].mail {
		require.Equal(t, instance.TimerDue, l.in.Kind)
		fired = append(fired, l.in.Gen)
	}
	require.Equal(t, []uint32{2}, fired)
}

package engine_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/engine"
	"github.com/wfegen/wfe/runtime/instance"
)

var recordNames = map[instance.RecordKind]string{
	instance.RecordStarted: "started", instance.RecordStepStarted: "step started", instance.RecordStepCompleted: "step completed",
	instance.RecordStepFailed: "step failed", instance.RecordStepPaused: "step paused", instance.RecordCancelled: "cancelled",
	instance.RecordUndoStarted: "undo started", instance.RecordUndone: "undone", instance.RecordSleeping: "sleeping", instance.RecordDue: "due",
	instance.RecordWaiting: "waiting", instance.RecordEventTaken: "event taken", instance.RecordTimedOut: "timed out",
	instance.RecordRollback: "rollback", instance.RecordRolledBack: "rolled back", instance.RecordCommand: "command",
	instance.RecordSuspended: "suspended", instance.RecordResumed: "resumed", instance.RecordCompleted: "completed", instance.RecordTerminated: "terminated",
}

// history returns what is kept of the past, a line each.
func (h *host) history() []string {
	var cells []instance.Cell
	for _, c := range h.past {
		if c.ID.Kind == instance.HistoryCell {
			cells = append(cells, c)
		}
	}
	h.reload()
	records, err := h.s.History(cells)
	require.NoError(h.t, err)
	var lines []string
	for i, r := range records {
		require.EqualValues(h.t, i+1, r.N)
		line := recordNames[r.Kind]
		require.NotEmpty(h.t, line)
		if r.Ptr != 0 {
			line += " " + h.prog.Definition.Nodes[r.Node].ID
		}
		if r.Attempt > 1 {
			line += fmt.Sprintf(" #%d", r.Attempt)
		}
		if r.Text != "" {
			line += ": " + r.Text
		}
		if r.Until != 0 {
			line += " until +" + r.Until.Sub(r.At).String()
		}
		lines = append(lines, line)
	}
	return lines
}

func TestHistory_HasStepsAttemptsOutcomesErrorsAndTimes(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(step("a").retry(retries(1, definition.Default)).on("yes", delay("d", time.Hour)), await("w", "paid").timeout(time.Minute), step("b"))
	}, func(t *testing.T, h *host) {
		h.fail("a")
		h.wake()
		h.outcome("a", "yes")
		h.wake()
		h.wake()
		h.persist("b", "1")
		h.sleep("b", time.Second)
		h.wake()
		h.done("b")
		require.Equal(t, []string{
			"started", "step started a", "step failed a: a failed until +1s", "step started a #2", "step completed a #2: yes",
			"sleeping d until +1h0m0s", "due d", "waiting w: paid until +1m0s", "timed out w",
			"step started b", "step paused b", "step started b", "step paused b until +1s", "step started b", "step completed b", "completed",
		}, h.history())
	})
}

func TestHistory_HasRollBacksCommandsAndEvents(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(await("w", "paid"), saga("s", undoable("a"), parallel("p", block(step("b")), block(delay("d", time.Hour)))))
	}, func(t *testing.T, h *host) {
		h.command(instance.Suspend)
		h.command(instance.Resume)
		h.publish("paid", "key", `{}`)
		h.done("a")
		h.failWith("b", instance.StepError{Message: "bang", Permanent: true})
		h.done("undo a")
		require.Equal(t, []string{
			"started", "waiting w: paid", "command: suspend", "suspended", "command: resume", "resumed", "event taken w: paid",
			"step started a", "step completed a", "step started b", "sleeping d until +1h0m0s", "step failed b: bang", "rollback s: bang",
			"cancelled d", "undo started a", "undone a", "rolled back s", "terminated: failed",
		}, h.history())
	})
}

func TestHistory_OfARoundOfALoopCostsTheSameHoweverLong(t *testing.T) {
	t.Parallel()
	h := live(t, while("l", func(d *data) bool { return len(d.Log) < 4000 }, step("a")))
	most, cells := 0, 0
	for n := range 1500 {
		h.done("a")
		if n > 200 {
			most, cells = max(most, len(h.s.Log.Records)), len(h.past)
		}
	}
	require.LessOrEqual(t, most, instance.MaxLog)
	require.Less(t, cells, 1500/20, "a chunk is written now and then")
	require.Len(t, h.history(), 1+2*1500+1)
}

func TestHistory_IsNotKeptWhereThatIsOffAndIsToldAllTheSame(t *testing.T) {
	t.Parallel()
	h := newHost(t, compile(t, step("a")))
	var fx engine.Effects
	in := instance.Input{Kind: instance.Started, At: h.now, Payload: []byte(`{}`)}
	require.NoError(t, engine.Advance(h.prog.Program, h.s, []instance.Input{in}, engine.Env{Now: h.now, NoHistory: true}, &fx))
	require.Len(t, fx.Log, 2)
	require.Zero(t, h.s.Log)
}

func TestFailures_AreAllRecordedAndBounded(t *testing.T) {
	t.Parallel()
	h := live(t, step("a").retry(definition.RetryPolicy{MaxRetries: 1 << 30, Interval: time.Second}))
	const n = instance.MaxFailures + 5
	for i := range n {
		h.failWith("a", instance.StepError{Message: fmt.Sprint(i)})
		h.wake()
	}
	var cells []instance.Cell
	for _, c := range h.past {
		if c.ID.Kind == instance.FailureCell {
			cells = append(cells, c)
		}
	}
	failures, err := instance.Failures(cells)
	require.NoError(t, err)
	require.Len(t, failures, instance.MaxFailures)
	for i, f := range failures {
		require.Equal(t, instance.Failure{Node: "a", Step: "a", Message: fmt.Sprint(i + 5), Attempt: uint32(i + 6), Ptr: 1, At: f.At}, f)
		require.NotZero(t, f.At)
	}
}

func TestStart_ForLaterBeginsThenAndNotBefore(t *testing.T) {
	t.Parallel()
	h := newHost(t, compile(t, step("a")))
	h.apply(instance.Input{Kind: instance.Started, At: h.now, Payload: []byte(`{}`), Until: h.now.Add(time.Hour)})
	require.Empty(t, h.running())
	require.False(t, engine.Ready(h.s))
	h.wake()
	require.Equal(t, []string{"a"}, h.running())
	h.done("a")
	require.Equal(t, []string{"started until +1h0m0s", "step started a", "step completed a", "completed"}, h.history())
}

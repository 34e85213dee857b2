package wfe

import (
	"reflect"
	"time"
)

// waitCall waits for an event.
type waitCall struct {
	call   string // WaitFor or WaitForWithin
	event  reflect.Type
	into   any // a pointer to it
	key    string
	within *time.Duration // nil for ever
	opts   []Option
}

// WaitFor waits for the event E published with that key, and returns it. Events count
// that were published after the instance was started, also before it came here; each
// is taken once. [AsOf] has it look further back. A payload that does not decode is
// an error of this node, which follows [OnError]. The rules: docs/semantics.md, "Events".
//
// The node is named after the event.
func WaitFor[E any](w *Flow, key string, opts ...Option) E {
	var e E
	w.direct("WaitFor").wait(waitCall{call: "WaitFor", event: reflect.TypeFor[E](), into: &e, key: key, opts: opts})
	return e
}

// WaitForWithin waits for the event E at most for d, and reports whether it came.
// What became visible at the deadline, or before it, came.
func WaitForWithin[E any](w *Flow, key string, d time.Duration, opts ...Option) (E, bool) {
	var e E
	ok := w.direct("WaitForWithin").wait(waitCall{call: "WaitForWithin", event: reflect.TypeFor[E](), into: &e, key: key, within: &d, opts: opts})
	return e, ok
}

// sleepCall waits for a time.
type sleepCall struct {
	call  string // Sleep or SleepUntil
	d     time.Duration
	until time.Time
	opts  []Option
}

// Sleep sleeps for d, holding nothing meanwhile; never too short. A d of 0 or less
// is none. The node is called sleep.
func Sleep(w *Flow, d time.Duration, opts ...Option) {
	w.direct("Sleep").sleep(sleepCall{call: "Sleep", d: d, opts: opts})
}

// SleepUntil sleeps until t. A t in the past is now. The node is called sleep.
func SleepUntil(w *Flow, t time.Time, opts ...Option) {
	w.direct("SleepUntil").sleep(sleepCall{call: "SleepUntil", until: t, opts: opts})
}

// Poll asks e over HTTP until the answer is the one that e.Until describes, and
// returns that. Placeholders in e stand for fields of the workflow's data. That
// e.Timeout is over is an error of this node, which has no retries unless [OnError]
// gives it some. The rules: docs/semantics.md, "Polling". The node is called poll.
func Poll(w *Flow, e Endpoint, opts ...Option) Response {
	return w.direct("Poll").poll(e, opts)
}

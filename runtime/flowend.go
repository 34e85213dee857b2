package wfe

// End ends the whole instance as Complete, from wherever it is called: whatever else
// runs in it is cancelled, and nothing is undone. It does not return. The node is
// called end.
func End(w *Flow) { w.direct("End").end() }

// Fail fails with the message of err, for good: no retry follows. In a saga that is
// rolled back, as if a step had failed; outside of one the instance ends as
// Terminated, reason failed. In a compensation the instance is suspended. It does not
// return.
//
// It is no node but a way out of plain code, as return is: err lives in that code alone,
// and is not saved. What the code has changed is kept, but in a compensation.
// The failure has the id fail, unless //wfe:id says otherwise.
func Fail(w *Flow, err error) { w.direct("Fail").fail(err) }

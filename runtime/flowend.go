package wfe

// End ends the whole instance as Complete, from wherever it is called: whatever else
// runs in it is cancelled, and nothing is undone. It does not return. The node is
// called end.
func End(w *Flow) { w.direct("End").end() }

// Fail fails with the message of err, for good: no retry follows. In a saga that is
// rolled back, as if a step had failed; outside of one the instance ends as
// Terminated, reason failed. It does not return. The node is called fail.
func Fail(w *Flow, err error) { w.direct("Fail").fail(err) }

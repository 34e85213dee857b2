package wfe

import "time"

// Now is the time, in UTC, in the plain code of a workflow. It is that of the moment in
// which the code around it runs, all of it at once, and what is made of it is saved like
// any value: it is the same after a crash. In a direct run no time passes but while a
// call of the workflow waits for something.
//
// A condition of [CancelWhen] cannot ask for it, since time alone has nobody look at it
// again.
func Now(w *Flow) time.Time { return w.direct("Now").now() }

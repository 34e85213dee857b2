package wfe

import "fmt"

// blockCall runs a saga.
type blockCall struct {
	try  bool
	body func()
	opts []Option
}

// Saga runs body. When something in it fails for good, at any depth, what was done in
// it is undone, newest first: the steps by their Undo or the step that their directive
// names, and what [Undo] says. Then the policy of [OnError] settles it: MaxRetries
// runs body again, and Then says what follows. Without one the saga has failed for
// good itself: Saga does not return. A failure that is to be handled is for [Try].
// The rules: docs/semantics.md, "Saga".
//
// A return in body ends the saga, not the workflow. The node is called saga.
func Saga(w *Flow, body func(), opts ...Option) {
	w.direct("Saga").block(blockCall{body: body, opts: opts})
}

// Try is a saga that hands its failure on: when body has failed for good and all of
// it is undone, Try returns what has failed, and the workflow goes on. nil says that
// body ran to its end. With [OnError] it first runs body again, MaxRetries times.
//
//	if f := wfe.Try(w, func() { wfe.Do(w, ChargeCard{Cents: o.Cents}) }); f != nil {
//		o.Note = f.Message
//	}
//
// The node is called try.
func Try(w *Flow, body func(), opts ...Option) *Failure {
	return w.direct("Try").block(blockCall{try: true, body: body, opts: opts})
}

// Undo says, as t.Cleanup does for a test, what else is to be done if the saga around
// it is rolled back: body runs then, in its place among the steps that are undone. It
// sees the data as it is then, and the variables of the round of a loop that it
// stands in as they were here. A step in body that fails for good suspends the
// instance; what is to be undone is never skipped.
//
// Outside of Saga and Try it is an error. The node is called undo.
func Undo(w *Flow, body func(), opts ...Option) {
	w.direct("Undo").undo(body, opts)
}

// Parallel runs all branches at once and goes on when each has ended. A return in a
// branch ends that branch. A //wfe:id above it names the node; it is called parallel
// otherwise, and branches add nothing to the ids of what is in them.
func Parallel(w *Flow, branches ...func()) {
	w.direct("Parallel").parallel(branches)
}

// eachCall runs a body for each of the encoded elements.
type eachCall struct {
	items [][]byte
	err   error // why they cannot be encoded
	item  func(b []byte) error
	opts  []Option
}

// ForEach runs body once for each of items, which are taken once, when it is reached:
// in parallel, 256 at a time unless [Limit] says otherwise, or with [Sequential] one
// after the other. item is a copy of the element as it was then. A return in body
// ends that element.
//
// The node is called for-items, for a variable or field Items, or by [Name].
func ForEach[T any](w *Flow, items []T, body func(item T), opts ...Option) {
	run := w.direct("ForEach")
	elem := jsonElements[T]()
	encoded, err := encodeElements(elementCodec[T](elem), items)
	run.each(eachCall{encoded, err, func(b []byte) error { return withElement(elem, b, body) }, opts})
}

// Recur runs body in rounds, by [Every] or [Cron], until it returns false. With Every
// the first round is at once, and the others are due on the grid that it began; with
// Cron all are due by the expression. Rounds never overlap; those that become due
// during another one are run once, not once each. The node is called recur.
func Recur(w *Flow, rhythm Rhythm, body func() (again bool), opts ...Option) {
	w.direct("Recur").recur(rhythm, body, opts)
}

// withElement decodes an element of a loop, or of a step that branches, and hands it
// to body.
func withElement[T any](elem *elements, b []byte, body func(item T)) error {
	var item T
	if err := elementCodec[T](elem).Unmarshal(b, &item); err != nil {
		return fmt.Errorf("decoding an element: %w", err)
	}
	body(item)
	return nil
}

package wfe

import (
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/wfegen/wfe/runtime/instance"
)

// WaitFor runs the step again when an event is there, published under key, of the
// type of event, which is a value of that type or a pointer to one; what is in it
// does not count. It holds nothing meanwhile. The same events count, in the same
// order, as for a wait of the workflow: docs/semantics.md, "Events". The next run
// reads the event by Event:
//
//	var paid Paid
//	switch ok, err := ctx.Event(&paid); {
//	case err != nil:
//		return ctx.Next(), err
//	case ok:
//		return ctx.Next(), s.book(paid)
//	case ctx.TimedOut():
//		return ctx.Outcome("unpaid"), nil
//	}
//	return ctx.WaitFor(paid, s.OrderID).Within(24 * time.Hour), nil
//
// A type that is not among the registered events, and a key that is not 1 to 255
// bytes of UTF-8, are errors of the step without a retry.
func (c StepContext) WaitFor(event any, key string) Result {
	typ := reflect.TypeOf(event)
	if typ != nil && typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	r := Result{kind: instance.WaitFor, event: fmt.Sprint(typ), key: key}
	if c.types == nil { // no host runs the step
		return r
	}
	it, name := c.types.event(typ)
	if it == nil {
		r.err = Permanent(fmt.Errorf("wfe: the step waits for an event of type %v, which is not among the events given to Register or Add", typ))
		return r
	}
	r.event = name
	return r
}

// Within gives up the wait of a step after d: it runs again then, without the
// event, and TimedOut says so.
func (r Result) Within(d time.Duration) Result {
	switch {
	case r.kind != instance.WaitFor:
		r.err = Permanent(errors.New("wfe: Within is for a step that waits for an event"))
	case d <= 0:
		r.err = Permanent(fmt.Errorf("wfe: the step waits for an event within %s; it must be longer than 0", d))
	default:
		r.after = d
	}
	return r
}

// takenEvent is the event that the run before has waited for.
type takenEvent struct {
	name    string // "" if it has not waited
	taken   bool
	payload []byte
}

// Event reads the event that the step has taken into e, a pointer to its type, if
// the run before has waited for one; false when it has not, or the time was up. All
// attempts of this run get the same event. Once the step sleeps, persists or waits
// again it is gone: keep what is needed of it.
func (c StepContext) Event(e any) (bool, error) {
	if !c.event.taken {
		return false, nil
	}
	it := c.types.eventByName(c.event.name)
	if it == nil {
		return false, Permanent(fmt.Errorf("wfe: event %s, which the step has taken, is not among the events given to Register or Add", c.event.name))
	}
	if typ := reflect.PointerTo(it.goType()); reflect.TypeOf(e) != typ || reflect.ValueOf(e).IsNil() {
		return false, Permanent(fmt.Errorf("wfe: the step has taken event %s, and reads it into a %T; give a %s that is not nil", c.event.name, e, typ))
	}
	if err := it.read(c.event.payload, e); err != nil {
		return false, Permanent(fmt.Errorf("wfe: event %s does not decode: %w", c.event.name, err))
	}
	return true, nil
}

// TimedOut reports whether the run before has waited for an event that did not
// come within its time.
func (c StepContext) TimedOut() bool { return c.event.name != "" && !c.event.taken }

// Fits reports why a payload is none of an event that a step waits for.
func (b *binding[D]) Fits(event string, payload []byte) error {
	it := b.types.eventByName(event)
	if it == nil {
		return errors.New("it is not among the events given to Register or Add")
	}
	return it.read(payload, reflect.New(it.goType()).Interface())
}

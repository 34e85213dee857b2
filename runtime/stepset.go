package wfe

import (
	"context"
	"reflect"
	"slices"

	"github.com/wfegen/wfe/runtime/codec"
)

// StepSet holds the steps and events of one package, with their dependencies and
// codecs. Generated code makes it.
type StepSet struct {
	pkg    string
	steps  []stepType
	events []eventType
	// workflows are those compiled from plain Go, for tests that have the function.
	workflows []workflowType
}

// NewStepSet returns the set of the package of that name. parts are values of
// Step, Event and Workflow.
func NewStepSet(pkg string, parts ...Part) StepSet {
	s := StepSet{pkg: pkg}
	for _, p := range parts {
		p.addTo(&s)
	}
	return s
}

// set gives back the set, also from inside of the Steps that embed it.
func (s StepSet) set() StepSet { return s }

// of reports whether the set is that of the package with this import path.
func (s StepSet) of(path string) bool {
	return slices.ContainsFunc(s.steps, func(t stepType) bool { return t.goType().PkgPath() == path }) ||
		slices.ContainsFunc(s.events, func(e eventType) bool { return e.goType().PkgPath() == path }) ||
		slices.ContainsFunc(s.workflows, func(w workflowType) bool { return w.function() != nil && packageOf(w.function()) == path })
}

// Part is a Step, an Event, or a Workflow that was compiled from plain Go.
type Part interface{ addTo(s *StepSet) }

func (t Step[S]) addTo(s *StepSet)  { s.steps = append(s.steps, t) }
func (e Event[E]) addTo(s *StepSet) { s.events = append(s.events, e) }

// Event describes an event type to the runtime.
type Event[E any] struct {
	Name  string
	Codec codec.Codec[E]
}

// Publish publishes the event under key. It is to an event of NewEvent what the
// generated Publish functions are to others.
func (e Event[E]) Publish(ctx context.Context, c Client, key string, v E, opts ...PublishOption) error {
	return Publish(ctx, c, e, key, &v, opts...)
}

// eventType is an Event without its type parameter.
type eventType interface {
	name() string
	goType() reflect.Type
	schema() uint64
	read(payload []byte, e any) error // into a pointer to a goType
	write(e any) ([]byte, error)      // a pointer to a goType
}

func (e Event[E]) name() string         { return e.Name }
func (e Event[E]) goType() reflect.Type { return reflect.TypeFor[E]() }
func (e Event[E]) schema() uint64       { return e.Codec.Schema }

func (e Event[E]) write(from any) ([]byte, error) { return e.Codec.Marshal(from.(*E)) }

func (e Event[E]) read(payload []byte, into any) error {
	return e.Codec.Unmarshal(payload, into.(*E))
}

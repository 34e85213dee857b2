package wfe

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/wfegen/wfe/runtime/codec"
)

// types finds what was registered by its Go type, under the name that it has in
// the workflows of one package.
type types struct {
	steps  map[reflect.Type]named[stepType]
	events map[reflect.Type]named[eventType]
}

type named[T any] struct {
	it   T
	name string
}

// newTypes takes the sets of a workflow's package and of the step packages that
// it uses. Names of the latter have the package's name in front.
func newTypes(own StepSet, others []StepSet) (*types, error) {
	t := &types{steps: map[reflect.Type]named[stepType]{}, events: map[reflect.Type]named[eventType]{}}
	var errs []error
	names := map[string]reflect.Type{}
	take := func(what, name string, typ reflect.Type) {
		if other, ok := names[what+name]; ok && other != typ {
			errs = append(errs, fmt.Errorf("two types are the %s %q: %s and %s; give one of them another name, by name= in its directive or by As", what, name, other, typ))
		}
		names[what+name] = typ
	}
	for i, set := range append([]StepSet{own}, others...) {
		prefix := ""
		if i > 0 {
			prefix = set.pkg + "."
		}
		for _, s := range set.steps {
			take("step", prefix+s.name(), s.goType())
			t.steps[s.goType()] = named[stepType]{s, prefix + s.name()}
		}
		for _, e := range set.events {
			// An event has one name everywhere: publishers know nothing of waiters.
			take("event", e.name(), e.goType())
			t.events[e.goType()] = named[eventType]{e, e.name()}
		}
	}
	return t, errors.Join(errs...)
}

func (t *types) step(typ reflect.Type) (stepType, string) {
	s := t.steps[typ]
	return s.it, s.name
}

func (t *types) byName(name string) stepType {
	for _, s := range t.steps {
		if s.name == name {
			return s.it
		}
	}
	return nil
}

// stepNames lists the names of the steps.
func (t *types) stepNames() string {
	var names []string
	for _, s := range t.steps {
		names = append(names, s.name)
	}
	if len(names) == 0 {
		return "none"
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

func (t *types) event(typ reflect.Type) (eventType, string) {
	e := t.events[typ]
	return e.it, e.name
}

// eventByName finds a registered event; nil if there is none.
func (t *types) eventByName(name string) eventType {
	for _, e := range t.events {
		if e.name == name {
			return e.it
		}
	}
	return nil
}

// codecOf returns the codec of a registered step.
func codecOf[S any](t *types) codec.Codec[S] {
	if s, _ := t.step(reflect.TypeFor[S]()); s != nil {
		switch step := s.(type) {
		case Step[S]:
			return step.Codec
		case *reflectedStep:
			return codecOfReflected[S](step)
		}
	}
	return codec.JSON[S]()
}

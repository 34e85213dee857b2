package wfe

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/wfegen/wfe/runtime/codec"
	"github.com/wfegen/wfe/runtime/definition"
)

// Generic builds a workflow over D without generated code: its steps are known by
// name, and found out by reflection. NewWorkflow hands it to the function that
// builds; Then, Each and Await take it as they take any builder.
type Generic[D any] struct {
	Block[D, *Generic[D]]
}

// NewWorkflow describes a workflow that is assembled when the program runs, for
// Host.Add. Its data, a struct, and its steps are encoded by encoding/json.
// Whatever is wrong with it, Add refuses.
//
// The functions in it have no source that could be compared. A host goes on with
// a running instance if the workflow has the same nodes and version as the one
// that the instance began with: that the functions still do the same, or that the
// version is another one, is up to the author.
//
//	w := wfe.NewWorkflow("ship", 1, func(b *wfe.Generic[Order]) {
//		b.Step("reserve-stock")
//		wfe.Then(b, func(o *Order, s *Ship) { s.To = o.Address })
//	})
//	err := host.Add(w, &ReserveStock{stock: stock}, &Ship{carrier: carrier})
//	order, err := w.Start(ctx, host, Order{ID: "1"}, wfe.ID("1"))
func NewWorkflow[D any](id string, version int, build func(b *Generic[D])) Workflow[D, *Generic[D]] {
	data := reflect.TypeFor[D]()
	c := codec.JSON[D]()
	c.Schema = fingerprint(data)
	return Workflow[D, *Generic[D]]{ID: id, Version: version, Data: c,
		New: func(b Block[D, *Generic[D]]) *Generic[D] { return &Generic[D]{b} },
		Build: func(b *Generic[D]) {
			b.c.reflects = true
			switch {
			case data.Kind() != reflect.Struct:
				b.c.fail("the data of a workflow is a struct; %s is none", data)
			case build == nil:
				b.c.fail("its builder function is nil")
			default:
				b.c.errs = append(b.c.errs, unsaved(data)...)
				build(b)
			}
		},
	}
}

// NewEvent describes an event that has no generated code. Give it to Host.Add,
// with the steps, where a workflow awaits it, and to Publish.
func NewEvent[E any](name string) Event[E] {
	c := codec.JSON[E]()
	c.Schema = fingerprint(reflect.TypeFor[E]())
	return Event[E]{Name: name, Codec: c}
}

// Step adds the step of that name. Each of its inputs is read from the field of
// the data that has its name and type, and each output that has such a field is
// stored there. Where an input has none use Then, which takes a function too.
func (b *Generic[D]) Step(name string) GenericStep[D] {
	c := b.c
	step := c.types.byName(name)
	n := c.addStep(b.seq, step, name)
	s := GenericStep[D]{b, StepNode[D, struct{}, *Generic[D]]{b.Block, n}}
	if step == nil {
		c.fail("node %q: there is no step %q; those given are: %s", c.Nodes[n].ID, name, c.types.stepNames())
		return s
	}
	if step.branches() != nil {
		c.branchesWithoutBlock(n, name)
		return s
	}
	in, missing := c.wire(reflect.TypeFor[D](), step.goType(), false)
	if len(missing) > 0 {
		c.fail("node %q: %s has no field for what step %s needs: %s; add the step by wfe.Then, with a function that sets it",
			c.Nodes[n].ID, reflect.TypeFor[D](), step.goType(), strings.Join(missing, ", "))
	}
	out, _ := c.wire(reflect.TypeFor[D](), step.goType(), true)
	code := &c.code[n]
	code.in = func(data any) ([]byte, error) {
		s := reflect.New(step.goType())
		in.copy(s.Elem(), reflect.ValueOf(data).Elem())
		return step.write(nil, s.Interface())
	}
	if len(out) > 0 {
		code.out = func(data any, value []byte) error {
			s := reflect.New(step.goType())
			if err := step.read(value, s.Interface()); err != nil {
				return err
			}
			out.copyBack(reflect.ValueOf(data).Elem(), s.Elem())
			return nil
		}
	}
	return s
}

// GenericStep is a step that was just added to a Generic.
type GenericStep[D any] struct {
	*Generic[D]
	node StepNode[D, struct{}, *Generic[D]]
}

// Name gives the step's node an id of its own.
func (s GenericStep[D]) Name(id string) GenericStep[D] {
	s.node.Name(id)
	return s
}

// OnError gives the step a policy of its own here.
func (s GenericStep[D]) OnError(p RetryPolicy) GenericStep[D] {
	s.node.OnError(p)
	return s
}

// When runs body after the step if its outcome was value.
func (s GenericStep[D]) When(value any, body func(b *Generic[D])) GenericStep[D] {
	s.node.When(value, body)
	return s
}

// Ref names the workflow to Start and Get.
func (w Workflow[D, B]) Ref() Ref[D] { return Ref[D]{ID: w.ID, Version: w.Version, Data: w.Data} }

// Add registers a workflow with what it uses, before the host is started. Each of
// parts is
//
//   - a step: a struct, or a pointer to one, whose pointer has Run. Exported
//     fields are inputs, those tagged wfe:"out" outputs, as for generated ones;
//     fields tagged wfe:"inject" keep the value that they have here, for every run.
//     The step is named after its type, ChargeCard is charge-card, or by As
//   - an event of NewEvent
//   - the Steps of a package with generated code; a step of it is called
//     package.name here
//
// Everything that is wrong is an error that names the node or the part.
func (h *Host) Add(w workflowType, parts ...any) error {
	var own StepSet
	var others []StepSet
	var errs []error
	for i, p := range parts {
		if set, ok := p.(interface{ set() StepSet }); ok {
			others = append(others, set.set())
		} else if err := own.take(p); err != nil {
			errs = append(errs, fmt.Errorf("part %d: %w", i+1, err))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("wfe: adding workflow %s: %w", w.name(), err)
	}
	return h.register("adding workflow "+w.name(), own, others, w)
}

// As gives a step another name than that of its type, for Host.Add.
func As(name string, step any) any { return renamed{name, step} }

type renamed struct {
	name string
	step any
}

// take adds a part that was given to Host.Add.
func (s *StepSet) take(part any) error {
	name := ""
	if r, ok := part.(renamed); ok {
		name, part = r.name, r.step
		if err := definition.CheckName(name); err != nil {
			return fmt.Errorf("the name %q of step %T %w", name, part, err)
		}
	}
	switch p := part.(type) {
	case stepType: // before events, for it has all that an event has
		s.steps = append(s.steps, p)
		return nil
	case eventType:
		s.events = append(s.events, p)
		if err := definition.CheckName(p.name()); err != nil {
			return fmt.Errorf("the name %q of event %s %w", p.name(), p.goType(), err)
		}
		return errors.Join(unsaved(p.goType())...)
	}
	step, err := reflected(name, part)
	if err != nil {
		return err
	}
	for _, other := range s.steps {
		if other.goType() == step.goType() {
			return fmt.Errorf("step type %s is given twice; one host has one set of dependencies for a type", step.goType())
		}
	}
	s.steps = append(s.steps, step)
	return nil
}

package wfe

import (
	"fmt"
	"reflect"

	"github.com/wfegen/wfe/runtime/definition"
)

// Use is how a workflow over D uses the step S. Generated builders fill it.
type Use[D, S any] struct {
	// In sets the inputs that are wired by name and type, Set those that the
	// author of the workflow sets; either may be nil.
	In, Set func(data *D, s *S)
	// Out stores the outputs; nil if there are none to store. Stores are the fields
	// of the data that it writes, by their names in JSON; nil is any of them.
	Out    func(data *D, s *S)
	Stores []string
	// Always has Out, or Outcome, called too when the flow goes on after a step that did
	// not complete: because a policy compensated it, or it was cancelled. The step is
	// then as it was given.
	Always bool
	// Undo, if set, is the step that is the compensation. See UndoBy.
	Undo *Compensation[D, S]
}

// Compensation is a step that undoes the step S.
type Compensation[D, S any] struct {
	step reflect.Type
	in   func(c *core) func(data *D, done *S) ([]byte, error)
	out  func(c *core) func(data any, value []byte) error // nil if there is nothing to store
}

// UndoBy makes the step C the compensation of the step S. in sets C's inputs from
// the run that is undone and from the present data, out stores its outputs; nil if
// there are none to store.
func UndoBy[D, S, C any](in func(data *D, done *S, c *C), out func(data *D, c *C)) *Compensation[D, S] {
	by := &Compensation[D, S]{
		step: reflect.TypeFor[C](),
		in: func(core *core) func(*D, *S) ([]byte, error) {
			codec := codecOf[C](core.types)
			return func(data *D, done *S) ([]byte, error) {
				c := new(C)
				in(data, done, c)
				return codec.Marshal(c)
			}
		},
	}
	if out != nil {
		by.out = func(core *core) func(any, []byte) error { return outputs(core, out) }
	}
	return by
}

// outputs hands the value of a finished step to out.
func outputs[D, S any](c *core, out func(data *D, s *S)) func(data any, value []byte) error {
	codec := codecOf[S](c.types)
	return func(data any, value []byte) error {
		s := new(S)
		if err := codec.Unmarshal(value, s); err != nil {
			return err
		}
		out(data.(*D), s)
		return nil
	}
}

// StepNode is a step that was just added. Generated builders wrap it.
type StepNode[D, S, B any] struct {
	b Block[D, B]
	n int
}

// AddStep adds the step S at the end of b. Generated builders call it.
func AddStep[D, S, B any](b Block[D, B], use Use[D, S]) StepNode[D, S, B] {
	node := addStep[D, S](b, use)
	if step, name := b.c.types.step(reflect.TypeFor[S]()); step != nil && step.branches() != nil {
		b.c.branchesWithoutBlock(node.n, name)
	}
	return node
}

func addStep[D, S, B any](b Block[D, B], use Use[D, S]) StepNode[D, S, B] {
	c := b.c
	step, name := c.step(reflect.TypeFor[S]())
	n := c.addStep(b.seq, step, name)
	node := StepNode[D, S, B]{b, n}
	if step == nil {
		return node
	}
	if c.reflects && use.In == nil && use.Out == nil {
		use.In, use.Out = reflectedUse[D, S](c)
	}
	set := &c.settings[n]
	codec := codecOf[S](c.types)
	if c.position[n] == "" {
		c.position[n] = lineOf(use.Set)
	}
	code := &c.code[n]
	room := smallStep
	code.in = func(data any) ([]byte, error) {
		s, d := new(S), data.(*D)
		if use.In != nil {
			use.In(d, s)
		}
		if use.Set != nil {
			use.Set(d, s)
		}
		value, err := codec.AppendPayload(make([]byte, 0, room), s)
		room = min(len(value), 16*smallStep) // a binding is used by one goroutine at a time
		return value, err
	}
	node.Out(use.Out)
	code.stores, code.always = use.Stores, use.Always
	if u := use.Undo; u != nil {
		undo, undoName := c.step(u.step)
		if undo == nil {
			return node
		}
		if undo.branches() != nil {
			c.fail("node %q: it is undone by step %s, which branches; a compensation cannot", c.Nodes[n].ID, undoName)
		}
		c.Nodes[n].Compensate = undoName
		set.Undo, set.UndoTimeout = definition.DefaultRetry(), 0
		if retry, timeout := undo.settings(); retry != nil || timeout != 0 {
			set.UndoTimeout = timeout
			if retry != nil {
				set.Undo = *retry
			}
		}
		in := u.in(c)
		code.undoIn = func(data any, undone []byte) ([]byte, error) {
			s := new(S)
			if err := codec.Unmarshal(undone, s); err != nil {
				return nil, err
			}
			return in(data.(*D), s)
		}
		if u.out != nil {
			code.undoOut = u.out(c)
		}
	}
	return node
}

// addStep appends a node for a step, which is nil if it was not found.
func (c *core) addStep(seq *sequence, step stepType, name string) int {
	n := c.add(seq, name, definition.Node{Kind: definition.Step, Step: name})
	if step == nil {
		return n
	}
	c.contract["step "+name] = step.schema()
	set := &c.settings[n]
	retry, timeout := step.settings()
	set.Retry, set.Timeout = definition.DefaultRetry(), timeout
	if retry != nil {
		set.Retry = *retry
	}
	c.Nodes[n].Undo = step.undo(surroundings{}) != nil
	set.Undo, set.UndoTimeout = set.Retry, timeout
	return n
}

// reflectedUse wires a step by name and type.
func reflectedUse[D, S any](c *core) (in, out func(data *D, s *S)) {
	data, step := reflect.TypeFor[D](), reflect.TypeFor[S]()
	if wires, _ := c.wire(data, step, false); len(wires) > 0 {
		in = func(d *D, s *S) { wires.copy(reflect.ValueOf(s).Elem(), reflect.ValueOf(d).Elem()) }
	}
	if wires, _ := c.wire(data, step, true); len(wires) > 0 {
		out = func(d *D, s *S) { wires.copyBack(reflect.ValueOf(d).Elem(), reflect.ValueOf(s).Elem()) }
	}
	return in, out
}

// smallStep is the room in bytes for the first encoding of a step; a later one has
// as much as the one before took, within reason.
const smallStep = 64

// Name gives the step's node an id of its own: the last segment of its path.
func (n StepNode[D, S, B]) Name(id string) { n.b.c.rename(n.n, id) }

// OnError gives the step a policy of its own here.
func (n StepNode[D, S, B]) OnError(p RetryPolicy) { n.b.c.setPolicy(n.n, p) }

// Outcome stores the step's outputs and its outcome as text, in place of Out; that is
// "" after Next. Generated builders call it.
func (n StepNode[D, S, B]) Outcome(out func(data *D, s *S, outcome string)) {
	n.b.c.needs(n.n, "function for its outcome", out != nil)
	codec := codecOf[S](n.b.c.types)
	code := &n.b.c.code[n.n]
	code.stores = nil
	code.outOf = func(data any, value []byte, outcome string) error {
		s := new(S)
		if err := codec.Unmarshal(value, s); err != nil {
			return err
		}
		out(data.(*D), s, outcome)
		return nil
	}
}

// Out stores the step's outputs, in place of how they are wired.
func (n StepNode[D, S, B]) Out(out func(data *D, s *S)) {
	code := &n.b.c.code[n.n]
	code.out, code.stores = nil, nil
	if out == nil {
		return
	}
	code.out = outputs(n.b.c, out)
}

// Compensate has body undo the step, in place of its Undo or of the step that its
// directive names. In body's closures done is the step as the run that is undone
// left it: its inputs, and its outputs if it completed.
func (n StepNode[D, S, B]) Compensate(body func(b B, done *S)) {
	c := n.b.c
	c.needs(n.n, "compensation", body != nil)
	cell := new(S)
	codec := codecOf[S](c.types)
	c.code[n.n].setDone = func(value []byte) error {
		*cell = *new(S)
		return codec.Unmarshal(value, cell)
	}
	n.b.compensate(n.n, func(b B) {
		if body != nil {
			body(b, cell)
		}
	})
}

// When runs body after the step if its outcome was value. Values are compared as
// StepContext.Outcome says.
func (n StepNode[D, S, B]) When(value any, body func(b B)) {
	text, err := outcomeText(value)
	if err == nil && text == definition.BlockCompensate {
		err = fmt.Errorf("an outcome cannot be %q: that block is its compensation", text)
	}
	if err != nil {
		n.b.c.fail("node %q: %v", n.b.c.Nodes[n.n].ID, err)
		return
	}
	if n.b.c.Nodes[n.n].Block(text) != definition.None {
		n.b.c.fail("node %q has two cases for the outcome %q", n.b.c.Nodes[n.n].ID, text)
		return
	}
	n.b.block(n.n, text, body)
}

// Then adds the step S, of any package whose steps were given to Register, and
// sets its inputs. The node is named after the step.
func Then[D, S any, B Builder[D, B]](b B, in func(data *D, s *S)) StepNode[D, S, B] {
	return AddStep[D, S](b.Base(), Use[D, S]{Set: in})
}

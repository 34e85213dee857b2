package wfe

import (
	"fmt"
	"reflect"

	"github.com/wfegen/wfe/runtime/codec"
	"github.com/wfegen/wfe/runtime/instance"
)

// BranchContext is the context of a step that steers and that can branch into items
// of type T.
type BranchContext[T any] struct{ StepContext }

// Branch ends the step, stores its outputs, and runs the block that the workflow
// gives it once for each of items, as a loop over them would: in parallel, at most
// 256 at a time, unless an option of the block says otherwise. When all have ended,
// or at once where there are none, the flow goes on after the step. More than
// 100,000 items, and one of more than 1 MiB, are an error of the step.
func (c BranchContext[T]) Branch(items []T) Result {
	elem, ok := c.elem.(codec.Codec[T])
	if !ok { // a step without generated code, or no step of a host at all
		elem = codec.JSON[T]()
	}
	encoded, err := encodeElements(elem, items)
	if err != nil {
		err = Permanent(fmt.Errorf("wfe: encoding what the step branches into: %w", err))
	}
	return Result{kind: instance.Branch, items: encoded, err: err}
}

// Branching is the body of a step that branches.
type Branching[S any] struct {
	elements *elements
	run      func(s *S, ctx StepContext) (Result, error)
}

// elements are what a step branches into.
type elements struct {
	typ    reflect.Type
	codec  any // codec.Codec of typ
	schema uint64
}

// elementCodec is the codec of elements of type T.
func elementCodec[T any](e *elements) codec.Codec[T] { return e.codec.(codec.Codec[T]) }

// jsonElements are elements without a generated codec.
func jsonElements[T any]() *elements {
	typ, c := reflect.TypeFor[T](), codec.JSON[T]()
	c.Schema = fingerprint(typ)
	return &elements{typ, c, c.Schema}
}

// Branches makes the Branch of a Step of its Run and the codec of the items.
// Generated code calls it.
func Branches[S, T any](run func(s *S, ctx BranchContext[T]) (Result, error), items codec.Codec[T]) *Branching[S] {
	return &Branching[S]{
		elements: &elements{reflect.TypeFor[T](), items, items.Schema},
		run:      func(s *S, ctx StepContext) (Result, error) { return run(s, BranchContext[T]{ctx}) },
	}
}

func (t Step[S]) branches() *elements {
	if t.Branch == nil {
		return nil
	}
	return t.Branch.elements
}

// BranchingStep is satisfied by a pointer to a step S that branches into items of type T.
type BranchingStep[S, T any] interface {
	*S
	Run(ctx BranchContext[T]) (Result, error)
}

// ThenBranch adds the step S as Then does, and the block that runs once for each
// item that S branches into. In body's closures item is the one of their branch.
func ThenBranch[D, S, T any, B Builder[D, B], P BranchingStep[S, T]](b B, in func(data *D, s *S), body func(b B, item *T), opts ...LoopOption) StepNode[D, S, B] {
	return AddBranching(b.Base(), Use[D, S]{Set: in}, body, opts...)
}

// AddBranching adds the step S at the end of b, with the block that runs once for
// each item that it branches into. Generated builders call it.
func AddBranching[D, S, T, B any](b Block[D, B], use Use[D, S], body func(b B, item *T), opts ...LoopOption) StepNode[D, S, B] {
	c := b.c
	node := addStep[D, S](b, use)
	step, name := c.types.step(reflect.TypeFor[S]())
	if step == nil {
		return node
	}
	var elem codec.Codec[T]
	switch given, typ := step.branches(), reflect.TypeFor[T](); {
	case given == nil:
		c.fail("node %q: step %s does not branch, and it is given a block for that", c.Nodes[node.n].ID, name)
	case given.typ != typ:
		c.fail("node %q: step %s branches into %s, and its block takes %s", c.Nodes[node.n].ID, name, given.typ, typ)
	default:
		elem = given.codec.(codec.Codec[T])
		c.contract["items "+name] = given.schema
	}
	l := c.loop(b.seq, "", opts)
	if l.name != "" {
		node.Name(l.name)
	}
	c.Nodes[node.n].Sequential, c.settings[node.n].Limit = l.sequential, l.limit
	elementBlock(b, node.n, elem, body)
	return node
}

// branchesWithoutBlock reports a step that branches and was added without a block.
func (c *core) branchesWithoutBlock(n int, step string) {
	c.fail("node %q: step %s branches, and is given no block for that; add it by wfe.ThenBranch", c.Nodes[n].ID, step)
}

// branchContext is a BranchContext of any items.
type branchContext interface {
	of(ctx StepContext) any
	elements() *elements
}

func (BranchContext[T]) of(ctx StepContext) any { return BranchContext[T]{ctx} }

func (BranchContext[T]) elements() *elements { return jsonElements[T]() }

// branching makes the Branch of a step without generated code, if its Run is that
// of one that branches.
func (s *reflectedStep) branching() *Branching[boxed] {
	m, ok := reflect.PointerTo(s.typ).MethodByName("Run")
	if !ok || m.Type.NumIn() != 2 || m.Type.NumOut() != 2 || m.Type.Out(0) != reflect.TypeFor[Result]() || m.Type.Out(1) != reflect.TypeFor[error]() {
		return nil
	}
	c, ok := reflect.Zero(m.Type.In(1)).Interface().(branchContext)
	if !ok || m.Type.In(1) != reflect.TypeOf(c.of(StepContext{})) {
		return nil
	}
	return &Branching[boxed]{c.elements(), func(b *boxed, ctx StepContext) (Result, error) {
		out := m.Func.Call([]reflect.Value{b.Value, reflect.ValueOf(c.of(ctx))})
		err, _ := out[1].Interface().(error)
		return out[0].Interface().(Result), err
	}}
}

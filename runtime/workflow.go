package wfe

import (
	"context"
	"fmt"
	"reflect"
	"sync"

	"github.com/wfegen/wfe/runtime/codec"
	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/engine"
	"github.com/wfegen/wfe/runtime/internal/host"
)

// Workflow describes a workflow over D to the runtime. Generated code makes one
// for each workflow function.
type Workflow[D, B any] struct {
	ID      string
	Version int
	Data    codec.Codec[D]
	Build   func(b B)
	New     func(Block[D, B]) B
	// Code has each node that wfegen read in the source of Build, by its id, with
	// the hash of the source of its closures; Structure is the hash of these nodes.
	// Without Structure nothing is compared.
	Code      map[string]string
	Structure string
	// Func is the plain Go function that the workflow was compiled from; nil for one
	// that a builder function builds. Tests find the workflow by it.
	Func any
}

// workflowType is a Workflow without its type parameters.
type workflowType interface {
	name() string
	identity() (id string, version int)
	function() any // that it was compiled from, or nil
	compile(t *types, in surroundings) (*host.Workflow, error)
}

func (w Workflow[D, B]) name() string            { return w.ID }
func (w Workflow[D, B]) identity() (string, int) { return w.ID, w.Version }

func (w Workflow[D, B]) addTo(s *StepSet) { s.workflows = append(s.workflows, w) }
func (w Workflow[D, B]) function() any    { return w.Func }

// authored is what the author of a workflow over D knows as its data.
func authored[D any]() reflect.Type {
	if s, ok := any(*new(D)).(interface{ authored() reflect.Type }); ok {
		return s.authored()
	}
	return reflect.TypeFor[D]()
}

// Start starts an instance. It is to a workflow of NewWorkflow what the generated
// Start functions are to others.
func (w Workflow[D, B]) Start(ctx context.Context, c Client, data D, opts ...StartOption) (Handle[D], error) {
	return Start(ctx, c, w.Ref(), &data, opts...)
}

// build calls the builder function.
func (w Workflow[D, B]) build(t *types) (*core, *definition.Definition, error) {
	c := newCore(t)
	c.contract["data "+w.ID] = w.Data.Schema
	w.Build(w.New(Block[D, B]{c, c.Top(), w.New}))
	d, err := c.finish(w.ID, w.Version, w.Code)
	if err == nil && w.Structure != "" {
		err = w.upToDate(d)
	}
	return c, d, err
}

// upToDate compares what was built with what wfegen read.
func (w Workflow[D, B]) upToDate(d *definition.Definition) error {
	is, err := d.Structure()
	if err != nil || string(is) == w.Structure {
		return err
	}
	what := "its nodes are connected otherwise"
	built := map[string]bool{}
	for i := range d.Nodes {
		id := d.Nodes[i].ID
		if built[id] = true; !has(w.Code, id) {
			what = fmt.Sprintf("it has a node %q more", id)
		}
	}
	for _, id := range sortedKeys(w.Code) {
		if !built[id] {
			what = fmt.Sprintf("it has no node %q any more", id)
		}
	}
	return fmt.Errorf("workflow %s version %d is not the one that wfegen read: %s; run go generate", w.ID, w.Version, what)
}

func has(m map[string]string, key string) bool { _, ok := m[key]; return ok }

func (w Workflow[D, B]) compile(t *types, in surroundings) (*host.Workflow, error) {
	c, d, err := w.build(t)
	if err != nil {
		return nil, err
	}
	hash, err := d.Hash()
	if err != nil {
		return nil, err
	}
	body, err := d.Body()
	if err != nil {
		return nil, err
	}
	h := &host.Workflow{Definition: d, Hash: string(hash), Body: body, Settings: c.settings,
		Data: authored[D](), Positions: c.position, Children: c.children,
		Steps: make([]host.Body, len(d.Nodes)), Compensations: make([]host.Body, len(d.Nodes))}
	bind := func() (*binding[D], error) {
		c, again, err := w.build(t)
		if err != nil {
			return nil, err
		}
		if other, err := again.Hash(); err != nil || other != hash {
			return nil, fmt.Errorf("its builder function built another definition the second time; it may have no effects and no chance in it")
		}
		return newBinding(w.Data, t, c), nil
	}
	spares := new(sync.Pool) // of bindings for the bodies of Funcs
	for i, n := range d.Nodes {
		switch {
		case n.Kind == definition.Poll:
			h.Steps[i] = pollBody(c.polls[i], in)
			continue
		case n.Kind != definition.Step:
			continue
		case c.code[i].call != nil:
			h.Steps[i] = funcBody(i, spares, bind, in)
			continue
		}
		step := t.byName(n.Step)
		h.Steps[i] = step.body(in)
		h.Compensations[i] = step.undo(in)
		if n.Compensate != "" {
			h.Compensations[i] = t.byName(n.Compensate).body(in)
		}
	}
	h.NewCode = func() (engine.Code, error) { return bind() }
	return h, nil
}

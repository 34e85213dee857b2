package reference

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/codec"
)

// data is what programs work on.
type data struct {
	Origin string   // what it was started with
	Around []int    // of a child: the elements of the loops around it
	Log    []string // what was done
	Keys   []string // the idempotency keys of the steps among that
	Fields          // what Funcs have done
}

// Fields are changed by a Func each as a whole.
type Fields struct{ A, B, C []string }

// fields is how many there are.
const fields = 3

func (f *Fields) field(n int) *[]string { return []*[]string{&f.A, &f.B, &f.C}[n] }

type builder struct {
	wfe.Block[data, *builder]
	world *world
	flow  string // the workflow's id
}

// work is the step of all programs.
type work struct {
	world *world
	ID    string
	Items []int  // of the loops around it
	Seen  int    // lines of the log when its inputs were evaluated
	Key   string // set by the body
}

func (s *work) name() string { return label(s.ID, s.Items) }

// label names what a node does for some elements: step3#1.0.
func label(id string, items []int) string {
	if len(items) == 0 {
		return id
	}
	return id + "#" + strings.Trim(strings.ReplaceAll(fmt.Sprint(items), " ", "."), "[]")
}

// note is the event of all programs.
type note struct{}

var noteEvent = wfe.Event[note]{Name: "note", Codec: codec.JSON[note]()}

// world is where bodies act: what they do is the trace.
type world struct {
	program program
	nodes   map[string]*node
	start   time.Time

	mu    sync.Mutex
	runs  map[string]int // by instance and what was done
	trace []string

	// see, if set, is told with which inputs a body begins.
	see func(info wfe.StepInfo, seen int)
}

func newWorld(p program) *world {
	w := &world{program: p, nodes: map[string]*node{}, runs: map[string]int{}}
	var index func(nodes []*node)
	index = func(nodes []*node) {
		for _, n := range nodes {
			w.nodes[n.id] = n
			for _, b := range n.blocks {
				index(b)
			}
			index(n.comp)
		}
	}
	index(p.nodes)
	return w
}

// begins notes that something is done, and returns how often that instance did it before.
func (w *world) begins(ctx context.Context, what string, seen int) int {
	info := wfe.Info(ctx)
	if w.see != nil {
		w.see(info, seen)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.trace = append(w.trace, fmt.Sprintf("%v %s", time.Since(w.start), what))
	key := info.Instance + " " + what
	w.runs[key]++
	return w.runs[key] - 1
}

var errBody = errors.New("it failed")

// run is the body: it works for a while, and fails as often as its node says.
func (s *work) run(ctx context.Context) error {
	n := s.world.nodes[s.ID]
	before := s.world.begins(ctx, "do "+s.name(), s.Seen)
	if !sleep(ctx, lasts(n.work, s.name(), before), n.stubborn) {
		return ctx.Err()
	}
	if n.forever || before < n.fails {
		if n.permanent {
			return wfe.Permanent(errBody)
		}
		return errBody
	}
	s.Key = wfe.Info(ctx).IdempotencyKey
	return nil
}

// undo is its compensation. It is not told to stop while the instance lives.
func (s *work) undo(ctx context.Context) error {
	n := s.world.nodes[s.ID]
	before := s.world.begins(ctx, "undo "+s.name(), s.Seen)
	sleep(ctx, lasts(n.undoWork, s.name(), before), true)
	if before < n.undoFails {
		return errBody
	}
	return nil
}

// sleep reports whether it slept to the end.
func sleep(ctx context.Context, d time.Duration, stubborn bool) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	if stubborn {
		<-timer.C
		return true
	}
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// register gives a host the program, as the workflow of that id, and the workflows of its children.
func (w *world) register(h *wfe.Host, id string) error {
	if err := w.registerAs(h, id, w.program.nodes); err != nil {
		return err
	}
	for _, n := range w.nodes {
		if n.kind == child {
			if err := w.registerAs(h, childOf(id, n), n.blocks[0]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *world) registerAs(h *wfe.Host, id string, nodes []*node) error {
	return h.Register(wfe.NewStepSet("test", noteEvent,
		wfe.Step[steering]{Name: "steering", Codec: codec.JSON[steering](), Inject: func(s *steering) { s.world = w },
			Steer: (*steering).steer, Undo: func(s *steering, ctx context.Context) error { return s.undo(ctx) }, Retry: &undoPolicy},
		wfe.Step[steeringLasting]{Name: "steering-lasting", Codec: codec.JSON[steeringLasting](), Inject: func(s *steeringLasting) { s.world = w },
			Steer: func(s *steeringLasting, ctx wfe.StepContext) (wfe.Result, error) { return s.steer(ctx) }},
		wfe.Step[work]{Name: "work", Codec: codec.JSON[work](), Inject: func(s *work) { s.world = w },
			Run: (*work).run, Undo: (*work).undo, Retry: &undoPolicy},
		wfe.Step[lasting]{Name: "lasting", Codec: codec.JSON[lasting](), Inject: func(s *lasting) { s.world = w },
			Run: func(s *lasting, ctx context.Context) error { return s.run(ctx) }},
		wfe.Step[splitting]{Name: "splitting", Codec: codec.JSON[splitting](), Inject: func(s *splitting) { s.world = w },
			Branch: wfe.Branches(func(s *splitting, ctx wfe.BranchContext[int]) (wfe.Result, error) { return s.branch(ctx) }, codec.JSON[int]()),
			Undo:   func(s *splitting, ctx context.Context) error { return s.undo(ctx) }, Retry: &undoPolicy},
		wfe.Step[splittingLasting]{Name: "splitting-lasting", Codec: codec.JSON[splittingLasting](), Inject: func(s *splittingLasting) { s.world = w },
			Branch: wfe.Branches(func(s *splittingLasting, ctx wfe.BranchContext[int]) (wfe.Result, error) { return s.branch(ctx) }, codec.JSON[int]())}), nil,
		wfe.Workflow[data, *builder]{ID: id, Version: 1, Data: codec.JSON[data](), New: func(b wfe.Block[data, *builder]) *builder { return &builder{b, w, id} },
			Build: func(b *builder) { b.nodes(nodes, nil) }})
}

// lasting is work that cannot be undone.
type lasting struct{ work }

func (b *builder) nodes(nodes []*node, items []*int) {
	for _, n := range nodes {
		b.node(n, items)
	}
}

func (b *builder) node(n *node, items []*int) {
	block := func(i int) func(*builder) { return func(b *builder) { b.nodes(n.blocks[i], items) } }
	holds := func(i int) func(*data) bool { return func(d *data) bool { return n.conds[i].holds(d.Log) } }
	switch n.kind {
	case step:
		b.step(n, items)
	case set:
		b.Set(n.id, func(d *data) { d.Log = append(d.Log, label(n.id, d.at(items))) })
	case delay:
		b.Delay(n.id, n.work)
	case choose:
		b.If(n.id, holds(0), block(0))
		if len(n.blocks) > 1 {
			b.Else(block(1))
		}
	case decide:
		b.Decide(n.id)
		if n.all {
			b.AllMatching()
		}
		for i := range n.conds {
			b.When(fmt.Sprintf("case%d", i), holds(i), block(i))
		}
		if len(n.blocks) > len(n.conds) {
			b.Default(block(len(n.conds)))
		}
	case while:
		b.While(n.id, func(d *data) bool { return count(d.Log, label(n.id, d.at(items))) < n.rounds }, func(b *builder) {
			b.Set(n.id+"-round", func(d *data) { d.Log = append(d.Log, label(n.id, d.at(items))) })
			b.nodes(n.blocks[0], items)
		})
	case each:
		opts := []wfe.LoopOption{wfe.Sequential()}
		if n.limit > 0 {
			opts = []wfe.LoopOption{wfe.Limit(n.limit)}
		}
		inner := func(b *builder, item *int) { b.nodes(n.blocks[0], append(items[:len(items):len(items)], item)) }
		if n.split {
			b.split(n, items, inner, opts)
			return
		}
		wfe.Each(b, n.id, func(*data) []int { return numbers(n.items) }, inner, opts...)
	case parallel:
		var branches []func(*builder)
		for i := range n.blocks {
			branches = append(branches, block(i))
		}
		b.Parallel(n.id, branches...)
	case saga:
		b.Saga(n.id, block(0))
		if n.comp != nil {
			b.Compensate(func(b *builder) { b.nodes(n.comp, items) })
		}
		if n.chosen {
			b.OnError(n.policy)
		}
	case await:
		wfe.Await(b, n.id, func(d *data) string { return label(n.id, d.at(items)) }, func(d *data, _ *note) {
			d.Log = append(d.Log, label(n.id, d.at(items)))
		}).Timeout(n.work, block(0))
	case later:
		b.ScheduleAfter(n.id, n.work, block(0))
	case recur:
		b.Recur(n.id, wfe.Every(n.work), func(d *data) bool { return count(d.Log, label(n.id, d.at(items))) >= n.rounds }, func(b *builder) {
			b.Set(n.id+"-round", func(d *data) { d.Log = append(d.Log, label(n.id, d.at(items))) })
			b.nodes(n.blocks[0], items)
		})
	case steer:
		b.steer(n, items)
	case child:
		b.child(n, items)
	case function:
		b.Func(n.id, func(ctx wfe.StepContext, d *data) (wfe.Result, error) {
			s := work{world: b.world, ID: n.id, Items: d.at(items), Seen: len(d.Log)}
			if err := s.run(ctx); err != nil {
				return ctx.Next(), err
			}
			line := d.field(n.field)
			*line = append(*line, s.name())
			return ctx.Next(), nil
		})
		b.OnError(n.policy)
	case end:
		b.End().Name(n.id)
	}
}

func (b *builder) step(n *node, items []*int) {
	if n.undo {
		s := wfe.AddStep(b.Block, wfe.Use[data, work]{
			Set: func(d *data, s *work) { s.ID, s.Items, s.Seen = n.id, d.at(items), len(d.Log) },
			Out: func(d *data, s *work) { d.Log, d.Keys = append(d.Log, s.name()), append(d.Keys, s.Key) },
		})
		s.Name(n.id)
		s.OnError(n.policy)
		if n.comp != nil {
			s.Compensate(func(b *builder, _ *work) { b.nodes(n.comp, items) })
		}
		return
	}
	s := wfe.AddStep(b.Block, wfe.Use[data, lasting]{
		Set: func(d *data, s *lasting) { s.ID, s.Items, s.Seen = n.id, d.at(items), len(d.Log) },
		Out: func(d *data, s *lasting) { d.Log, d.Keys = append(d.Log, s.name()), append(d.Keys, s.Key) },
	})
	s.Name(n.id)
	s.OnError(n.policy)
}

// splitting is work that branches, lastingly or not.
type (
	splitting        struct{ work }
	splittingLasting struct{ work }
)

func (s *work) branch(ctx wfe.BranchContext[int]) (wfe.Result, error) {
	if err := s.run(ctx); err != nil {
		return ctx.Next(), err
	}
	return ctx.Branch(numbers(s.world.nodes[s.ID].items)), nil
}

// split adds a step that branches.
func (b *builder) split(n *node, items []*int, body func(b *builder, item *int), opts []wfe.LoopOption) {
	set := func(d *data, s *work) { s.ID, s.Items, s.Seen = n.id, d.at(items), len(d.Log) }
	out := func(d *data, s *work) { d.Log, d.Keys = append(d.Log, s.name()), append(d.Keys, s.Key) }
	if n.undo {
		s := wfe.AddBranching(b.Block, wfe.Use[data, splitting]{
			Set: func(d *data, s *splitting) { set(d, &s.work) }, Out: func(d *data, s *splitting) { out(d, &s.work) }}, body, opts...)
		s.Name(n.id)
		s.OnError(n.policy)
		return
	}
	s := wfe.AddBranching(b.Block, wfe.Use[data, splittingLasting]{
		Set: func(d *data, s *splittingLasting) { set(d, &s.work) }, Out: func(d *data, s *splittingLasting) { out(d, &s.work) }}, body, opts...)
	s.Name(n.id)
	s.OnError(n.policy)
}

// at returns the elements of all loops around a node.
func (d *data) at(items []*int) []int {
	out := slices.Clone(d.Around)
	for _, it := range items {
		out = append(out, *it)
	}
	return out
}

func numbers(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

func count(log []string, line string) (n int) {
	for _, l := range log {
		if l == line {
			n++
		}
	}
	return n
}

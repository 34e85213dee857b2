package engine_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/engine"
	"github.com/wfegen/wfe/runtime/instance"
)

// Workflows for tests: a tree of nodes is compiled to a definition, and its
// closures to an engine.Code over data.

// data is what the workflows of these tests work on.
type data struct {
	Log   []string        `json:"log,omitempty"` // labels of the bodies whose outputs were applied, in order
	Flags map[string]bool `json:"flags,omitempty"`
	List  []string        `json:"list,omitempty"`
}

// value is a step's value: what the engine hands to a body and gets back.
type value struct {
	In  string `json:"in,omitempty"`
	Out string `json:"out,omitempty"`
}

// node is a node of a test's workflow.
type node struct {
	definition.Node
	settings definition.Settings
	blocks   [][]*node

	conds   []func(d *data) bool // by block
	cancels func(d *data) bool
	items   func(d *data) []string
	key     func(d *data) string
	time    func(d *data) instance.Instant
	next    func(after instance.Instant) instance.Instant
	since   func(*data) instance.Instant
	in      func(d *data, items []string) string
	out     func(d *data, v value)
	stores  []int // fields of the data that out writes; nil: any
	undo    func(d *data, v value) string
	// undoOut stores the outputs of the step that undoes it.
	undoOut func(d *data, v value)

	after  func(sc engine.Scope) int         // code behind the node
	turn   func(d *data)                     // behind each round
	first  map[int]func(sc engine.Scope) int // at the beginning of a block
	catch  func(d *data, why *instance.Failure)
	always bool // out is called too where the step did not complete
}

func step(name string) *node {
	n := &node{}
	n.ID, n.Kind, n.Step = name, definition.Step, name
	n.in = func(_ *data, items []string) string { return strings.Join(append([]string{name}, items...), " ") }
	n.out = func(d *data, v value) { d.Log = append(d.Log, v.Out) }
	n.undo = func(_ *data, v value) string { return "undo " + v.In + v.Out }
	return n
}

// undoable is a step with an Undo method.
func undoable(name string) *node {
	n := step(name)
	n.Undo = true
	return n
}

// branches gives a step, that has no other block yet, the one that it branches into.
func (n *node) branches(nodes ...*node) *node { return n.block(definition.BlockBranch, nodes) }

func when(name string, cond func(d *data) bool) *node {
	n := &node{conds: []func(*data) bool{cond}}
	n.ID, n.Kind = name, definition.If
	return n
}

func while(name string, cond func(d *data) bool, block ...*node) *node {
	n := &node{conds: []func(*data) bool{cond}}
	n.ID, n.Kind = name, definition.While
	return n.block("", block)
}

// decide is followed by its cases.
func decide(name string) *node {
	n := &node{}
	n.ID, n.Kind = name, definition.Decide
	return n
}

func (n *node) of(name string, cond func(d *data) bool, nodes ...*node) *node {
	n.conds = append(n.conds, cond)
	return n.block(name, nodes)
}

func set(name string, change func(d *data)) *node {
	n := &node{out: func(d *data, _ value) { change(d) }}
	n.ID, n.Kind = name, definition.Set
	return n
}

func each(name string, items func(d *data) []string, block ...*node) *node {
	n := &node{items: items}
	n.ID, n.Kind = name, definition.ForEach
	return n.block("", block)
}

func parallel(name string, blocks ...[]*node) *node {
	n := &node{}
	n.ID, n.Kind = name, definition.Parallel
	for _, b := range blocks {
		n.block("", b)
	}
	return n
}

func block(nodes ...*node) []*node { return nodes }

func saga(name string, body ...*node) *node {
	n := &node{}
	n.ID, n.Kind = name, definition.Saga
	return n.block("", body)
}

func await(name, event string) *node {
	n := &node{key: func(*data) string { return "key" }}
	n.ID, n.Kind, n.Event = name, definition.WaitFor, event
	n.out = func(d *data, v value) { d.Log = append(d.Log, v.Out) }
	return n
}

func delay(name string, d time.Duration) *node {
	n := &node{}
	n.ID, n.Kind, n.settings.Delay = name, definition.Delay, d
	return n
}

// schedule runs its block at a time.
func schedule(name string, at func(d *data) instance.Instant, block ...*node) *node {
	n := &node{time: at}
	n.ID, n.Kind = name, definition.Schedule
	return n.block("", block)
}

// scheduleAfter runs its block after a time.
func scheduleAfter(name string, d time.Duration, block ...*node) *node {
	n := schedule(name, nil, block...)
	n.After, n.settings.Delay = true, d
	return n
}

// recur runs its block each interval, until a condition holds.
func recur(name string, every time.Duration, until func(d *data) bool, block ...*node) *node {
	n := &node{conds: []func(*data) bool{until}}
	n.ID, n.Kind, n.Every = name, definition.Recur, every
	return n.block("", block)
}

// recurAt is recur at the times of a cron expression, which are those of next.
func recurAt(name string, next func(after instance.Instant) instance.Instant, until func(d *data) bool, block ...*node) *node {
	n := recur(name, 0, until, block...)
	n.Cron, n.Zone, n.next = "* * * * *", "UTC", next
	return n
}

func end(name string) *node {
	n := &node{}
	n.ID, n.Kind = name, definition.End
	return n
}

func (n *node) block(name string, nodes []*node) *node {
	n.Blocks = append(n.Blocks, definition.Block{Name: name})
	n.blocks = append(n.blocks, nodes)
	return n
}

func (n *node) then(nodes ...*node) *node      { return n.block(definition.BlockThen, nodes) }
func (n *node) otherwise(nodes ...*node) *node { return n.block(definition.BlockElse, nodes) }
func (n *node) on(outcome string, nodes ...*node) *node {
	return n.block(outcome, nodes)
}

func (n *node) compensate(nodes ...*node) *node {
	return n.block(definition.BlockCompensate, nodes)
}

// undoneByBlock is a step with a compensation of several steps.
func (n *node) undoneByBlock(nodes ...*node) *node {
	n.Undo = false
	return n.compensate(nodes...)
}

func (n *node) timeout(d time.Duration, nodes ...*node) *node {
	n.settings.Timeout = d
	return n.block(definition.BlockTimeout, nodes)
}

func (n *node) undoneBy(step string) *node {
	n.Undo, n.Compensate = false, step
	return n
}

// cancelWhen cancels a node when a condition holds.
func (n *node) cancelWhen(cond func(d *data) bool) *node {
	n.Cancel, n.cancels = true, cond
	return n
}

func (n *node) proceed() *node {
	n.Proceed = true
	return n
}

func (n *node) sequential() *node {
	n.Sequential = true
	return n
}

func (n *node) limit(live int) *node {
	n.settings.Limit = live
	return n
}

// retry sets the policy of a step or a saga.
func (n *node) retry(p definition.RetryPolicy) *node {
	n.settings.Retry, n.settings.HasPolicy = p, true
	return n
}

// onError sets what follows at once when a step fails, or a saga is undone.
func (n *node) onError(then definition.Action) *node {
	return n.retry(definition.RetryPolicy{Then: then})
}

func (n *node) retryUndo(p definition.RetryPolicy) *node {
	n.settings.Undo = p
	return n
}

// program is a compiled test workflow. It is its own code.
type program struct {
	*engine.Program
	nodes   []*node
	whole   bool                      // the data has no fields that are known
	swapped bool                      // two of them have changed places
	asked   int                       // how often a condition that cancels a node was
	encoded [3]int                    // how often each field was encoded by itself
	first   func(sc engine.Scope) int // at the beginning of the workflow
}

func compile(t require.TestingT, nodes ...*node) *program {
	p := &program{}
	d := &definition.Definition{Name: "test", Version: 1}
	var add func(nodes []*node, parent int) int
	add = func(nodes []*node, parent int) int {
		first, last := definition.None, definition.None
		for _, given := range nodes {
			n := new(node) // tests that run at once may share what they are given
			*n = *given
			n.Blocks = slices.Clone(n.Blocks)
			i := len(p.nodes)
			p.nodes = append(p.nodes, n)
			if n.Parent, n.Next = parent, definition.None; last == definition.None {
				first = i
			} else {
				p.nodes[last].Next = i
			}
			last = i
			for b := range n.blocks {
				n.Blocks[b].First = add(n.blocks[b], i)
			}
		}
		return first
	}
	d.First = add(nodes, definition.None)
	p.Program = &engine.Program{Definition: d, Code: p}
	for _, n := range p.nodes {
		d.Nodes = append(d.Nodes, n.Node)
		p.Settings = append(p.Settings, n.settings)
	}
	require.NoError(t, d.Validate())
	return p
}

var _ engine.Code = (*program)(nil)

func (p *program) Decode(b []byte) (any, error) {
	d := new(data)
	return d, json.Unmarshal(b, d)
}

func (p *program) Encode(b []byte, d any) ([]byte, error) {
	body, err := json.Marshal(d)
	return append(b, body...), err
}

func (p *program) Fields() []string {
	if p.whole {
		return nil
	}
	if p.swapped {
		return []string{`"log":`, `"list":`, `"flags":`}
	}
	return []string{`"log":`, `"flags":`, `"list":`}
}

func (p *program) EncodeField(b []byte, d any, field int) ([]byte, error) {
	all, one := d.(*data), data{}
	if p.swapped && field > 0 {
		field = 3 - field
	}
	switch field {
	case 0:
		one.Log = all.Log
	case 1:
		one.Flags = all.Flags
	case 2:
		one.List = all.List
	}
	p.encoded[field]++
	body, err := json.Marshal(one)
	return append(b, body[1:max(len(body)-1, 1)]...), err
}

func (p *program) Envelope(b []byte) []byte { return b }

func (p *program) Cond(n, block int, sc engine.Scope) (bool, error) {
	return p.nodes[n].conds[block](sc.Data.(*data)), nil
}

func (p *program) Cancels(n int, sc engine.Scope) (bool, error) {
	p.asked++
	return p.nodes[n].cancels(sc.Data.(*data)), nil
}

func (p *program) Items(n int, sc engine.Scope) ([][]byte, error) {
	var items [][]byte
	for _, s := range p.nodes[n].items(sc.Data.(*data)) {
		items = append(items, []byte(s))
	}
	return items, nil
}

func (p *program) Key(n int, sc engine.Scope) (string, error) {
	return p.nodes[n].key(sc.Data.(*data)), nil
}

func (p *program) Time(n int, sc engine.Scope) (instance.Instant, error) {
	return p.nodes[n].time(sc.Data.(*data)), nil
}

func (p *program) Next(n int, after instance.Instant) instance.Instant { return p.nodes[n].next(after) }

func (p *program) Fits(_ string, payload []byte) error {
	var v value
	return json.Unmarshal(payload, &v)
}

func (p *program) Since(n int, sc engine.Scope) (instance.Instant, error) {
	if p.nodes[n].since == nil {
		return 0, nil
	}
	return p.nodes[n].since(sc.Data.(*data)), nil
}

func (p *program) In(n int, sc engine.Scope) ([]byte, error) {
	var items []string
	for _, it := range sc.Items {
		if it.Done {
			var v value
			if err := json.Unmarshal(it.Value, &v); err != nil {
				return nil, err
			}
			items = append(items, fmt.Sprintf("<%s:%s>", v.In, v.Out))
			continue
		}
		items = append(items, string(it.Value))
	}
	return json.Marshal(value{In: p.nodes[n].in(sc.Data.(*data), items)})
}

func (p *program) Out(n int, sc engine.Scope, body []byte) (engine.Fields, error) {
	var v value
	if p.nodes[n].Kind == definition.Set {
		body = []byte("{}")
	}
	if err := json.Unmarshal(body, &v); err != nil {
		return engine.Fields{}, fmt.Errorf("its payload does not fit: %w", err)
	}
	if p.nodes[n].out == nil {
		return engine.Fields{}, nil
	}
	p.nodes[n].out(sc.Data.(*data), v)
	if p.nodes[n].stores != nil {
		return engine.Fields{Some: p.nodes[n].stores}, nil
	}
	return engine.Fields{All: true}, nil
}

func (p *program) edge(n, block int) func(sc engine.Scope) int {
	switch {
	case n == definition.None:
		return p.first
	case block == engine.Behind:
		return p.nodes[n].after
	case block != engine.Round:
		return p.nodes[n].first[block]
	case p.nodes[n].turn != nil:
		return func(sc engine.Scope) int { p.nodes[n].turn(sc.Data.(*data)); return 0 }
	}
	return nil
}

func (p *program) Always(n int) bool { return p.nodes[n].always }

func (p *program) Rests(int) bool { return true }

func (p *program) AsStored(any) error { return nil }

func (p *program) Unsettled(any) bool { return false }

func (p *program) HasEdge(n, block int) bool { return p.edge(n, block) != nil }

func (p *program) Edge(n, block int, sc engine.Scope) (engine.Way, engine.Fields, error) {
	way := engine.Way{Why: "no way", At: "here.go:7"}
	way.Fault = engine.Caught(func() { way.Exit = p.edge(n, block)(sc) })
	return way, engine.Fields{All: true, Vars: true}, nil
}

func (p *program) Catch(n int, sc engine.Scope, why *instance.Failure) (engine.Fields, error) {
	p.nodes[n].catch(sc.Data.(*data), why)
	return engine.Fields{All: true}, nil
}

func (p *program) Redact(_ any, message string) string { return message }

func (p *program) Secrets(any) []string { return nil }

func (p *program) UndoIn(n int, sc engine.Scope, undone []byte) ([]byte, error) {
	var v value
	if err := json.Unmarshal(undone, &v); err != nil {
		return nil, err
	}
	return json.Marshal(value{In: p.nodes[n].undo(sc.Data.(*data), v)})
}

func (p *program) UndoOut(n int, sc engine.Scope, body []byte) (engine.Fields, error) {
	out := p.nodes[n].undoOut
	if out == nil {
		return engine.Fields{}, nil
	}
	var v value
	if err := json.Unmarshal(body, &v); err != nil {
		return engine.Fields{}, err
	}
	out(sc.Data.(*data), v)
	return engine.Fields{All: true}, nil
}

// TestCompile guards the kit: blocks and order come out as they were written.
func TestCompile_MakesTheTreeThatWasWritten(t *testing.T) {
	t.Parallel()
	p := compile(t, step("a"), saga("s", step("b"), step("c")).compensate(step("d")), step("e"))
	next := map[string]string{}
	for _, n := range p.Definition.Nodes {
		if n.Next != definition.None {
			next[n.ID] = p.Definition.Nodes[n.Next].ID
		}
	}
	require.Equal(t, map[string]string{"a": "s", "s": "e", "b": "c"}, next)
}

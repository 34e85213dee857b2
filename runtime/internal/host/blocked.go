package host

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
)

// An instance runs to its end on the definition that it began with. Where this
// program has other code, it leaves the instance alone.

// alike is a registered workflow with the structure of a stored definition, or why
// there is none.
type alike struct {
	*Workflow
	changed []int // nodes whose code is another one

	node, reason string // as in a BlockedError; only without a Workflow
}

// workflow returns the registered workflow that carries an instance on: the one
// of its definition, or one that differs from it in nothing that the instance
// can still get to.
func (h *Host) workflow(ctx context.Context, r *store.Row) (*Workflow, error) {
	if w := h.workflows[r.Definition]; w != nil {
		return w, nil
	}
	w, err := h.like(ctx, r.ID, r.Definition)
	if err != nil || h.adopts(w) {
		return w.Workflow, err
	}
	s, err := Decode(r)
	if err != nil {
		return nil, &BlockedError{Instance: r.ID, Reason: err.Error()}
	}
	reached := ahead(w.Definition, s)
	changed := slices.DeleteFunc(slices.Clone(w.changed), func(n int) bool { return !reached[n] })
	if len(changed) == 0 {
		return w.Workflow, nil
	}
	nodes := w.Definition.Nodes
	reason := fmt.Sprintf("the code of the node was changed after the instance began%s%s, or let the present code run: Host.Adopt(%q, %d)",
		others(nodes, changed[1:]), remedy, w.Definition.Name, w.Definition.Version)
	return nil, &BlockedError{Instance: r.ID, Node: nodes[changed[0]].ID, Reason: reason}
}

// adopts reports whether w carries on all instances of the stored definition,
// wherever they stand.
func (h *Host) adopts(w alike) bool {
	return len(w.changed) == 0 || h.Adopted[VersionOf(w.Definition)]
}

// others names further nodes.
func others(nodes []definition.Node, which []int) string {
	if len(which) == 0 {
		return ""
	}
	ids := make([]string, len(which))
	for i, n := range which {
		ids[i] = nodes[n].ID
	}
	return ", as was that of " + strings.Join(ids, ", ")
}

// like returns the registered workflow with the structure of the definition of an
// instance.
func (h *Host) like(ctx context.Context, id, hash string) (alike, error) {
	known, ok := h.alike.Load(hash)
	if !ok {
		body, err := h.Store.Definition(ctx, hash)
		if err != nil {
			return alike{}, fmt.Errorf("wfe: reading the definition of instance %q: %w", id, err)
		}
		known, _ = h.alike.LoadOrStore(hash, h.compare(body))
	}
	w := known.(alike)
	if w.Workflow == nil {
		return w, &BlockedError{Instance: id, Node: w.node, Reason: w.reason}
	}
	return w, nil
}

// compare looks for the registered workflow with the structure of a stored definition.
func (h *Host) compare(body []byte) alike {
	old, err := definition.Decode(body)
	if err != nil {
		return alike{reason: err.Error()}
	}
	w := h.find(old.Name, old.Version)
	if w == nil {
		return alike{reason: fmt.Sprintf("workflow %s version %d is not registered in this program; register it, or run the program that has it", old.Name, old.Version)}
	}
	if node, reason := differ(old, w.Definition); reason != "" {
		return alike{node: node, reason: reason + remedy}
	}
	like := alike{Workflow: w}
	for i := range old.Nodes {
		if old.Nodes[i].Code != w.Definition.Nodes[i].Code {
			like.changed = append(like.changed, i)
		}
	}
	return like
}

// Version is one version of a workflow.
type Version struct {
	Name    string
	Version int
}

// VersionOf returns the one that d is the definition of.
func VersionOf(d *definition.Definition) Version { return Version{d.Name, d.Version} }

// ahead says of each node whether an instance may still run its code: those at
// which it stands, what follows them, and all of what is done again around them.
func ahead(d *definition.Definition, s *instance.State) []bool {
	a := &way{d, make([]bool, len(d.Nodes))}
	for _, p := range s.Pointers {
		if p.Role != instance.Forward || p.Status != instance.Open || !a.passes(p.Node) { // else what is in it has pointers of its own
			a.inside(p.Node)
		}
		a.from(p.Node)
	}
	for _, u := range s.Undo {
		a.inside(u.Node)
	}
	if len(s.Pointers) == 0 { // it has not begun
		a.follow(d.First)
	}
	return a.nodes
}

type way struct {
	*definition.Definition
	nodes []bool
}

// from marks a node and what can be reached from it. What an If, a Decide, a Parallel, a
// call, a step or a wait has behind it does not come again, unless it has a condition that
// cancels it, for where that fails the node begins again; of any other container
// everything may.
func (a *way) from(n int) {
	a.nodes[n] = true
	a.follow(a.Nodes[n].Next)
	for p := a.Nodes[n].Parent; p != definition.None; p = a.Nodes[p].Parent {
		if a.passes(p) {
			a.nodes[p] = true
		} else {
			a.inside(p)
		}
		a.follow(a.Nodes[p].Next)
	}
}

// passes reports whether the flow gets through a container once.
func (a *way) passes(n int) bool {
	switch a.Nodes[n].Kind {
	case definition.If, definition.Decide, definition.Parallel, definition.Step, definition.WaitFor, definition.Call:
		return !a.Nodes[n].Cancel && !a.Nodes[n].Branches(0)
	}
	return false
}

// follow marks a node and those after it in its block.
func (a *way) follow(n int) {
	for ; n != definition.None; n = a.Nodes[n].Next {
		a.inside(n)
	}
}

// inside marks a node and everything in it.
func (a *way) inside(n int) {
	a.nodes[n] = true
	for _, b := range a.Nodes[n].Blocks {
		a.follow(b.First)
	}
}

// differ says at which node first, and how, a registered definition differs from
// an older one in structure; "" if it does not. Types may differ: what no longer
// decodes is found when it is read.
func differ(old, now *definition.Definition) (node, reason string) {
	if id := missing(old, now); id != "" {
		return id, "the node is not in the registered workflow any more"
	}
	if id := missing(now, old); id != "" {
		return id, "the node was added after the instance began"
	}
	for i := range old.Nodes {
		if !equalNodes(old.Nodes[i], now.Nodes[i]) {
			return old.Nodes[i].ID, "the node differs in the registered workflow"
		}
	}
	if old.First != now.First || !slices.Equal(old.Exits, now.Exits) {
		return "", "the workflow begins at another node than when the instance began"
	}
	return "", ""
}

// missing returns the first node of d that other does not have; "" if there is none.
func missing(d, other *definition.Definition) string {
	has := make(map[string]bool, len(other.Nodes))
	for i := range other.Nodes {
		has[other.Nodes[i].ID] = true
	}
	for i := range d.Nodes {
		if !has[d.Nodes[i].ID] {
			return d.Nodes[i].ID
		}
	}
	return ""
}

const remedy = "; register the code it began with, and give changed workflows a new version"

// equalNodes reports whether two nodes are the same but for their code.
func equalNodes(a, b definition.Node) bool {
	a.Code, b.Code = "", ""
	return reflect.DeepEqual(a, b)
}

func sortedWorkflows(m map[string]*Workflow) []*Workflow {
	return slices.SortedFunc(maps.Values(m), func(a, b *Workflow) int {
		return cmp.Or(cmp.Compare(a.Definition.Name, b.Definition.Name), cmp.Compare(a.Definition.Version, b.Definition.Version))
	})
}

package host

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/store"
)

// An instance runs to its end on the definition that it began with. Where this
// program has other code, it leaves the instance alone.

// workflow returns the registered workflow that carries an instance on: the one
// of its definition, or one that differs from it in nothing that a stored
// instance relies on.
func (h *Host) workflow(r *store.Row) (*Workflow, error) {
	if w := h.workflows[r.Definition]; w != nil {
		return w, nil
	}
	if w, ok := h.alike.Load(r.Definition); ok {
		return w.(*Workflow), nil
	}
	body, err := h.Store.Definition(h.life, r.Definition)
	if err != nil {
		return nil, fmt.Errorf("wfe: reading the definition of instance %q: %w", r.ID, err)
	}
	old, err := definition.Decode(body)
	if err != nil {
		return nil, &BlockedError{Instance: r.ID, Reason: err.Error()}
	}
	for _, w := range sortedWorkflows(h.workflows) {
		if w.Definition.Name != old.Name || w.Definition.Version != old.Version {
			continue
		}
		if node, reason := differ(old, w.Definition); reason != "" {
			return nil, &BlockedError{Instance: r.ID, Node: node, Reason: reason + remedy}
		}
		h.alike.Store(r.Definition, w)
		return w, nil
	}
	return nil, &BlockedError{Instance: r.ID, Reason: fmt.Sprintf("workflow %s version %d is not registered in this program; register it, or run the program that has it", old.Name, old.Version)}
}

// block notes that an instance is left alone.
func (h *Host) block(b *BlockedError) {
	h.mu.Lock()
	_, known := h.blocked[b.Instance]
	h.blocked[b.Instance] = b
	h.mu.Unlock()
	if !known {
		h.Logger.Warn("instance blocked", "instance", b.Instance, "node", b.Node, "reason", b.Reason)
	}
	h.tell(b.Instance, waited{err: b})
}

// Blocked lists the instances that this program met and left alone, by id.
func (h *Host) Blocked() []*BlockedError {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.SortedFunc(maps.Values(h.blocked), func(a, b *BlockedError) int { return cmp.Compare(a.Instance, b.Instance) })
}

// differ says at which node first, and how, a registered definition differs from
// an older one in structure or code; "" if it does not. Types may differ: what no
// longer decodes is found when it is read.
func differ(old, now *definition.Definition) (node, reason string) {
	if id := missing(old, now); id != "" {
		return id, "the node is not in the registered workflow any more"
	}
	if id := missing(now, old); id != "" {
		return id, "the node was added after the instance began"
	}
	for i := range old.Nodes {
		if !equalNodes(&old.Nodes[i], &now.Nodes[i]) {
			return old.Nodes[i].ID, "the node differs in the registered workflow"
		}
	}
	if old.First != now.First {
		return "", "the workflow begins at another node than when the instance began"
	}
	if old.Code != now.Code {
		return "", "the source of the workflow function was changed after the instance began"
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

func equalNodes(a, b *definition.Node) bool {
	return a.ID == b.ID && a.Kind == b.Kind && a.Parent == b.Parent && a.Next == b.Next && slices.Equal(a.Blocks, b.Blocks) &&
		a.Step == b.Step && a.Undo == b.Undo && a.Compensate == b.Compensate && a.Event == b.Event && a.Sequential == b.Sequential
}

func sortedWorkflows(m map[string]*Workflow) []*Workflow {
	return slices.SortedFunc(maps.Values(m), func(a, b *Workflow) int {
		return cmp.Or(cmp.Compare(a.Definition.Name, b.Definition.Name), cmp.Compare(a.Definition.Version, b.Definition.Version))
	})
}

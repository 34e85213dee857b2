package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/instance"
)

// An instance that another one starts. They tell each other by messages alone: the
// parent that the child is to begin or to be terminated, the child that it has ended.

// MaxDepth is how many instances may be above a child: its parent, the parent of
// that one, and so on.
const MaxDepth = 32

// ChildID is the id of the n-th child, from 1, that a pointer starts. A crash
// before that is durable makes the same id again, and a retry another one.
func ChildID(parent string, ptr instance.PtrID, n int) string {
	id := fmt.Sprintf("%s/%d.%d", parent, ptr, n)
	if len(id) <= definition.MaxName {
		return id
	}
	h := sha256.Sum256([]byte(parent))
	return fmt.Sprintf("%s/%d.%d", hex.EncodeToString(h[:16]), ptr, n)
}

func (m *machine) isChild(p *instance.Pointer) bool { return m.Node(p).Kind == definition.Child }

func (m *machine) childID(p *instance.Pointer) string { return ChildID(m.s.ID, p.ID, p.Started) }

// Call starts a child of p and awaits its end. A retry starts another child with
// the same data.
func (m *machine) Call(p *instance.Pointer) {
	depth := 1
	if m.s.Parent != nil {
		depth += m.s.Parent.Depth
	}
	if depth > MaxDepth {
		m.Fault(p, fmt.Errorf("workflow %s is not started: there are %d instances above it, and at most %d are allowed", m.Node(p).Workflow, depth, MaxDepth))
		return
	}
	data := p.Input
	if data == nil || p.Cause == nil {
		var err error
		if data, err = m.input(p); err != nil {
			m.Fault(p, err)
			return
		}
	}
	p.Input = nil
	if m.Settings(p).Retry.MaxRetries > 0 {
		p.Input = data
	}
	p.Started++
	m.await(p, instance.Calling, 0)
	m.log(p, instance.Record{Kind: instance.RecordStepStarted, Attempt: p.Used + 1, Text: m.childID(p)})
	n := m.Node(p)
	m.send(Msg{ID: startOf(m.childID(p)), To: m.childID(p), Start: &Child{Workflow: n.Workflow, Version: n.Version, Data: data, Trace: m.s.Trace,
		Parent: instance.Parent{ID: m.s.ID, Ptr: p.ID, Gen: p.Gen, Depth: depth}}})
}

// EndOf is the id of the message that a child has ended.
func EndOf(child string) string { return "child ended/" + child }

func startOf(child string) string { return "start child/" + child }
func stopOf(child string) string  { return "terminate child/" + child }

func (m *machine) send(msg Msg) { m.fx.Send = append(m.fx.Send, msg) }

// childEnded takes the end of the child of p. Of one that was told to stop the
// success counts all the same.
func (m *machine) childEnded(p *instance.Pointer, in instance.Input) {
	stopping := p.Status == instance.Stopping
	switch {
	case stopping && (in.Err != nil || m.record(p, in) != nil):
		m.stopped(p)
		return
	case stopping:
		m.withdrew(p, true)
		return
	case in.Err != nil:
		m.failed(p, in.Err)
		return
	}
	if err := m.record(p, in); err != nil {
		m.Fault(p, err)
		return
	}
	m.log(p, instance.Record{Kind: instance.RecordStepCompleted, Attempt: p.Used + 1, Text: m.childID(p)})
	m.Leave(p)
}

// recall has the child of p terminated. It is false where it is to go on by
// itself, or has not begun.
func (m *machine) recall(p *instance.Pointer) bool {
	child := m.childID(p)
	if i := slices.IndexFunc(m.fx.Send, func(msg Msg) bool { return msg.ID == startOf(child) }); i >= 0 {
		m.fx.Send = slices.Delete(m.fx.Send, i, i+1)
		p.Started--
		return false
	}
	if m.Node(p).Abandon {
		return false
	}
	m.send(Msg{ID: stopOf(child), To: child, Input: &instance.Input{Kind: instance.Terminate,
		Payload: fmt.Appendf(nil, "instance %s, which started it, does not await it any more", m.s.ID)}})
	return true
}

// tellParent tells the instance that started this one how it has ended.
func (m *machine) tellParent() {
	parent := m.s.Parent
	if parent == nil {
		return
	}
	in := &instance.Input{Kind: instance.ChildEnded, Ptr: parent.Ptr, Gen: parent.Gen, At: m.env.Now}
	if m.s.Status == instance.Complete {
		m.flush()
		in.Payload = m.s.Data.Whole()
	} else {
		in.Err = &instance.StepError{Message: m.ending()}
	}
	m.send(Msg{ID: EndOf(m.s.ID), To: parent.ID, Input: in})
}

// ending says how the instance, which is Terminated, has ended.
func (m *machine) ending() string {
	text := fmt.Sprintf("child %s of workflow %s is %s (%s)", m.s.ID, m.Definition.Name, m.s.Status, m.s.Reason)
	if f := m.s.Failure; f != nil && m.s.Reason == instance.ReasonFailed {
		return fmt.Sprintf("%s: node %s: %s", text, f.Node, f.Message)
	}
	if m.s.Note != "" {
		return text + ": " + m.s.Note
	}
	return text
}

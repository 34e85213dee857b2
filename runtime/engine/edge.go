package engine

import (
	"cmp"
	"errors"
	"slices"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/instance"
)

// Code of the workflow's own stands on edges: behind a node, or at the beginning of a
// block. It runs in the transition in which a pointer gets there. When it fails the
// pointer stays on the edge, and Resume runs the code again, and not the node.
// docs/semantics.md, "Compiled functions".

// onEdge runs the code of the edge on which p has stayed.
func (m *machine) onEdge(p *instance.Pointer) {
	switch p.Edge {
	case instance.Entering:
		m.reach(p)
	case instance.Leaving:
		m.Leave(p)
	case instance.Opening:
		m.Open(p, p.Into, 0)
	case instance.Turning:
		m.ended(p)
	case instance.Catching:
		m.catch(p)
	case instance.Skipping:
		m.skip(p)
	}
}

// entering marks p, which stands at the beginning of a block, if there is code.
func (m *machine) entering(p *instance.Pointer) {
	if node, block := m.blockOf(p); m.Code.HasEdge(node, block) {
		p.Edge = instance.Entering
	}
}

// blockOf returns the node and the block in which p stands.
func (m *machine) blockOf(p *instance.Pointer) (node, block int) {
	if parent := m.parent(p); parent != nil {
		return parent.Node, p.Block
	}
	return definition.None, 0
}

// reach takes p from the beginning of its block to its node.
func (m *machine) reach(p *instance.Pointer) {
	node, block := m.blockOf(p)
	if m.crosses(p, m.scope(p), node, block) {
		m.queue = slices.Insert(m.queue, 0, task{p, false}) // once the conditions that cancel nodes were asked
	}
}

// crosses runs the code of an edge of p. It is false where the flow does not go on
// from there.
func (m *machine) crosses(p *instance.Pointer, sc Scope, node, block int) bool {
	var way Way
	var out definition.Exit
	exits := m.exitsOf(node, block)
	err := m.writeIn(p, sc, func(sc Scope) (wrote Fields, err error) {
		if way, wrote, err = m.Code.Edge(node, block, sc); err == nil {
			err = wayOut(way.Exit, exits)
		}
		if err == nil && way.Exit > 0 {
			out = exits[way.Exit-1]
		}
		switch {
		case way.Fault != "" && !m.taken(p):
			err = &fault{way.Fault} // Resume runs the code again
		case out.Fail != "" && m.compensates(p):
			err = errUndoing // so it does here
		}
		return wrote, err
	})
	if err == nil && (way.Fault != "" || out.Fail != "") {
		m.settleData(p) // as at a call
	}
	switch {
	case way.Fault != "":
		m.edgeFailed(p, cmp.Or[error](err, &fault{way.Fault}))
		return false
	case out.Fail != "" && (err == nil || errors.Is(err, errUndoing)):
		m.doom(p, out.Fail, way)
		return false
	case err != nil:
		m.edgeFailed(p, err)
		return false
	}
	p.Edge, p.Into = instance.AtNode, 0
	m.coded = append(m.coded, p.ID)
	if way.Exit > 0 {
		m.leaveBy(p, out)
		return false
	}
	return true
}

// errUndoing takes back what code has written that fails for good in a compensation.
var errUndoing = errors.New("it fails in a compensation")

// compensates reports whether p stays on an edge inside a compensation: what fails
// there suspends the instance.
func (m *machine) compensates(p *instance.Pointer) bool {
	_, compensating := m.around(p)
	return !m.opens(p) && (compensating || undoes(p))
}

// doom fails p for good where code on its edge says so: the saga around it is rolled
// back, and with none the instance is terminated.
func (m *machine) doom(p *instance.Pointer, id string, way Way) {
	cause := m.failure(p, &instance.StepError{Message: way.Why, Permanent: true})
	cause.Node, cause.Step, cause.Position, cause.Attempt = id, "", way.At, 1
	m.logFailure(p, cause)
	then := definition.Default
	if saga, _ := m.around(p); saga == nil && !m.opens(p) {
		then = definition.Terminate
	}
	m.offEdge(p, cause, then)
}

// opens reports whether p is a saga whose body is about to begin: code there is in it.
func (m *machine) opens(p *instance.Pointer) bool {
	return p.Edge == instance.Opening && m.isSaga(p) && p.Phase == instance.Body
}

// leaveBy goes where an exit leads: p is left, and what is around it, up to the exit's
// node. Nothing else is live in there.
func (m *machine) leaveBy(p *instance.Pointer, to definition.Exit) {
	if to.Node == definition.None {
		m.finish(instance.Complete)
		return
	}
	for p.Node != to.Node {
		parent := m.parent(p)
		m.remove(p)
		m.countDown(parent)
		p = parent
	}
	if to.Leave {
		m.Leave(p)
		return
	}
	m.follow(p, true)
}

// edgeFailed takes the failure of code on the edge of p. No retry and no compensation
// can mend it; the code of a saga's body that is empty is a part of the saga.
func (m *machine) edgeFailed(p *instance.Pointer, err error) {
	cause := m.failure(p, &instance.StepError{Message: err.Error(), Permanent: true})
	cause.Step = ""
	m.logFailure(p, cause)
	m.offEdge(p, cause, m.edgePolicy(p))
}

// edgePolicy is what the policy of a node says of code on its edge: whether that suspends or terminates.
func (m *machine) edgePolicy(p *instance.Pointer) definition.Action {
	if t := m.policy(p).Then; !m.isSaga(p) && (t == definition.Suspend || t == definition.Terminate) {
		return t
	}
	return definition.Default
}

// taken reports whether a saga is rolled back where code on the edge of p fails: then the code does not run again, and what
// it has written by then is kept.
func (m *machine) taken(p *instance.Pointer) bool {
	saga, _ := m.around(p)
	return m.opens(p) || saga != nil && !undoes(p) && m.edgePolicy(p) == definition.Default
}

// offEdge settles the failure of code on the edge of p.
func (m *machine) offEdge(p *instance.Pointer, cause *instance.Failure, then definition.Action) {
	switch {
	case undoes(p):
		m.suspend(p, cause) // a compensation is never skipped
	case p.Edge == instance.Opening && m.isSaga(p):
		p.Edge, p.Into = instance.AtNode, 0
		m.rollBack(p, nil, cause, then)
	default:
		m.final(p, cause, then)
	}
}

// undoes reports whether p stays on an edge inside its own compensation.
func undoes(p *instance.Pointer) bool {
	return p.Edge == instance.Opening && (p.Role != instance.Forward || p.Phase == instance.Compensating)
}

// over reports whether the node of p is done: the flow has only to go on from there.
func over(p *instance.Pointer) bool {
	return p.Edge == instance.Leaving || p.Edge == instance.Catching || p.Edge == instance.Skipping
}

// skip goes on after p, a step that did not complete, as one that was compensated by
// its policy. What needs a value of it all the same has it as it was given.
func (m *machine) skip(p *instance.Pointer) {
	p.Edge, p.Phase = instance.Skipping, instance.Body
	err := error(nil)
	if m.isStep(p) && m.Code.Always(p.Node) {
		err = m.handInputs(p)
	}
	if err != nil {
		m.edgeFailed(p, err)
		return
	}
	p.Edge = instance.AtNode
	m.Leave(p)
}

// handInputs hands the data the step of p as it was given.
func (m *machine) handInputs(p *instance.Pointer) (err error) {
	if p.Input == nil { // it was not reached
		if p.Input, err = m.input(p); err != nil {
			return err
		}
	}
	return m.Apply(p, p.Input)
}

// Turned runs what follows a round of p; false where that fails.
func (m *machine) Turned(p *instance.Pointer) bool {
	if !m.Code.HasEdge(p.Node, Round) {
		return true
	}
	p.Edge = instance.Turning
	return m.crosses(p, m.scope(p), p.Node, Round)
}

// catch hands the failure of a saga, all of which is undone, to the data, and goes on.
func (m *machine) catch(saga *instance.Pointer) {
	saga.Edge, saga.Phase = instance.Catching, instance.Body
	if err := m.write(saga, func(sc Scope) (Fields, error) { return m.Code.Catch(saga.Node, sc, saga.Cause) }); err != nil {
		m.edgeFailed(saga, err)
		return
	}
	m.Leave(saga)
}

// Register records what is to be done if the saga around p is rolled back.
func (m *machine) Register(p *instance.Pointer) { m.note(p, nil, false) }

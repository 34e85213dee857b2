package engine

import (
	"encoding/binary"
	"hash/fnv"
	"time"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/instance"
)

// failed takes a failed attempt of p: another one follows, or the policy settles it.
func (m *machine) failed(p *instance.Pointer, err *instance.StepError) {
	cause := m.failure(p, err)
	policy := m.policy(p)
	used := int(p.Used) + int(max(p.Attempt, 1)) - 1
	retry := !err.Permanent && used < policy.MaxRetries
	switch {
	case p.Role != instance.Forward && retry, retry && policy.Then != definition.CompensateThenRetry:
		p.Cause = cause
		m.await(p, instance.Retrying, m.env.Now.Add(m.wait(p, policy, used+1, err)))
	case p.Role != instance.Forward:
		m.suspend(p, cause) // a compensation is never skipped
	case retry:
		m.compensate(p, cause, definition.CompensateThenRetry)
	default:
		m.final(p, cause, policy.Then)
	}
}

// final settles a step that has failed for good.
func (m *machine) final(p *instance.Pointer, cause *instance.Failure, then definition.Action) {
	switch then {
	case definition.Suspend:
		m.suspend(p, cause)
	case definition.Compensate, definition.CompensateThenSuspend:
		m.compensate(p, cause, then)
	default:
		m.fail(p, cause, then)
	}
}

// fail hands the failure of p to the saga around it. Without one the instance is
// suspended, or terminated if then says so.
func (m *machine) fail(p *instance.Pointer, cause *instance.Failure, then definition.Action) {
	saga, compensating := m.around(p)
	switch {
	case compensating:
		m.suspend(p, cause)
	case saga != nil:
		m.rollBack(saga, p, cause, then)
	case then == definition.Terminate:
		m.terminate(cause)
	default:
		m.suspend(p, cause)
	}
}

func (m *machine) terminate(cause *instance.Failure) {
	m.s.Failure = cause
	m.s.Reason = instance.ReasonFailed
	m.finish(instance.Terminated)
}

// suspend keeps p where it failed; Resume runs it again.
func (m *machine) suspend(p *instance.Pointer, cause *instance.Failure) {
	m.await(p, instance.Failed, 0)
	p.Cause = cause
	m.s.Failure = cause
	if m.s.Status == instance.Runnable {
		m.err = m.s.To(instance.Suspended)
	}
}

// revive runs a pointer again that had failed for good.
func (m *machine) revive(p *instance.Pointer) {
	p.Attempt, p.Used, p.Cause = 1, 0, nil
	m.touch(p)
	switch {
	case m.Node(p).Kind == definition.Saga && p.Role == instance.Forward:
		m.again(p)
	case p.Role != instance.Forward && m.Node(p).Kind == definition.Step:
		m.run(p) // a compensation keeps its input: what it undoes
	default:
		m.forget(p)
		p.Status = 0
		m.queue = append(m.queue, task{p, false})
	}
}

// retry runs p again after its wait.
func (m *machine) retry(p *instance.Pointer) {
	m.touch(p)
	if m.Node(p).Kind == definition.Step && p.Input != nil {
		p.Attempt++
		m.run(p)
		return
	}
	if m.Node(p).Kind != definition.Step {
		p.Attempt = max(p.Attempt, 1) + 1
	}
	m.forget(p)
	p.Status = 0
	m.queue = append(m.queue, task{p, false})
}

// compensate runs the compensation of a step that failed, outside of any roll
// back; what follows is action.
func (m *machine) compensate(p *instance.Pointer, cause *instance.Failure, action definition.Action) {
	value, err := m.undoInput(p.Node, m.scope(p), p.Input)
	if err != nil {
		m.suspend(p, m.failure(p, &instance.StepError{Message: err.Error()}))
		return
	}
	q := m.spawn(&instance.Pointer{Node: p.Node, Parent: p.Parent, Block: p.Block, Index: p.Index, Home: p.Home,
		Role: instance.Settling, Attempt: 1, Input: value, Action: string(action), Cause: cause})
	m.remove(p)
	m.run(q)
}

// compensated goes on after a compensation.
func (m *machine) compensated(p *instance.Pointer) {
	if p.Role == instance.Undoing {
		m.undone(p)
		return
	}
	action := definition.Action(p.Action)
	if action == definition.Compensate || m.halting(p) {
		m.Leave(p)
		return
	}
	q := m.spawn(&instance.Pointer{Node: p.Node, Parent: p.Parent, Block: p.Block, Index: p.Index, Home: p.Home})
	m.remove(p)
	if action == definition.CompensateThenSuspend {
		m.suspend(q, p.Cause)
		return
	}
	q.Used, q.Cause = p.Cause.Attempt, p.Cause // the runs so far
	m.await(q, instance.Retrying, m.env.Now.Add(m.wait(q, m.policy(q), int(q.Used), &instance.StepError{})))
}

// policy returns the retry policy that counts for p's present role.
func (m *machine) policy(p *instance.Pointer) definition.RetryPolicy {
	if p.Role != instance.Forward {
		return m.Settings(p).Undo
	}
	return m.Settings(p).Retry
}

// wait is how long retry n of p waits. It depends on recorded facts alone.
func (m *machine) wait(p *instance.Pointer, policy definition.RetryPolicy, n int, err *instance.StepError) time.Duration {
	if err.After > 0 {
		return time.Duration(err.After)
	}
	h := fnv.New64a()
	h.Write([]byte(m.s.ID))
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(p.ID)))
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(n)))
	chance := float64(h.Sum64()>>11) / (1 << 53)
	return max(policy.Wait(n, chance), 1)
}

func (m *machine) failure(p *instance.Pointer, err *instance.StepError) *instance.Failure {
	n := m.Node(p)
	return &instance.Failure{Node: n.ID, Step: n.Step, Message: err.Message,
		Attempt: p.Used + max(p.Attempt, 1), At: m.env.Now, Ptr: p.ID}
}

package engine

import (
	"encoding/binary"
	"hash/fnv"
	"strings"
	"time"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/instance"
)

// maxMessage is the bound in bytes of an error's message; the rest is cut off.
const maxMessage = 8 << 10

// failed takes a failed attempt of p: another one follows, or the policy settles it.
func (m *machine) failed(p *instance.Pointer, err *instance.StepError) {
	if err == nil {
		err = &instance.StepError{Message: "failed without an error"}
	}
	cause := m.failure(p, err)
	m.logFailure(p, cause)
	policy := m.policy(p)
	retry := !err.Permanent && int(cause.Attempt)-1 < policy.MaxRetries
	switch {
	case retry && p.Role == instance.Forward && policy.Then == definition.CompensateThenRetry:
		m.compensate(p, cause, policy.Then)
	case retry:
		m.retryLater(p, cause)
	case p.Role != instance.Forward:
		m.suspend(p, cause) // a compensation is never skipped
	default:
		m.final(p, cause, policy.Then)
	}
}

// panicked takes a panic of what p asks of the workflow's own code. No step has failed.
func (m *machine) panicked(p *instance.Pointer, err error) {
	cause := m.failure(p, &instance.StepError{Message: err.Error(), Permanent: true})
	cause.Step = ""
	m.logFailure(p, cause)
	if p.Role != instance.Forward {
		m.suspend(p, cause) // a compensation is never skipped
		return
	}
	m.final(p, cause, m.policy(p).Then)
}

// final settles what has failed for good, or hands it to the saga around it.
func (m *machine) final(p *instance.Pointer, cause *instance.Failure, then definition.Action) {
	saga, compensating := m.around(p)
	switch {
	case then == definition.CompensateThenSuspend:
		m.compensate(p, cause, then)
	case then == definition.Suspend || compensating:
		m.suspend(p, cause)
	case then == definition.Compensate && m.ran(p): // else nothing ran: it is not skipped
		m.compensate(p, cause, then)
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
	m.end(instance.ReasonFailed)
}

// retryLater runs p again after the wait that its policy sets.
func (m *machine) retryLater(p *instance.Pointer, cause *instance.Failure) {
	p.Cause = cause
	m.await(p, instance.Retrying, m.env.Now.Add(m.wait(p, m.policy(p), cause.Attempt, cause.After)))
	m.logRetry(p)
}

// retry runs p again after its wait. What ran already keeps its inputs; what did
// not (a wait for an event, a step in the place of one that was compensated)
// starts over.
func (m *machine) retry(p *instance.Pointer) {
	if m.isStep(p) && p.Attempt > 0 {
		p.Attempt++
		m.run(p)
		return
	}
	p.Used = p.Cause.Attempt
	m.forget(p)
	m.touch(p)
	m.follow(p, false)
}

// compensate runs the compensation of a step that failed, outside of any roll
// back; what follows is action.
func (m *machine) compensate(p *instance.Pointer, cause *instance.Failure, action definition.Action) {
	if !m.Node(p).HasCompensation() || !m.ran(p) {
		m.goOn(p, cause, action)
		return
	}
	u := m.entry(p, p.Input, true)
	u.Cause = cause
	m.keep(u)
	q := successor(p, p.Node)
	q.Role, q.Undo, q.Action = instance.Settling, p.ID, string(action)
	m.follow(m.spawn(q), false)
	m.remove(p)
}

// enterCompensation evaluates a compensation's inputs and has it run.
func (m *machine) enterCompensation(p *instance.Pointer) {
	if b := m.Node(p).Block(definition.BlockCompensate); b != definition.None {
		m.Open(p, b, 0)
		return
	}
	in, err := m.undoInput(p)
	if err != nil {
		m.Fault(p, err)
		return
	}
	p.Input, p.Attempt = in, 1
	m.run(p)
}

// compensated goes on after a compensation.
func (m *machine) compensated(p *instance.Pointer) {
	m.log(p, instance.Record{Kind: instance.RecordUndone, Attempt: p.Used + p.Attempt})
	entry := m.s.Entry(p.Undo)
	m.forgetEntry(p.Undo)
	if p.Role == instance.Undoing {
		m.undone(p)
		return
	}
	p.Input = entry.Value
	m.goOn(p, entry.Cause, definition.Action(p.Action))
}

// goOn does what follows a failed step's compensation, in the place of p, whose Input
// is that of the step: the node after the step, or the step again, as a new pointer.
func (m *machine) goOn(p *instance.Pointer, cause *instance.Failure, action definition.Action) {
	switch {
	case m.halting(p):
		m.drop(p)
		return
	case action == definition.Compensate:
		p.Role, p.Undo, p.Action = instance.Forward, 0, ""
		m.skip(p)
		return
	}
	q := m.spawn(successor(p, p.Node))
	m.remove(p)
	if action == definition.CompensateThenSuspend {
		m.suspend(q, cause)
		return
	}
	q.Used = cause.Attempt
	m.retryLater(q, cause)
	m.changed = true // for all that its condition knows: it was not asked while the compensation ran
}

// policy returns the retry policy that counts for p's present role.
func (m *machine) policy(p *instance.Pointer) definition.RetryPolicy {
	if p.Role != instance.Forward {
		return m.Settings(p).Undo
	}
	return m.Settings(p).Retry
}

// wait is how long p waits before its retry n: what the body asked for, else
// what policy says. It depends on recorded facts alone.
func (m *machine) wait(p *instance.Pointer, policy definition.RetryPolicy, n uint32, asked int64) time.Duration {
	if asked > 0 {
		return time.Duration(asked)
	}
	h := fnv.New64a()
	h.Write([]byte(m.s.ID))
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(p.ID)))
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(n)))
	chance := float64(h.Sum64()>>11) / (1 << 53)
	return max(policy.Wait(int(n), chance), 1)
}

func (m *machine) failure(p *instance.Pointer, err *instance.StepError) *instance.Failure {
	n := m.Node(p)
	message := m.Code.Redact(m.s.Live, err.Message)
	if len(message) > maxMessage {
		message = strings.ToValidUTF8(message[:maxMessage], "") + " ..."
	}
	position := ""
	if p.Node < len(m.Positions) {
		position = m.Positions[p.Node]
	}
	return &instance.Failure{Node: n.ID, Step: n.Step, Message: message, Position: position,
		Attempt: p.Used + max(p.Attempt, 1), At: m.env.Now, Ptr: p.ID, After: err.After}
}

package engine

import (
	"fmt"
	"time"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/instance"
)

// Code is what the engine calls of the workflow's own: generated functions and
// the closures of a binding, addressed by node index. It is used by one
// goroutine at a time. A panic in it is caught by the engine and is an error.
type Code interface {
	Decode(data []byte) (any, error)
	Encode(b []byte, data any) ([]byte, error)
	// Fields are the parts of the data, an object in JSON, that EncodeField appends
	// one by one, or leaves out, by how each begins: its name and a colon. There are
	// none where the data can be encoded as a whole only. Envelope appends what
	// stands before the object.
	Fields() []string
	EncodeField(b []byte, data any, field int) ([]byte, error)
	Envelope(b []byte) []byte
	// Cond evaluates the condition of a block: of an If or While that is 0.
	Cond(node, block int, sc Scope) (bool, error)
	// Cancels evaluates the condition that cancels a node.
	Cancels(node int, sc Scope) (bool, error)
	Items(node int, sc Scope) ([][]byte, error)
	Key(node int, sc Scope) (string, error)
	// Time returns when the block of a Schedule runs, or when the time of a node is up
	// whose Due is set.
	Time(node int, sc Scope) (instance.Instant, error)
	// Next returns the first time after the given one of a Recur's cron expression.
	Next(node int, after instance.Instant) instance.Instant
	// Since returns from when on a wait takes events; 0 is the start.
	Since(node int, sc Scope) (instance.Instant, error)
	// Fits reports why a payload is none of an event that a step waits for.
	Fits(event string, payload []byte) error
	// In returns the step's value with its inputs set.
	In(node int, sc Scope) ([]byte, error)
	// Out hands the value of a finished step, or the payload of an event, to the
	// data; of a Set node it changes the data, and there is no value.
	// It reports which fields it wrote.
	Out(node int, sc Scope, value []byte) (Fields, error)
	// Always reports whether Out is called too, with the step as it was given, when the
	// flow goes on after a step that did not complete.
	Always(node int) bool
	// UndoIn returns the value of the step named by the node's Compensate, its
	// inputs set from the value of the run that it undoes and from the data.
	UndoIn(node int, sc Scope, undone []byte) ([]byte, error)
	// UndoOut hands the value of that step, which is done, to the data.
	UndoOut(node int, sc Scope, value []byte) (wrote Fields, err error)
	// HasEdge reports whether there is code behind a node, where block is Behind, behind
	// each round of it, for Round, or at the beginning of a block of it; of node None, at
	// the beginning of the workflow. Edge runs it and returns where the flow goes.
	HasEdge(node, block int) bool
	Edge(node, block int, sc Scope) (way Way, wrote Fields, err error)
	// Catch hands the data the failure because of which a saga was rolled back.
	Catch(node int, sc Scope, why *instance.Failure) (Fields, error)
	// Rests reports whether the flow may rest at a node: it is one of a call, and not of plain code.
	Rests(node int) bool
	// Unsettled reports whether data hold what JSON would not bring back, and AsStored makes them what they are when they
	// are stored. It is called where a pointer has got to a node at which the flow may rest, or the end of a block of one.
	Unsettled(data any) bool
	AsStored(data any) error
	// Redact returns the message of an error without the secrets of the data.
	Redact(data any, message string) string
	// Secrets returns what Redact takes out; nil if there is nothing.
	Secrets(data any) []string
}

// Way is where code on an edge has the flow go.
type Way struct {
	Exit int    // 0 is on; k is by the k-th exit
	Why  string // of an exit that fails: the message
	At   string // and where in the source that is said

	Fault string // the message of a panic; what the code had written by then is written
}

// The edges of a node that are not at the beginning of a block.
const (
	Behind = definition.None
	Round  = -2 // behind each round of a While
)

// Scope is what a closure sees: the data and the elements of the loops around
// its node, variables of rounds around it, and what compensations around it undo,
// outermost first. What writes data may write the Vars of the Items too, and says so.
type Scope struct {
	Data    any
	Items   []instance.Item
	Now     instance.Instant
	Outcome string // of the step whose outputs are handed to the data
}

// Program is a workflow ready to run: its definition, the settings over it by
// node index, and its code. It is used by one goroutine at a time.
type Program struct {
	Definition *definition.Definition
	Settings   []definition.Settings
	Positions  []string // of the nodes in the source of the workflow; nil where they are not known
	Code       Code

	cut     cut
	cancels *bool // whether any node has a condition that cancels it; nil until that is asked for
}

// Env is what Advance knows of the world.
type Env struct {
	Now instance.Instant
	// NoHistory keeps no records of what has happened; Effects.Log has them all the same.
	NoHistory bool
	Grace     time.Duration // how long a body that was told to stop is awaited
	// MaxCrashes is after how many crashes in a row a body is to blame, the last one of them alone; 0 is never.
	MaxCrashes int
}

// MaxPayload is the bound in bytes of an instance's data, of a step's value and
// of an event's payload.
const MaxPayload = 1 << 20

// Advance applies the inputs in order and then goes on until nothing can move
// without a new input. It changes s in place; fx, which is empty before, says
// what is to be written, started and stopped: one transition. Stale inputs, and
// commands that are not possible, change nothing.
//
// An error means that this program cannot carry the instance on (its data does
// not decode, a node is missing): s is then not to be used or stored.
func Advance(prog *Program, s *instance.State, in []instance.Input, env Env, fx *Effects) error {
	m := &machine{Program: prog, s: s, env: env, fx: fx}
	if s.Live == nil && s.NextPtr > 0 && !s.Status.Ended() {
		if err := m.load(); err != nil {
			return fmt.Errorf("engine: instance %s: %w", s.ID, err)
		}
	}
	if err := m.advance(in); err != nil {
		return fmt.Errorf("engine: instance %s: %w", s.ID, err)
	}
	return nil
}

// advance applies the inputs. Where they are many and the data is large, that is
// encoded once for all of them. When anything fails then that is to leave the data
// as it was before, all is done again with the data encoded each time.
func (m *machine) advance(in []instance.Input) error {
	if len(in) == 1 || len(m.s.Data.Fat) == 0 && len(m.s.Data.Head) <= maxField {
		return m.applyAll(in)
	}
	before := m.s.Copy()
	m.lazy = true
	err := m.applyAll(in)
	if !m.redo {
		return err
	}
	*m.s = *before
	*m.fx = Effects{}
	*m = machine{Program: m.Program, s: m.s, env: m.env, fx: m.fx}
	if err := m.reload(); err != nil {
		return err
	}
	return m.applyAll(in)
}

// applyAll applies the inputs in order.
func (m *machine) applyAll(in []instance.Input) error {
	for i := range in {
		if m.redo {
			break
		}
		if m.s.Status.Ended() && !in[i].Kind.IsCommand() {
			continue
		}
		m.apply(in[i])
		m.settle()
		if m.err != nil && !m.redo {
			return m.err
		}
	}
	if m.flush(); !m.redo {
		m.cells()
		m.keepLog()
		m.hide()
	}
	return nil
}

// Ready reports whether s has bodies that run, or are to run.
func Ready(s *instance.State) bool {
	if s.Status != instance.Runnable {
		return false
	}
	for _, p := range s.Pointers {
		if p.Status == instance.Running || p.Status == instance.Stopping {
			return true
		}
	}
	return false
}

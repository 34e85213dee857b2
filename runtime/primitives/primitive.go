package primitives

import (
	"fmt"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/instance"
)

// Primitive is the behaviour of one kind of node.
type Primitive interface {
	// Enter is called once when a pointer has reached the node.
	Enter(m Machine, p *instance.Pointer)
}

// Container is a Primitive with blocks.
type Container interface {
	Primitive
	// Ended is called when a block of p has ended; p.Pending no longer counts it.
	Ended(m Machine, p *instance.Pointer)
}

// Timed is a Primitive that sleeps, or that gives up waiting.
type Timed interface {
	Primitive
	// Due is called when the time has come.
	Due(m Machine, p *instance.Pointer)
}

// Worker is a Primitive whose node has a body, as a step has.
type Worker interface {
	Primitive
	// Returned is called with how a run of the body has ended.
	Returned(m Machine, p *instance.Pointer, in instance.Input)
}

// Listener is a Primitive that waits for an event.
type Listener interface {
	Primitive
	// Take is called with the event's payload. An error is one of the waiting
	// step, which its policy settles.
	Take(m Machine, p *instance.Pointer, payload []byte) error
}

// Machine is what a primitive can do with the instance that it moves.
type Machine interface {
	Now() instance.Instant
	Node(p *instance.Pointer) *definition.Node
	Settings(p *instance.Pointer) *definition.Settings

	// What the workflow's own code says. A panic in it comes as an error.
	Cond(p *instance.Pointer, block int) (bool, error) // whether the condition of a block holds
	Collect(p *instance.Pointer) (n int, err error)    // takes the elements of the loop once
	Key(p *instance.Pointer) (string, error)
	Time(p *instance.Pointer) (instance.Instant, error)                // when the block of a Schedule runs, or the time of a node is up
	Next(p *instance.Pointer, after instance.Instant) instance.Instant // by the cron expression of a Recur
	Apply(p *instance.Pointer, payload []byte) error                   // changes the data, by a payload where there is one
	Since(p *instance.Pointer) (instance.Instant, error)               // from when on a wait takes events; 0 is the start

	// Open puts a pointer at the beginning of a block of p. index is the element
	// that a branch of a loop works on, else 0.
	Open(p *instance.Pointer, block, index int)
	// Leave ends p's node; the flow goes on after it.
	Leave(p *instance.Pointer)
	SleepUntil(p *instance.Pointer, due instance.Instant)
	// Wait awaits an event, at the longest until due; 0 is for ever.
	Wait(p *instance.Pointer, event, key string, due instance.Instant)
	// Begin evaluates the inputs of the body at p's node and has it run, Again has it
	// run another time.
	Begin(p *instance.Pointer)
	Again(p *instance.Pointer)
	// Fail fails an attempt of p: its policy says what follows.
	Fail(p *instance.Pointer, err *instance.StepError)
	// Fault fails p for good: no retry can mend it.
	Fault(p *instance.Pointer, err error)
	// Sequence is the next place in the order in which an instance did things:
	// they are undone by descending numbers.
	Sequence() instance.Seq
	// Completed ends the body of the saga p: its undo entries go to the saga
	// around it, or are dropped.
	Completed(p *instance.Pointer)
	// Call starts the child of p and awaits its end.
	Call(p *instance.Pointer)
	// Compensated ends the saga p's own compensation, or that of the child p.
	Compensated(p *instance.Pointer)
	// Turned runs what follows a round of p; false where that fails.
	Turned(p *instance.Pointer) bool
	// Register records what is to be done if the saga around p is rolled back.
	Register(p *instance.Pointer)
	// End ends the whole instance as Complete.
	End()
}

// For returns the behaviour of a kind of node. Steps are the engine's own.
func For(kind definition.Kind) (Primitive, error) {
	switch kind {
	case definition.If:
		return ifElse{}, nil
	case definition.While:
		return while{}, nil
	case definition.Decide:
		return decide{}, nil
	case definition.Set:
		return set{}, nil
	case definition.ForEach:
		return forEach{}, nil
	case definition.Parallel:
		return parallel{}, nil
	case definition.Saga:
		return saga{}, nil
	case definition.WaitFor:
		return waitFor{}, nil
	case definition.Child:
		return child{}, nil
	case definition.Poll:
		return poll{}, nil
	case definition.Delay:
		return delay{}, nil
	case definition.Schedule:
		return schedule{}, nil
	case definition.Recur:
		return recur{}, nil
	case definition.End:
		return end{}, nil
	case definition.Call:
		return call{}, nil
	case definition.Undo:
		return undo{}, nil
	}
	return nil, fmt.Errorf("primitives: no behaviour for a node of kind %q", kind)
}

package instance

// InputKind is the sort of an Input.
type InputKind uint8

// The kinds of inputs. They are stored as numbers: append, never reorder.
const (
	Started      InputKind = iota + 1 // the instance begins; Payload is its data
	StepDone                          // a body returned; Result, Payload
	StepFailed                        // a body failed; Err
	StepStopped                       // a body that was told to stop ended otherwise, or never began (Unbegun)
	TimerDue                          // the pointer's timer is due
	EventOffered                      // an event matches the pointer's wait; Seq, Payload
	Resume                            // run on after a suspension
	Recovered                         // the instance was loaded after a crash; the bodies that ran are gone
	Suspend                           // start nothing more until Resume
	Retry                             // Resume, where something has failed
	Cancel                            // stop, roll back the open sagas, end
	Terminate                         // end at once; Payload says why, as text
	ChildEnded                        // the child that the pointer started has ended; Payload is its result, unless Err
	Crashed                           // Recovered, where the process before ended without giving up the store
	Probe                             // the body, a suspect of crashes, is about to be run by itself
	Survived                          // the host has committed something since the body, a suspect of crashes, began
)

// IsCommand reports whether k is what somebody wants of the instance as a whole.
// A command that is not possible in the instance's status is refused.
func (k InputKind) IsCommand() bool { return k == Resume || k >= Suspend && k <= Terminate }

// Rank orders inputs that wait together: the start, Terminate, the other commands,
// then facts. Those of one rank keep their order.
func (k InputKind) Rank() int {
	switch {
	case k == Started:
		return 0
	case k == Terminate:
		return 1
	case k.IsCommand():
		return 2
	}
	return 3
}

// ResultKind is how a body wants to go on.
type ResultKind uint8

// The results of a body. They are stored as numbers: append, never reorder.
const (
	Next       ResultKind = iota // the step is done
	Outcome                      // the step is done; Outcome picks the block
	Persist                      // keep Persist and run again
	SleepUntil                   // keep Persist and run again at Until
	Branch                       // the step is done; its block runs once for each of Items
	WaitFor                      // keep Persist and run again when the event is there, or at Until if that is set
)

// Input is something that happened to an instance. One whose Ptr and Gen do not
// match what the pointer awaits is stale and ignored.
type Input struct {
	Kind    InputKind
	Ptr     PtrID
	Gen     uint32
	At      Instant
	Payload []byte // data, the step's value after the run, the event's payload, or a text
	Result  ResultKind
	Outcome string // Outcome: the value, as text
	Event   string // WaitFor: the event's name
	Key     string // WaitFor: its key
	Persist []byte
	Items   [][]byte // Branch: the encoded elements
	Until   Instant
	Err     *StepError
	Seq     Seq
	Signal  string // EventOffered: it is a signal of that name for the instance, whose oldest wait of the name takes it; Ptr and Gen do not count
	Trace   []byte // EventOffered and commands: the span context of who published or gave it
	Unbegun bool   // StepStopped: this run of the body never began
	Tag     int    // of a command: names it among Effects.Refused; never stored
}

// Succeeded reports whether in says that a body has done its work.
func (in *Input) Succeeded() bool {
	return in.Kind == StepDone && in.Result != Persist && in.Result != SleepUntil && in.Result != WaitFor
}

// StepError is a failed attempt.
type StepError struct {
	Message   string
	Permanent bool  // no retry
	After     int64 // nanoseconds until the next attempt; 0 leaves it to the policy
}

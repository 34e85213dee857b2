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
)

// ResultKind is how a body wants to go on.
type ResultKind uint8

// The results of a body. They are stored as numbers: append, never reorder.
const (
	Next       ResultKind = iota // the step is done
	Outcome                      // the step is done; Outcome picks the block
	Persist                      // keep Persist and run again
	SleepUntil                   // keep Persist and run again at Until
)

// Input is something that happened to an instance. One whose Ptr and Gen do not
// match what the pointer awaits is stale and ignored.
type Input struct {
	Kind    InputKind
	Ptr     PtrID
	Gen     uint32
	At      Instant
	Payload []byte // data, the step's value after the run, or the event's payload
	Result  ResultKind
	Outcome string // Outcome: the value, as text
	Persist []byte
	Until   Instant
	Err     *StepError
	Seq     Seq
	Unbegun bool // StepStopped: this run of the body never began
}

// StepError is a failed attempt.
type StepError struct {
	Message   string
	Permanent bool  // no retry
	After     int64 // nanoseconds until the next attempt; 0 leaves it to the policy
}

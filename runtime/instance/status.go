package instance

import "fmt"

// Status is the state of an instance.
type Status string

// The states of an instance.
const (
	Runnable   Status = "runnable"
	Suspended  Status = "suspended"
	Complete   Status = "complete"
	Terminated Status = "terminated"
)

// Ended reports whether the instance will never move again.
func (s Status) Ended() bool { return s == Complete || s == Terminated }

// Reason says why an instance is Terminated.
type Reason string

// The reasons of a Terminated instance.
const (
	ReasonFailed    Reason = "failed"    // it failed for good
	ReasonCancelled Reason = "cancelled" // Cancel: its open sagas are rolled back
	ReasonOperator  Reason = "operator"  // Terminate: nothing is rolled back
)

// Transition is an allowed change of Status and what brings it about.
type Transition struct {
	From, To Status
	By       string
}

// Transitions is the whole table: what is not in it cannot happen.
func Transitions() []Transition {
	return []Transition{
		{Runnable, Complete, "its last pointer ended, or an End node was reached"},
		{Runnable, Suspended, "a step failed for good and its policy suspends, or Suspend"},
		{Runnable, Terminated, "a step failed for good and no saga or policy settled it, Cancel has rolled back, or Terminate"},
		{Suspended, Runnable, "Resume, Retry, or Cancel"},
		{Suspended, Terminated, "Terminate"},
	}
}

// To changes the status of s. A change that the table does not hold is a fault of the engine.
func (s *State) To(to Status) error {
	for _, t := range Transitions() {
		if t.From == s.Status && t.To == to {
			s.Status = to
			return nil
		}
	}
	return fmt.Errorf("instance %s: no transition from %s to %s", s.ID, s.Status, to)
}

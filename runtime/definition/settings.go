package definition

import (
	"math"
	"time"
)

// Settings is what may change without a new definition: it lies over the
// definition, and the newest registered settings count for running instances too.
type Settings struct {
	Retry RetryPolicy // Step; Saga when HasPolicy
	// HasPolicy says that a Saga has a policy of its own: Retry.MaxRetries above
	// zero runs the whole saga again, Retry.Then says what follows.
	HasPolicy bool
	Timeout   time.Duration // Step: of one run of the body; WaitFor: of the wait. 0 is none
	// Undo is the policy of the step's compensation, UndoTimeout that of one run
	// of it. What follows a compensation that failed for good is always Suspend.
	Undo        RetryPolicy
	UndoTimeout time.Duration
	Within      time.Duration // Poll: how long it asks. Timeout is that of one request
	Delay       time.Duration // Poll: from one request to the next; Delay: how long it sleeps; Schedule: how long after it is reached its block runs
	Limit       int           // ForEach, step that branches: live branches, 1 to MaxLimit
}

// Action is what follows when a step has failed for good.
type Action string

// The actions. The zero value suspends outside a saga and rolls back inside one.
const (
	Default               Action = ""
	Suspend               Action = "suspend"
	Terminate             Action = "terminate"
	Compensate            Action = "compensate"
	CompensateThenRetry   Action = "compensate-retry"
	CompensateThenSuspend Action = "compensate-suspend"
)

// Unlimited as MaxRetries retries for ever.
const Unlimited = math.MaxInt

// RetryPolicy says how often and when a failed step runs again, and what
// follows when that is used up. The rules: docs/semantics.md, "Errors".
type RetryPolicy struct {
	MaxRetries  int           // further attempts after the first; 0 is none
	Interval    time.Duration // wait before the first retry
	Factor      float64       // each wait is the one before times Factor; below 1 counts as 1
	MaxInterval time.Duration // bound of a wait; 0 is one day
	Jitter      float64       // 0 to 1: a wait is shortened by up to this share of itself
	Then        Action        // what follows when the retries are used up
}

// DefaultRetry is the policy of a step that names none: 3 retries from 1 s,
// doubling, with jitter.
func DefaultRetry() RetryPolicy {
	return RetryPolicy{MaxRetries: 3, Interval: time.Second, Factor: 2, Jitter: 0.2}
}

const maxInterval = 24 * time.Hour

// Wait returns how long to wait before retry n (1 is the first). chance is a
// number from 0 up to 1 that the caller derives from recorded facts, so that the
// same failure waits equally long however often it is computed.
func (p RetryPolicy) Wait(n int, chance float64) time.Duration {
	bound := p.MaxInterval
	if bound <= 0 {
		bound = maxInterval
	}
	if p.Interval <= 0 {
		return 0
	}
	w := float64(p.Interval) * math.Pow(max(p.Factor, 1), float64(n-1)) // may be infinite
	w = min(w, float64(bound))
	return time.Duration(w - w*min(max(p.Jitter, 0), 1)*chance)
}

// Bounds of the live branches of a ForEach or step.
const (
	DefaultLimit = 256
	MaxLimit     = 1000
)

package wfe

import (
	"context"
	"errors"
	"time"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/instance"
)

// RetryPolicy says how often and when a failed step runs again, and what follows
// when that is used up. The rules: docs/semantics.md, "Errors".
type RetryPolicy = definition.RetryPolicy

// Action is what follows when a step has failed for good.
type Action = definition.Action

// The actions of RetryPolicy.Then. The zero value suspends the instance, or rolls
// back the saga that the step is part of.
const (
	Suspend               = definition.Suspend
	Terminate             = definition.Terminate
	Compensate            = definition.Compensate
	CompensateThenRetry   = definition.CompensateThenRetry
	CompensateThenSuspend = definition.CompensateThenSuspend
)

// Unlimited as RetryPolicy.MaxRetries retries for ever.
const Unlimited = definition.Unlimited

// Retry is the policy of max further attempts, the first of them after interval,
// each wait twice as long as the one before and shortened by up to a fifth.
func Retry(max int, interval time.Duration) RetryPolicy {
	p := definition.DefaultRetry()
	p.MaxRetries, p.Interval = max, interval
	return p
}

// Permanent marks err, returned by a step, as one that no retry can mend; nil
// stays nil.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return &stepError{err: err, permanent: true}
}

// RetryAfter marks err, returned by a step, as one after which the next attempt,
// if the policy allows one, runs after d; nil stays nil.
func RetryAfter(err error, d time.Duration) error {
	if err == nil {
		return nil
	}
	return &stepError{err: err, after: d}
}

type stepError struct {
	err       error
	permanent bool
	after     time.Duration
}

func (e *stepError) Error() string { return e.err.Error() }
func (e *stepError) Unwrap() error { return e.err }

// recorded is what is stored of an error of a body.
func recorded(err error) *instance.StepError {
	r := &instance.StepError{Message: err.Error()}
	var e *stepError
	if errors.As(err, &e) {
		r.Permanent, r.After = e.permanent, int64(e.after)
	}
	return r
}

// StepInfo is what a step may know of its run.
type StepInfo struct {
	Workflow string // id of the workflow
	Version  int
	Instance string
	Node     string // id of the node in the definition
	Position string // of the node in the source of its workflow: "/shop/order.go:42"; "" where that is not known
	Step     string // name of the step
	Pointer  uint64 // of the activation of the node
	Attempt  int    // from 1
	Index    int    // of the innermost loop's element, or branching step's item; 0 outside of loops
	// IdempotencyKey is the same for all attempts of one activation of the step,
	// and after a crash. It is another one after the step was compensated, and
	// in a further round of a loop.
	IdempotencyKey string
	// Undoes is, in a compensation, the idempotency key of the run that it
	// undoes: what that run did in part can be found by it.
	Undoes string
}

type infoKey struct{}

// Info returns what a step may know of its run. Outside of a step it is zero.
func Info(ctx context.Context) StepInfo {
	info, _ := ctx.Value(infoKey{}).(StepInfo)
	return info
}

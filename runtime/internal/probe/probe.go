// Package probe lets package wfetest put bodies of its own in place of those of a
// host's steps.
package probe

import (
	"context"
	"reflect"

	"github.com/wfegen/wfe/runtime/internal/poll"
)

// Probe is what wfetest gives to a host.
type Probe struct {
	Doubles map[reflect.Type]*Double // by the struct of the step
	// Answer, if it is set, answers a request of a Poll; given is false for one that
	// is to be made.
	Answer func(node string) (r poll.Response, given bool, err error)
}

// Double stands in for the methods of a step; what is nil stays as it is. step is
// a pointer to the step's struct and ctx a wfe.StepContext.
type Double struct {
	// Run returns a wfe.Result, or nil for one that goes on.
	Run  func(ctx context.Context, step any) (result any, err error)
	Undo func(ctx context.Context, step any) error
	Used bool // set when a step of that type is registered
}

// InputsKey is the key under which the context of a step has its inputs, as JSON in
// a []byte.
type InputsKey struct{}

package wfetest

import (
	"context"
	"reflect"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/internal/probe"
)

// Stand is what stands in for a step. Double and its like make them.
type Stand func(p *probe.Probe)

// Double replaces Run of the step S, of either form. run finds the inputs in s and
// sets the outputs there; policy, timeout and Undo stay those of S.
func Double[S any](run func(ctx context.Context, s *S) error) Stand {
	return func(p *probe.Probe) {
		of[S](p).Run = func(ctx context.Context, step any) (any, error) { return nil, run(ctx, step.(*S)) }
	}
}

// DoubleSteering replaces Run of the step S by one that steers.
func DoubleSteering[S any](run func(ctx wfe.StepContext, s *S) (wfe.Result, error)) Stand {
	return func(p *probe.Probe) {
		of[S](p).Run = func(ctx context.Context, step any) (any, error) { return run(ctx.(wfe.StepContext), step.(*S)) }
	}
}

// DoubleBranching replaces Run of the step S by one that can branch as S does.
func DoubleBranching[S, T any, P wfe.BranchingStep[S, T]](run func(ctx wfe.BranchContext[T], s *S) (wfe.Result, error)) Stand {
	return DoubleSteering(func(ctx wfe.StepContext, s *S) (wfe.Result, error) {
		return run(wfe.BranchContext[T]{StepContext: ctx}, s)
	})
}

// DoubleUndo replaces Undo of the step S, which has one.
func DoubleUndo[S any](undo func(ctx context.Context, s *S) error) Stand {
	return func(p *probe.Probe) {
		of[S](p).Undo = func(ctx context.Context, step any) error { return undo(ctx, step.(*S)) }
	}
}

func newProbe() *probe.Probe { return &probe.Probe{Doubles: map[reflect.Type]*probe.Double{}} }

// of returns the double of a step, which may stand in for several of its methods.
func of[S any](p *probe.Probe) *probe.Double {
	typ := reflect.TypeFor[S]()
	if p.Doubles[typ] == nil {
		p.Doubles[typ] = new(probe.Double)
	}
	return p.Doubles[typ]
}

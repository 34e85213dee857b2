package wfe

import (
	"context"
	"fmt"

	"github.com/wfegen/wfe/runtime/internal/probe"
)

// probed is t with the doubles of p in place of steps.
func (t *types) probed(p *probe.Probe) error {
	if p == nil {
		return nil
	}
	for typ, d := range p.Doubles {
		s, ok := t.steps[typ]
		if !ok {
			continue
		}
		if d.Undo != nil && s.it.undo(surroundings{}) == nil {
			return fmt.Errorf("step %s has no Undo that a double could stand in for", s.name)
		}
		d.Used = true
		s.it = s.it.double(d)
		t.steps[typ] = s
	}
	return nil
}

func (t Step[S]) double(d *probe.Double) stepType {
	return t.doubled(d, func(s *S) any { return s })
}

func (s *reflectedStep) double(d *probe.Double) stepType {
	c := *s
	c.Step = s.Step.doubled(d, func(b *boxed) any { return b.Interface() })
	return &c
}

// doubled is t with the methods of d, which take what unbox returns.
func (t Step[S]) doubled(d *probe.Double, unbox func(s *S) any) Step[S] {
	if d.Run != nil {
		steer := func(s *S, ctx StepContext) (Result, error) {
			r, err := d.Run(ctx, unbox(s))
			result, _ := r.(Result)
			return result, err
		}
		if t.Run = nil; t.Branch != nil {
			t.Branch = &Branching[S]{t.Branch.elements, steer}
		} else {
			t.Steer = steer
		}
	}
	if d.Undo != nil {
		t.Undo = func(s *S, ctx context.Context) error { return d.Undo(ctx, unbox(s)) }
	}
	return t
}

package check

import (
	"cmp"
	"slices"

	"github.com/wfegen/wfe/internal/analysis/model"
)

// steps checks settings that contradict each other.
func (c *checker) steps() {
	for _, s := range c.pkg.Steps {
		for _, key := range []string{"backoff", "factor", "jitter", "max-backoff"} {
			if pos, ok := s.Keys[key]; ok && s.Policy.Retry != nil && *s.Policy.Retry == 0 {
				c.report(withoutRetry(pos, key))
			}
		}
		if p := s.Policy; p.Backoff != nil && p.MaxBackoff != nil && *p.MaxBackoff < *p.Backoff {
			at := s.Keys["max-backoff"]
			if !at.IsValid() {
				at = cmp.Or(s.Keys["backoff"], s.Defaults["max-backoff"])
			}
			c.report(backoffTooLong(at, *p.MaxBackoff, *p.Backoff))
		}
	}
}

// compensations checks how steps are undone.
func (c *checker) compensations() {
	for _, s := range c.pkg.Steps {
		comp := s.Compensate
		switch {
		case s.Asks && s.Undo:
			c.report(undoneThoughItAsks(s))
		case comp == nil && s.Policy.OnError.Compensates() && !s.Undo:
			c.report(nothingToCompensate(s))
		case comp == nil:
		case comp.By == nil:
			c.report(noSuchStep(comp, c.pkg.Steps))
		case comp.By == s:
			c.report(compensatesItself(s))
		case s.Undo:
			c.report(undoneTwice(s))
		case comp.By.Run == model.RunBranches:
			c.report(compensationBranches(s))
		default:
			c.unwired(s)
		}
	}
}

// unwired finds inputs of a compensating step that neither the undone step nor the data has.
func (c *checker) unwired(s *model.Step) {
	if len(c.pkg.Builders) == 0 {
		for _, f := range s.Compensate.Rest {
			c.report(unwiredCompensation(s, f, c.short(f.Type), ""))
		}
		return
	}
	for _, b := range c.pkg.Builders {
		for _, m := range b.Methods {
			if m.Step != s {
				continue
			}
			for _, f := range s.Compensate.Rest {
				if !slices.ContainsFunc(m.Undo, func(w model.Wire) bool { return w.To.Selector() == f.Selector() }) {
					c.report(unwiredCompensation(s, f, c.short(f.Type), c.short(b.Data)))
				}
			}
		}
	}
}

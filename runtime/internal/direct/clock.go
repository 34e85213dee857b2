package direct

import "time"

// Clock is the time of a run: that of the machine, and what was skipped of it.
type Clock struct {
	// Wait, if it is set, lets time pass in place of skipping it.
	Wait    func(d time.Duration)
	skipped time.Duration
}

// Now is the time of the run.
func (c *Clock) Now() time.Time { return time.Now().Add(c.skipped) }

// skip lets d pass.
func (c *Clock) skip(d time.Duration) {
	switch {
	case d <= 0:
	case c.Wait != nil:
		c.Wait(d)
	default:
		c.skipped += d
	}
}

// until lets time pass up to t.
func (c *Clock) until(t time.Time) { c.skip(t.Sub(c.Now())) }

// together runs branches that all begin now. When they have ended it is as late as
// when the last of them has.
func (c *Clock) together(branches []func()) {
	if c.Wait != nil {
		for _, branch := range branches {
			branch()
		}
		return
	}
	began, last := c.skipped, c.skipped
	for _, branch := range branches {
		c.skipped = began
		branch()
		last = max(last, c.skipped)
	}
	c.skipped = last
}

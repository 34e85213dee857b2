package sqlite

import (
	"log/slog"
	"time"
)

// Config is how a store behaves. The zero value is what an application wants.
type Config struct {
	// Stale is how long an owner may commit nothing before a standby takes the
	// store from it. The owner's host commits at least five times as often, if
	// need be empty batches. Default 10 s; tests use 200 ms.
	Stale time.Duration
	// Poll is how often a standby looks whether it may take over. Default 100 ms,
	// and at most a tenth of Stale.
	Poll time.Duration
	// Busy is how long the owner waits for another process's transaction to end.
	// Default 5 s.
	Busy time.Duration
	// Readers is how many reads may run at once. Default 4.
	Readers int
	// Log receives what a person should know of. Default: slog's default.
	Log *slog.Logger
}

func (c Config) withDefaults() Config {
	if c.Stale <= 0 {
		c.Stale = 10 * time.Second
	}
	if c.Poll <= 0 {
		c.Poll = 100 * time.Millisecond
	}
	c.Poll = min(c.Poll, max(c.Stale/10, time.Millisecond))
	if c.Busy < time.Millisecond {
		c.Busy = 5 * time.Second
	}
	if c.Readers <= 0 {
		c.Readers = 4
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return c
}

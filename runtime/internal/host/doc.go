// Package host runs workflows: it is what stands around the pure engine.
//
// The way of a transition: an input is posted to the actor of its instance
// (actor.go); a scheduler goroutine runs engine.Advance on it and submits what
// changed (schedule.go); the committer gathers the submissions of all instances
// into one transaction of the store (commit.go); what became durable is
// acknowledged in order: callers are answered, bodies start, timers are set
// (ack.go). A body starts only after the transition that made it runnable is
// durable. An instance has at most one transition that is not durable yet.
//
// A Host owns its goroutines: Start begins them, Stop ends them all.
package host

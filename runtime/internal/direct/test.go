package direct

import "github.com/wfegen/wfe/runtime/internal/probe"

// Test is what package wfetest gives to a direct run.
type Test struct {
	World
	Probe *probe.Probe
	// Parts are step sets, steps, events and middleware, as a host takes them.
	Parts  []any
	Events []Given
	// ID returns what the source calls the node of a call to a function of package
	// wfe; "" for nothing.
	ID func(file string, line int, function string) string
	// Children stand in for workflows that cannot be run directly, by their ids.
	Children map[string]func(data any) error
}

// Given is an event that the test gives to the run.
type Given struct {
	Key   string
	Value any // a pointer to it
	Event any // the wfe.Event for its type, where none is among the parts
}

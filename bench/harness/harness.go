// Package harness defines the work that every system under measurement does, and
// how it is measured, so that two systems differ in nothing but themselves.
//
// A system is a program of its own: its main calls Main with a Factory, runs one
// workload and prints one Report as a line of JSON. What is compared, how often
// and in which order is the business of cmd/bench.
//
// The work is an instance of five steps in a row over a Payload. A step changes
// one field. Each step's result is durable before the next step begins, and the
// start is durable before Start returns.
package harness

import "context"

// Steps is how many steps an instance has.
const Steps = 5

// Payload is the input and the state of an instance: about 200 bytes as JSON.
type Payload struct {
	ID       string `json:"id"`
	Customer string `json:"customer"`
	Address  string `json:"address"`
	Note     string `json:"note"`
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
	Steps    int    `json:"steps"`
}

// NewPayload returns the payload of the instance id.
func NewPayload(id string) Payload {
	return Payload{
		ID:       id,
		Customer: "Ada Lovelace & Sons Ltd",
		Address:  "12 St James's Square, London SW1Y 4JH",
		Note:     "deliver to the side door, ring twice",
		Amount:   129900,
		Currency: "EUR",
	}
}

// Engine is a system under measurement. Its methods are called by many goroutines.
type Engine interface {
	// Start begins an instance and returns when that is durable.
	Start(ctx context.Context, id string, p Payload) error
	// Wait returns the state of an instance that was started, once it has ended
	// and its end is durable.
	Wait(ctx context.Context, id string) (Payload, error)
	Close() error
}

// Factory opens an engine on an empty folder.
type Factory func(dir string) (Engine, error)

// Package linear is the workflow that is measured: five steps in a row, each of
// which changes one field of the data.
package linear

import (
	"context"

	wfe "github.com/wfegen/wfe/runtime"
)

//go:generate go tool wfegen .

// Payload is the data: about 200 bytes as JSON.
//
//wfe:data
type Payload struct {
	ID       string `json:"id"`
	Customer string `json:"customer"`
	Address  string `json:"address"`
	Note     string `json:"note"`
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
	Steps    int    `json:"steps"`
}

// Count counts a step.
//
//wfe:step retry=0
type Count struct {
	Steps int
	Next  int `wfe:"out"`
}

// Run counts.
func (s *Count) Run(context.Context) error {
	s.Next = s.Steps + 1
	return nil
}

// Linear is run once for each payload.
//
//wfe:workflow
func Linear(b *PayloadBuilder) {
	b.Count().Name("first").Out(stored)
	b.Count().Name("second").Out(stored)
	b.Count().Name("third").Out(stored)
	b.Count().Name("fourth").Out(stored)
	b.Count().Name("fifth").Out(stored)
}

// stored stores what a step has counted.
func stored(p *Payload, s *Count) { p.Steps = s.Next }

// Plain is Linear in plain Go.
//
//wfe:workflow
func Plain(w *wfe.Flow, p *Payload) {
	p.Steps = wfe.Do(w, Count{Steps: p.Steps}, wfe.Name("first")).Next
	p.Steps = wfe.Do(w, Count{Steps: p.Steps}, wfe.Name("second")).Next
	p.Steps = wfe.Do(w, Count{Steps: p.Steps}, wfe.Name("third")).Next
	p.Steps = wfe.Do(w, Count{Steps: p.Steps}, wfe.Name("fourth")).Next
	p.Steps = wfe.Do(w, Count{Steps: p.Steps}, wfe.Name("fifth")).Next
}

// Package loops has the workflows that cmd/loops measures.
package loops

import "context"

//go:generate go tool wfegen .

// Batch is the data of a loop over many elements.
//
//wfe:data
type Batch struct {
	Items []int  `json:"items"`
	Sum   int    `json:"sum"`
	Note  string `json:"note"`
}

// Visit looks at an element.
//
//wfe:step retry=0
type Visit struct {
	Item int
	Seen int `wfe:"out"`
}

// Run looks.
func (s *Visit) Run(context.Context) error {
	s.Seen = s.Item
	return nil
}

// Wide visits all elements in parallel.
//
//wfe:workflow
func Wide(b *BatchBuilder) {
	b.ForEachItems(func(b *BatchBuilder, item *int) {
		b.Visit(func(_ *Batch, s *Visit) { s.Item = *item }).Out(func(data *Batch, s *Visit) { data.Sum += s.Seen })
	})
}

// Rounds is the data of a loop of many rounds, beside something large.
//
//wfe:data
type Rounds struct {
	Round int    `json:"round"`
	Of    int    `json:"of"`
	Large string `json:"large"`
}

// Meter counts rounds.
type Meter interface{ Tick() int }

// Turn takes the number of its round.
//
//wfe:step retry=0
type Turn struct {
	meter Meter `wfe:"inject"`

	Round int `wfe:"out"`
}

// Run takes the number.
func (s *Turn) Run(context.Context) error {
	s.Round = s.meter.Tick()
	return nil
}

// Long makes all rounds.
//
//wfe:workflow
func Long(b *RoundsBuilder) {
	b.While("rounds", func(data *Rounds) bool { return data.Round < data.Of }, func(b *RoundsBuilder) { b.Turn() })
}

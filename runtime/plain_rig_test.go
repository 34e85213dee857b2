package wfe_test

import (
	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/codec"
)

// What is in these tests is what wfegen writes for a function, by hand.

// locals are the saved variables of a function.
type locals struct {
	N    int    `json:",omitempty"`
	I    int    `json:",omitempty"`
	Text string `json:",omitempty"`
	OK   bool   `json:",omitempty"`

	Words []string `json:",omitempty"`
}

// round is the saved variables of a round or an element.
type round struct {
	N    int
	Text string
}

type (
	saved = wfe.Saved[data]
	plain = wfe.Plain[data]
)

// vars is how the code of a function reaches its variables.
func vars(d *saved) *locals { return d.Vars.(*locals) }

// do adds a step of that label. What it returns is given to out.
func do(b *plain, label string, out func(d *saved, text string)) wfe.StepNode[saved, task, *plain] {
	return doOf(b, label, nil, out)
}

// doOf is do with a label that is made when the step is reached.
func doOf(b *plain, id string, label func(d *saved) string, out func(d *saved, text string)) wfe.StepNode[saved, task, *plain] {
	use := wfe.Use[saved, task]{Set: func(d *saved, s *task) {
		if s.Label = id; label != nil {
			s.Label = label(d)
		}
	}}
	if out != nil {
		use.Out = func(d *saved, s *task) { out(d, s.Out) }
	}
	n := wfe.AddStep(b.Block, use)
	n.Name(id)
	return n
}

// entered is a step whose label goes to the log.
func entered(b *plain, label string) {
	do(b, label, func(d *saved, text string) { note1(d, text) })
}

// note1 adds a line to the log.
func note1(d *saved, text string) {
	if text != "" {
		d.Data.Log = append(d.Data.Log, text)
	}
}

// does adds one step after the other.
func does(labels ...string) func(b *plain) {
	return func(b *plain) {
		for _, l := range labels {
			entered(b, l)
		}
	}
}

// then has code run behind the node just added, which goes on.
func then(b *plain, code func(d *saved)) {
	b.After(func(d *saved) int { code(d); return 0 })
}

// first is then at the beginning of a block.
func first(b *plain, code func(d *saved)) {
	b.First(func(d *saved) int { code(d); return 0 })
}

// roundOf gives each round variables of its own.
func roundOf(b *plain) *round { return wfe.Frame(b, codec.JSON[round]()) }

// items are those of the data.
func plainItems(d *saved) []int { return d.Data.Items }

package guide_test

import (
	"github.com/wfegen/wfe/examples/guide"
)

func Example_foreach() {
	run(guide.StartPacked, guide.Order{Items: []string{"book", "lamp"}})
	run(guide.StartQueued, guide.Order{Items: []string{"vase"}})
	// Unordered output:
	// pack book
	// pack lamp
	// ship
	// pack vase
	// ship
}

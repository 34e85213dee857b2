package guide_test

import (
	"github.com/wfegen/wfe/examples/guide"
)

func Example_foreach() {
	run(guide.StartPacked, guide.Order{Items: []string{"book", "lamp"}})
	// Output:
	// pack book
	// pack lamp
	// ship
}

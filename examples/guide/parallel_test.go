package guide_test

import (
	"github.com/wfegen/wfe/examples/guide"
)

func Example_parallel() {
	run(guide.StartDispatched, guide.Order{})
	// Unordered output:
	// insure
	// reserve
	// ship
}

package guide_test

import (
	"github.com/wfegen/wfe/examples/guide"
)

func Example_steering() {
	run(guide.StartInspected, guide.Order{Cents: 600_00})
	// Output:
	// look
	// look again
	// insure
	// ship
}

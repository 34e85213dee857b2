package guide_test

import (
	"github.com/wfegen/wfe/examples/guide"
)

func Example_if() {
	run(guide.StartInsured, guide.Order{Cents: 600_00})
	// Output:
	// insure
	// ship
}

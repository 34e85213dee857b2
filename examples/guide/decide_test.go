package guide_test

import (
	"github.com/wfegen/wfe/examples/guide"
)

func Example_decide() {
	run(guide.StartSorted, guide.Order{Cents: 40_00})
	// Output:
	// reserve
	// ship
}

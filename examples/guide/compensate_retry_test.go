package guide_test

import (
	"github.com/wfegen/wfe/examples/guide"
)

func Example_compensate_retry() {
	run(guide.StartClean, guide.Order{}, errDeclined)
	// Output:
	// charge: declined
	// refund
	// charge
	// ship
}

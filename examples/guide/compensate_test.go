package guide_test

import (
	"github.com/wfegen/wfe/examples/guide"
)

func Example_compensate() {
	run(guide.StartLenient, guide.Order{}, errDeclined)
	// Output:
	// charge: declined
	// refund
	// ship
}

package guide_test

import (
	"github.com/wfegen/wfe/examples/guide"
)

func Example_retry() {
	run(guide.StartPatient, guide.Order{}, errDeclined, errDeclined)
	// Output:
	// charge: declined
	// charge: declined
	// charge
	// ship
}

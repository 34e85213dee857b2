package guide_test

import (
	"github.com/wfegen/wfe/examples/guide"
)

func Example_saga() {
	run(guide.StartBought, guide.Order{}, errDeclined)
	// Output:
	// reserve
	// charge: declined
	// refund
	// release
	// terminated (failed): charge: declined
}

package guide_test

import (
	"github.com/wfegen/wfe/examples/guide"
)

func Example_terminate() {
	run(guide.StartStrict, guide.Order{}, errDeclined)
	// Output:
	// charge: declined
	// terminated (failed): charge: declined
}

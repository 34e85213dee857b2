package guide_test

import (
	"github.com/wfegen/wfe/examples/guide"
)

func Example_timeout() {
	run(guide.StartCalled, guide.Order{})
	// Output:
	// terminated (failed): call: timed out after 20ms: context canceled
}

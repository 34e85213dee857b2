package guide_test

import (
	"github.com/wfegen/wfe/examples/guide"
)

func Example_panic() {
	run(guide.StartCounted, guide.Order{})
	// Output:
	// terminated (failed): count: panic: runtime error: index out of range [0] with length 0
}

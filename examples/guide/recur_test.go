package guide_test

import (
	"github.com/wfegen/wfe/examples/guide"
)

func Example_recur() {
	run(guide.StartDunned, guide.Order{})
	// Output:
	// remind
	// remind
	// remind
}

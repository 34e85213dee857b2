package guide_test

import (
	"github.com/wfegen/wfe/examples/guide"
)

func Example_while() {
	run(guide.StartChased, guide.Order{})
	// Output:
	// remind
	// remind
	// remind
}

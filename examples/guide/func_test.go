package guide_test

import (
	"github.com/wfegen/wfe/examples/guide"
)

func Example_func() {
	run(guide.StartChecked, guide.Order{Items: []string{"book"}})
	run(guide.StartChecked, guide.Order{})
	// Output:
	// ship
	// terminated (failed): check: there is nothing to ship
}

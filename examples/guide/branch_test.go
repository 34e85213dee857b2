package guide_test

import (
	"github.com/wfegen/wfe/examples/guide"
)

func Example_branch() {
	run(guide.StartDivided, guide.Order{Items: []string{"vase", "book", "lamp"}})
	// Output:
	// pack the vase
	// pack 2 others
}

package guide_test

import (
	"fmt"

	"github.com/wfegen/wfe/examples/guide"
)

func Example_child() {
	fmt.Println(run(guide.StartSent, guide.Order{ID: "o1"}).Tracking)
	// Output:
	// ship
	// T-o1
}

package guide_test

import (
	"fmt"

	"github.com/wfegen/wfe/examples/guide"
)

func Example_set() {
	fmt.Println(run(guide.StartDiscounted, guide.Order{Cents: 50_00}).Cents)
	// Output:
	// ship
	// 4500
}

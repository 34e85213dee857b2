package guide_test

import (
	"fmt"

	"github.com/wfegen/wfe/examples/guide"
)

func Example_end() {
	run(guide.StartQuick, guide.Order{})
	fmt.Println("nothing was shipped")
	run(guide.StartQuick, guide.Order{Items: []string{"book"}})
	// Output:
	// nothing was shipped
	// reserve
	// ship
}

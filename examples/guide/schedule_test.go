package guide_test

import (
	"fmt"
	"time"

	"github.com/wfegen/wfe/examples/guide"
)

func Example_schedule() {
	due := time.Now().Add(30 * time.Millisecond)
	run(guide.StartReminded, guide.Order{Due: due})
	fmt.Println("too early:", time.Now().Before(due))
	// Output:
	// remind
	// ship
	// too early: false
}

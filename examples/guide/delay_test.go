package guide_test

import (
	"fmt"
	"time"

	"github.com/wfegen/wfe/examples/guide"
)

func Example_delay() {
	began := time.Now()
	run(guide.StartCooled, guide.Order{})
	fmt.Println("too early:", time.Since(began) < 50*time.Millisecond)
	// Output:
	// reserve
	// ship
	// too early: false
}

package guide_test

import (
	"fmt"
	"time"

	"github.com/wfegen/wfe/examples/guide"
)

func Example_retry_after() {
	began := time.Now()
	run(guide.StartPatient, guide.Order{}, guide.ErrBusy) // would wait 10 ms by itself
	fmt.Println("too early:", time.Since(began) < 30*time.Millisecond)
	// Output:
	// charge: the bank is busy
	// charge
	// ship
	// too early: false
}

package guide_test

import (
	"fmt"

	"github.com/wfegen/wfe/examples/guide"
)

func Example_saga() {
	run(guide.StartBought, guide.Order{}, errDeclined)
	// Output:
	// reserve
	// charge: declined
	// refund
	// release
	// terminated (failed): charge: declined
}

func Example_try() {
	o := run(guide.StartTried, guide.Order{}, errDeclined)
	fmt.Println(o.Note)
	// Output:
	// reserve
	// charge: declined
	// refund
	// release
	// remind
	// declined
}

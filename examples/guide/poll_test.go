package guide_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/wfegen/wfe/examples/guide"
)

func Example_poll() {
	asked := 0
	carrier := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		fmt.Println("GET", r.URL.Path)
		fmt.Fprintf(w, `{"state": %q}`, []string{"on its way", "arrived"}[asked-1])
	}))
	defer carrier.Close()
	guide.Arrived.URL = carrier.URL + "/parcels/{ID}"
	run(guide.StartDelivered, guide.Order{ID: "o1"})
	// Output:
	// ship
	// GET /parcels/o1
	// GET /parcels/o1
	// remind
}

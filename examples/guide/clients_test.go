package guide_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/wfegen/wfe/examples/guide"
	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store/sqlite"
)

func Example_clients() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "guide")
	check(err)
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "orders.db")

	// One process owns the file and runs a host.
	owned, err := sqlite.Open(ctx, file, sqlite.Config{})
	check(err)
	defer owned.Close()
	h := wfe.NewHost(owned, wfe.Config{})
	check(guide.Register(h, guide.NewSteps(&bank{})))
	check(h.Start(ctx))
	defer h.Stop(ctx)

	// Any other has a client: a web server, a command line.
	st, err := sqlite.Open(ctx, file, sqlite.Config{})
	check(err)
	defer st.Close()
	c := wfe.NewClient(st)
	order, err := guide.StartPrepaid(ctx, c, guide.Order{ID: "o1", Cents: 40_00}, wfe.ID("1"))
	check(err)
	check(guide.PublishPayment(ctx, c, "o1", guide.Payment{Cents: 40_00}, wfe.Dedup("webhook 4711")))
	fmt.Println("paid:", end(order).Paid)
	// Output:
	// ship
	// paid: true
}

package guide_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"

	_ "github.com/mattn/go-sqlite3"

	"github.com/wfegen/wfe/examples/guide"
	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store/sqlite"
)

// backup copies the database while a host works on it.
func backup(from, to string) error {
	db, err := sql.Open("sqlite3", "file:"+from+"?mode=ro")
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.Exec("VACUUM INTO ?", to) // fails if the file is there
	return err
}

func Example_backup() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "guide")
	check(err)
	defer os.RemoveAll(dir)
	file, copied := filepath.Join(dir, "orders.db"), filepath.Join(dir, "backup.db")

	serve := func(file string, work func(h *wfe.Host)) {
		st, err := sqlite.Open(ctx, file, sqlite.Config{})
		check(err)
		defer st.Close()
		h := wfe.NewHost(st, wfe.Config{})
		check(guide.Register(h, guide.NewSteps(&bank{})))
		check(h.Start(ctx))
		defer h.Stop(ctx)
		work(h)
	}
	serve(file, func(h *wfe.Host) {
		_, err := guide.StartPrepaid(ctx, h, guide.Order{ID: "o1", Cents: 40_00}, wfe.ID("1"))
		check(err)
		check(backup(file, copied))
	})
	serve(copied, func(h *wfe.Host) { // restored: what waited then waits on
		check(guide.PublishPayment(ctx, h, "o1", guide.Payment{Cents: 40_00}))
		fmt.Println("paid:", end(guide.GetPrepaid(h, "1")).Paid)
	})
	// Output:
	// ship
	// paid: true
}

package guide_test

import (
	"context"
	"fmt"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store/memory"
)

// Goods are the data of the workflow.
type Goods struct{ Items []string }

// Split finds out which parcels the goods make.
type Split struct{ Items []string }

// Run has its block run once for each parcel.
func (s *Split) Run(ctx wfe.BranchContext[string]) (wfe.Result, error) {
	return ctx.Branch([]string{"the " + s.Items[0], fmt.Sprintf("%d others", len(s.Items)-1)}), nil
}

// Wrap packs one parcel.
type Wrap struct{ Parcel string }

// Run packs it.
func (s *Wrap) Run(context.Context) error {
	_, err := fmt.Println("wrap", s.Parcel)
	return err
}

func Example_branch() {
	divided := wfe.NewWorkflow("divided", 1, func(b *wfe.Generic[Goods]) {
		wfe.ThenBranch(b, func(g *Goods, s *Split) { s.Items = g.Items }, func(b *wfe.Generic[Goods], parcel *string) {
			wfe.Then(b, func(_ *Goods, s *Wrap) { s.Parcel = *parcel })
		}, wfe.Sequential())
	})
	ctx := context.Background()
	h := wfe.NewHost(memory.New(), wfe.Config{})
	check(h.Add(divided, Split{}, Wrap{}))
	check(h.Start(ctx))
	defer h.Stop(ctx)
	goods, err := divided.Start(ctx, h, Goods{Items: []string{"vase", "book", "lamp"}})
	check(err)
	_, err = goods.Wait(ctx)
	check(err)
	// Output:
	// wrap the vase
	// wrap 2 others
}

package guide_test

import (
	"context"
	"testing"
	"time"

	"github.com/wfegen/wfe/examples/guide"
	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/wfetest"
)

// Each workflow in plain Go that a page shows with a builder too runs the same steps so.
func TestBothStylesRunTheSameSteps(t *testing.T) {
	t.Parallel()
	type start = func(ctx context.Context, c wfe.Client, o guide.Order, opts ...wfe.StartOption) (wfe.Handle[guide.Order], error)
	items := guide.Order{Items: []string{"vase", "book", "lamp"}}
	large := guide.Order{Cents: 600_00}
	for name, c := range map[string]struct {
		plain, built start
		order        guide.Order
		pays         bool // the customer
		ran          []wfetest.Expected
	}{
		"branch":        {plain: guide.StartDivided, built: guide.StartBuiltDivided, order: items, ran: ran("split branch 2", "pack", "pack")},
		"cancel":        {plain: guide.StartNagged, built: guide.StartBuiltNagged, pays: true, ran: ran("ship")},
		"child":         {plain: guide.StartSent, built: guide.StartBuiltSent, ran: ran("ship")},
		"decide, free":  {plain: guide.StartSorted, built: guide.StartBuiltSorted},
		"decide, small": {plain: guide.StartSorted, built: guide.StartBuiltSorted, order: guide.Order{Cents: 1}, ran: ran("reserve", "ship")},
		"decide, large": {plain: guide.StartSorted, built: guide.StartBuiltSorted, order: large, ran: ran("insure", "ship")},
		"delay":         {plain: guide.StartCooled, built: guide.StartBuiltCooled, ran: ran("reserve", "ship")},
		"end":           {plain: guide.StartQuick, built: guide.StartBuiltQuick},
		"end, not":      {plain: guide.StartQuick, built: guide.StartBuiltQuick, order: items, ran: ran("reserve", "ship")},
		"event":         {plain: guide.StartPrepaid, built: guide.StartBuiltPrepaid, pays: true, ran: ran("ship")},
		"event, late":   {plain: guide.StartPrepaid, built: guide.StartBuiltPrepaid, ran: ran("remind")},
		"foreach": {plain: guide.StartPacked, built: guide.StartBuiltPacked, order: items,
			ran: []wfetest.Expected{wfetest.Parallel("pack", "pack", "pack"), "ship"}},
		"if":       {plain: guide.StartInsured, built: guide.StartBuiltInsured, order: large, ran: ran("insure", "ship")},
		"if, else": {plain: guide.StartInsured, built: guide.StartBuiltInsured, ran: ran("reserve", "ship")},
		"parallel": {plain: guide.StartDispatched, built: guide.StartBuiltDispatched,
			ran: []wfetest.Expected{wfetest.Parallel("insure", "reserve"), "ship"}},
		"recur":      {plain: guide.StartDunned, built: guide.StartBuiltDunned, ran: ran("remind", "remind", "remind")},
		"recur cron": {plain: guide.StartWeekly, built: guide.StartBuiltWeekly, ran: ran("remind", "remind", "remind")},
		"retry":      {plain: guide.StartPatient, built: guide.StartBuiltPatient, ran: ran("charge", "ship")},
		"saga":       {plain: guide.StartBought, built: guide.StartBuiltBought, ran: ran("reserve", "charge", "ship")},
		"schedule":   {plain: guide.StartReminded, built: guide.StartBuiltReminded, order: guide.Order{Due: time.Now().Add(48 * time.Hour)}, ran: ran("remind", "ship")},
		"set":        {plain: guide.StartDiscounted, built: guide.StartBuiltDiscounted, order: large, ran: ran("ship")},
		"steering":   {plain: guide.StartInspected, built: guide.StartBuiltInspected, order: large, ran: ran("inspect sleep", "inspect outcome valuable", "insure", "ship")},
		"while":      {plain: guide.StartChased, built: guide.StartBuiltChased, ran: ran("remind", "remind", "remind")},
	} {
		for style, start := range map[string]start{"plain": c.plain, "built": c.built} {
			t.Run(name+", "+style, func(t *testing.T) {
				t.Parallel()
				wfetest.Test(t, func(r *wfetest.Rig) {
					order := c.order
					order.ID = "o1"
					r.Host(register)
					i := wfetest.Start(r, start, order)
					if c.pays {
						wfetest.Publish(r, guide.PublishPayment, order.ID, guide.Payment{})
					}
					i.UntilComplete()
					i.Ran(c.ran...)
				})
			})
		}
	}
}

func ran(steps ...wfetest.Expected) []wfetest.Expected { return steps }

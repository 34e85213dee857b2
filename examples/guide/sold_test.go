package guide_test

import (
	"context"
	"errors"
	"testing"

	"github.com/wfegen/wfe/examples/guide"
	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/wfetest"
)

func TestSold_WaitsForTheMoneyWhenTheCardIsDeclined(t *testing.T) {
	t.Parallel()
	o := guide.Order{ID: "o1", Items: []string{"tea", "cups"}}
	out := wfetest.Run(t, guide.Sold, &o,
		guide.NewSteps(&bank{}), declines(),
		wfetest.Event("o1", guide.Payment{Cents: 40_00}))
	if err := out.Err(); err != nil || !o.Paid {
		t.Error(err, o)
	}
	out.Ran("reserve", "charge failed", "undo charge", "undo reserve", "remind", "pack", "pack")
}

func declines() wfetest.Stand {
	return wfetest.Double(func(context.Context, *guide.Charge) error { return wfe.Permanent(errors.New("declined")) })
}

func TestSold_IsCompiledAsItIsWritten(t *testing.T) {
	t.Parallel()
	wfetest.UpToDate(t)
	steps := func(more ...any) func() []any {
		return func() []any { return append(more, guide.NewSteps(&bank{})) }
	}
	order := guide.Order{ID: "o1", Items: []string{"tea"}}
	wfetest.Equivalent(t, guide.Sold,
		wfetest.Case[guide.Order]{Name: "paid", Data: order, Parts: steps()},
		wfetest.Case[guide.Order]{Name: "never paid", Data: order, Parts: steps(declines())},
		wfetest.Case[guide.Order]{Name: "paid late", Data: order, Parts: steps(declines(), wfetest.Event("o1", guide.Payment{}))})
}

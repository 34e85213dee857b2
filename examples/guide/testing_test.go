package guide_test

import (
	"context"
	"errors"
	"testing"

	"github.com/wfegen/wfe/examples/guide"
	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/wfetest"
)

func register(h *wfe.Host) error { return guide.Register(h, guide.NewSteps(&bank{})) }

func TestPrepaid_RemindsAfterThreeDays(t *testing.T) {
	t.Parallel()
	wfetest.Test(t, func(r *wfetest.Rig) {
		r.Host(register)
		order := wfetest.Start(r, guide.StartPrepaid, guide.Order{ID: "o1", Cents: 40_00})
		order.UntilAwaiting("payment")
		order.UntilComplete() // 72 hours pass
		order.Ran("remind")
	})
}

func TestBought_UndoesWhatItDidWhateverCrashes(t *testing.T) {
	t.Parallel()
	wfetest.CrashEverywhere(t, func(r *wfetest.Rig) {
		r.Host(register,
			wfetest.Double(func(ctx context.Context, s *guide.Reserve) error {
				r.Effect(ctx, "reserve")
				return nil
			}),
			wfetest.DoubleUndo(func(ctx context.Context, s *guide.Reserve) error {
				r.Effect(ctx, "release")
				return nil
			}),
			wfetest.Double(func(ctx context.Context, s *guide.Charge) error { return errors.New("declined") }))
		order := wfetest.Start(r, guide.StartBought, guide.Order{})
		if end := order.UntilEnded(); end.Status != wfe.Terminated {
			r.T.Errorf("it is %s", end.Status)
		}
		order.Ran("reserve", "charge failed", "undo charge", "undo reserve")
	})
}

// Package wfetest tests workflows: on the real engine and host, over a store in
// memory, with time that passes by itself when nothing else can happen. A workflow
// that sleeps for 90 days ends in milliseconds.
//
//	func TestAnApprovedOrderIsShipped(t *testing.T) {
//		wfetest.Test(t, func(r *wfetest.Rig) {
//			r.Host(func(h *wfe.Host) error { return pipeline.Register(h, pipeline.NewSteps(gateway, mail, stock)) },
//				wfetest.Double(func(ctx context.Context, s *pipeline.ChargeCard) error {
//					s.Receipt = "R1"
//					return nil
//				}))
//			order := wfetest.Start(r, pipeline.StartOrderPipeline, pipeline.Order{Cents: 200_000})
//			order.UntilAwaiting("approval")
//			wfetest.Publish(r, pipeline.PublishApproval, order.ID(), pipeline.Approval{OK: true})
//			require.Equal(t, "R1", order.UntilComplete().Receipt)
//			order.Ran("validate-order", "charge-card", "ship-order")
//		})
//	}
//
// [CrashEverywhere] runs the same scenario again and again, with a crash before and
// after each of its commits, and requires the same end and the same effects.
//
// A scenario runs in a bubble of testing/synctest: what it and the steps wait for
// must come from inside (channels, timers), not from a network; it cannot call
// t.Run or t.Parallel, which belong around it.
package wfetest

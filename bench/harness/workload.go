package harness

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Workloads are the names of the workloads.
func Workloads() []string { return []string{"throughput", "latency"} }

// throughput starts n instances, from some goroutines at once, and waits for each
// of them as its caller would.
func throughput(ctx context.Context, e Engine, n, starters int) error {
	var all sync.WaitGroup
	var next atomic.Int64
	failed := make(chan error, 1)
	fail := func(err error) {
		select {
		case failed <- err:
		default:
		}
	}
	for range starters {
		all.Go(func() {
			for {
				i := int(next.Add(1))
				if i > n {
					return
				}
				id := fmt.Sprintf("instance-%06d", i)
				if err := e.Start(ctx, id, NewPayload(id)); err != nil {
					fail(err)
					return
				}
				all.Go(func() {
					if err := await(ctx, e, id); err != nil {
						fail(err)
					}
				})
			}
		})
	}
	all.Wait()
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}

// latency runs n instances one at a time and returns how long each took its
// caller, sorted.
func latency(ctx context.Context, e Engine, n int) ([]time.Duration, error) {
	took := make([]time.Duration, 0, n)
	for i := range n {
		id := fmt.Sprintf("instance-%06d", i)
		began := time.Now()
		if err := e.Start(ctx, id, NewPayload(id)); err != nil {
			return nil, err
		}
		if err := await(ctx, e, id); err != nil {
			return nil, err
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	return took, nil
}

// await waits for an instance and looks whether its work was done.
func await(ctx context.Context, e Engine, id string) error {
	p, err := e.Wait(ctx, id)
	if err != nil {
		return err
	}
	want := NewPayload(id)
	want.Steps = Steps
	if p != want {
		return fmt.Errorf("instance %s ended with %+v, not %+v", id, p, want)
	}
	return nil
}

// quantile returns the q-quantile of sorted durations in milliseconds.
func quantile(sorted []time.Duration, q float64) float64 {
	return float64(sorted[int(q*float64(len(sorted)-1))]) / float64(time.Millisecond)
}

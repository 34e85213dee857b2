// Command codecs measures generated serialization against encoding/json and other libraries.
//
//	go run ./cmd/codecs [-repeat N]
//
// All take turns, A B C A B C ..., on one value. Time is processor time of the process, garbage collection included, so
// that other work of the machine counts less. A ratio is one turn's time by that of encoding/json in the same round:
// median, and in brackets the quartiles.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"text/tabwriter"
	"time"

	"golang.org/x/sys/unix"

	"github.com/wfegen/wfe/bench/codecs"
)

func main() {
	repeat := flag.Int("repeat", 21, "rounds")
	flag.Parse()
	if err := run(*repeat); err != nil {
		fmt.Fprintln(os.Stderr, "codecs:", err)
		os.Exit(1)
	}
}

func run(repeat int) error {
	if repeat < 1 {
		return errors.New("-repeat is at least 1")
	}
	all := codecs.Codecs()
	text, err := all[1].Marshal(nil)
	if err != nil {
		return err
	}
	marshal, unmarshal := make([]task, len(all)), make([]task, len(all))
	for i, c := range all {
		buf := make([]byte, 0, 4096)
		marshal[i] = func() error {
			b, err := c.Marshal(buf)
			if cap(b) > cap(buf) {
				buf = b
			}
			return err
		}
		unmarshal[i] = func() error {
			_, err := c.Unmarshal(text)
			return err
		}
	}
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	for _, what := range []struct {
		name  string
		tasks []task
	}{{"marshal", marshal}, {"unmarshal", unmarshal}} {
		figures, err := measure(what.tasks, repeat)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s, %d bytes\tns\tallocations\tratio to encoding/json\n", what.name, len(text))
		for i, f := range figures {
			fmt.Fprintf(out, "%s\t%.0f\t%d\t%s\n", all[i].Name, median(f.nanos), f.allocs, ratio(f.nanos, figures[1].nanos))
		}
	}
	return out.Flush()
}

// task is what is measured.
type task func() error

type figures struct {
	nanos  []float64 // for one call, by round
	allocs uint64    // by one call
}

// turn is how long each task has in each round.
const turn = 20 * time.Millisecond

// measure has the tasks take turns. The first round warms up, and does not count.
func measure(tasks []task, repeat int) ([]figures, error) {
	out, calls := make([]figures, len(tasks)), make([]int, len(tasks))
	for i, do := range tasks {
		start, n := processor(), 0
		for ; processor()-start < turn; n++ {
			if err := do(); err != nil {
				return nil, err
			}
		}
		calls[i] = n
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range n {
			if err := do(); err != nil {
				return nil, err
			}
		}
		runtime.ReadMemStats(&after)
		out[i].allocs = (after.Mallocs - before.Mallocs) / uint64(n)
	}
	for range repeat {
		for i, do := range tasks {
			start := processor()
			for range calls[i] {
				if err := do(); err != nil {
					return nil, err
				}
			}
			out[i].nanos = append(out[i].nanos, float64(processor()-start)/float64(calls[i]))
		}
	}
	return out, nil
}

// processor is the processor time that the process has had.
func processor() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &t); err != nil {
		panic(err) // there is no such clock
	}
	return time.Duration(t.Nano())
}

func ratio(a, base []float64) string {
	ratios := make([]float64, len(a))
	for i := range a {
		ratios[i] = a[i] / base[i]
	}
	slices.Sort(ratios)
	n := len(ratios)
	return fmt.Sprintf("%.2f (%.2f-%.2f)", ratios[n/2], ratios[n/4], ratios[n-1-n/4])
}

func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2]
}

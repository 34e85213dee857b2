package harness

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"
)

// Main is the main function of a system: it runs one workload and prints its Report.
func Main(system string, open Factory) {
	if err := run(system, open); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", system, err)
		os.Exit(1)
	}
}

func run(system string, open Factory) (err error) {
	r := Report{System: system}
	flag.StringVar(&r.Workload, "workload", "throughput", "throughput or latency")
	flag.IntVar(&r.Instances, "n", 2000, "instances")
	flag.IntVar(&r.Starters, "starters", 64, "goroutines that start instances; of throughput")
	dir := flag.String("dir", "", "folder for the database; made anew")
	limit := flag.Duration("limit", 2*time.Minute, "give up after this")
	var prof profiles
	flag.StringVar(&prof.cpu, "cpuprofile", "", "write a CPU profile to this file")
	flag.StringVar(&prof.mem, "memprofile", "", "write a profile of all allocations to this file")
	flag.StringVar(&prof.mutex, "mutexprofile", "", "write a profile of lock contention to this file")
	flag.StringVar(&prof.trace, "trace", "", "write an execution trace to this file")
	flag.Parse()
	if *dir == "" {
		return errors.New("-dir is needed")
	}
	if err := errors.Join(os.RemoveAll(*dir), os.MkdirAll(*dir, 0o777)); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), *limit)
	defer cancel()
	e, err := open(*dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	time.Sleep(100 * time.Millisecond) // what opening left to do is not measured

	stop, err := prof.start()
	if err != nil {
		return err
	}
	before := readUsage()
	var took []time.Duration
	switch r.Workload {
	case "throughput":
		err = throughput(ctx, e, r.Instances, r.Starters)
	case "latency":
		r.Starters = 1
		took, err = latency(ctx, e, r.Instances)
	default:
		err = fmt.Errorf("there is no workload %q; there are %q", r.Workload, Workloads())
	}
	r.account(before, readUsage(), r.Instances*Steps)
	if err = errors.Join(err, stop()); err != nil {
		return err
	}
	r.Rate = float64(r.Instances) / r.Seconds
	if len(took) > 0 {
		r.P50, r.P99 = quantile(took, 0.5), quantile(took, 0.99)
	}
	return json.NewEncoder(os.Stdout).Encode(r)
}

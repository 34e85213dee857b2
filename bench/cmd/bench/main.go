// Command bench compares the engine with the bare group-commit loop, its ceiling,
// and a workflow in plain Go with the same one that a builder function builds.
//
//	go run ./cmd/bench [-quick] [-repeat N] [-json FILE]
//
// It builds the programs, runs each workload on two of them in turn, A B A B ..., and
// prints the medians with their spread and the ratio of each pair. It judges
// nothing: the exit code is 0 whenever all runs ended.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) (err error) {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	quick := flags.Bool("quick", false, "a tenth of each size, 3 repetitions")
	repeat := flags.Int("repeat", 0, "runs of each system and workload; default 5, with -quick 3")
	file := flags.String("json", "results.json", "write all figures to this `file`; \"\" is none")
	dir := flags.String("dir", "", "`folder` for the databases, on the disk to be measured; default: the system's for temporary files")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%q is not a flag", flags.Arg(0))
	}
	if *repeat == 0 {
		*repeat = 5
		if *quick {
			*repeat = 3
		}
	}
	work, err := os.MkdirTemp(*dir, "wfe-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	systems, err := build(ctx, work)
	if err != nil {
		return err
	}
	var results []result
	for _, pair := range [][2]string{{ceiling, engine}, {engine, plain}} {
		for _, c := range cases(*quick) {
			r, err := measure(ctx, systems, pair, c, *repeat, work)
			if err != nil {
				return err
			}
			results = append(results, r)
		}
	}
	if err := printTable(os.Stdout, results); err != nil {
		return err
	}
	if *file == "" {
		return nil
	}
	return writeJSON(*file, results)
}

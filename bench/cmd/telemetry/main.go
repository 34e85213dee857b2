// Command telemetry measures what telemetry costs: the workload throughput without
// it, with otelwfe and no SDK, and with an SDK that records every span.
//
//	go run ./cmd/telemetry [-n N] [-rounds N] [-with api,sdk] [-valgrind]
//
// With -valgrind it counts instructions, which other work on the machine does not touch.
// All three are one program. A round runs each of them once, in an order that turns
// from round to round, and each figure is a ratio within its round; one round goes
// before and does not count.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/wfegen/wfe/bench/harness"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "telemetry:", err)
		os.Exit(1)
	}
}

// none is the way to which the others are compared.
const none = "none"

func run() (err error) {
	n := flag.Int("n", 5000, "instances in a run")
	rounds := flag.Int("rounds", 12, "rounds that count")
	with := flag.String("with", "api,sdk", "what is compared with none")
	valgrind := flag.Bool("valgrind", false, "count instructions with valgrind, which is slow: -n 1000 -rounds 3 will do")
	flag.Parse()
	ways := append([]string{none}, strings.Split(*with, ",")...)
	dir, err := os.MkdirTemp("", "wfe-telemetry-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	program := filepath.Join(dir, "telemetry")
	if out, err := exec.Command("go", "build", "-o", program, "github.com/wfegen/wfe/bench/telemetry").CombinedOutput(); err != nil {
		return fmt.Errorf("building: %w\n%s", err, out)
	}
	if *valgrind {
		return instructions(program, ways, *n, *rounds, dir)
	}
	reports := map[string][]harness.Report{}
	for round := range *rounds + 1 {
		for i := range ways {
			way := ways[(i+round)%len(ways)]
			r, err := once(program, way, *n, filepath.Join(dir, "db"))
			if err != nil {
				return fmt.Errorf("with %s: %w", way, err)
			}
			if round > 0 {
				reports[way] = append(reports[way], r)
			}
		}
	}
	fmt.Printf("throughput of %d instances, %d rounds: median ratio to none (quartiles; extremes)\n", *n, *rounds)
	for _, way := range ways[1:] {
		show(way+", processor time per step", reports, way, func(r harness.Report) float64 { return r.CPUPerStep })
		show(way+", time per instance", reports, way, func(r harness.Report) float64 { return 1 / r.Rate })
	}
	return nil
}

func once(program, way string, n int, dir string) (r harness.Report, err error) {
	cmd := exec.Command(program, "-with", way, "-workload", "throughput", "-n", strconv.Itoa(n), "-dir", dir)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, os.Stderr
	if err := cmd.Run(); err != nil {
		return r, err
	}
	return r, json.Unmarshal(out.Bytes(), &r)
}

// show prints the ratios of a figure within each round.
func show(what string, reports map[string][]harness.Report, way string, of func(harness.Report) float64) {
	var ratios []float64
	for i, r := range reports[way] {
		ratios = append(ratios, of(r)/of(reports[none][i]))
	}
	quartiles(what, ratios)
}

func quartiles(what string, ratios []float64) {
	slices.Sort(ratios)
	at := func(q float64) float64 { return ratios[int(q*float64(len(ratios)-1)+0.5)] }
	fmt.Printf("%-30s %.3f (%.3f-%.3f; %.3f-%.3f)\n", what, at(.5), at(.25), at(.75), ratios[0], ratios[len(ratios)-1])
}

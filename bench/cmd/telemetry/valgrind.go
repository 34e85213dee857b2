package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"

	"github.com/wfegen/wfe/bench/harness"
)

// few is how many instances the run has whose instructions are taken off: those of the
// beginning and the end of the program.
const few = 100

// instructions prints the ratios of the instructions of a step.
func instructions(program string, ways []string, n, rounds int, dir string) error {
	ratios := map[string][]float64{}
	for round := range rounds {
		perStep := map[string]float64{}
		for i := range ways {
			way := ways[(i+round)%len(ways)]
			short, err := count(program, way, few, dir)
			if err != nil {
				return fmt.Errorf("with %s: %w", way, err)
			}
			long, err := count(program, way, few+n, dir)
			if err != nil {
				return fmt.Errorf("with %s: %w", way, err)
			}
			perStep[way] = (long - short) / float64(n*harness.Steps)
		}
		for _, way := range ways {
			fmt.Printf("%-5s %.0f instructions per step\n", way, perStep[way])
			ratios[way] = append(ratios[way], perStep[way]/perStep[none])
		}
	}
	for _, way := range ways[1:] {
		quartiles(way+", instructions per step", ratios[way])
	}
	return nil
}

var collected = regexp.MustCompile(`Collected : (\d+)`)

// count returns the instructions of a run. Valgrind has one thread run at a time, and
// does not know the signals by which Go interrupts goroutines.
func count(program, way string, n int, dir string) (float64, error) {
	cmd := exec.Command("valgrind", "--tool=callgrind", "--callgrind-out-file="+filepath.Join(dir, "callgrind"),
		program, "-with", way, "-workload", "throughput", "-n", strconv.Itoa(n), "-dir", filepath.Join(dir, "db"))
	cmd.Env = append(os.Environ(), "GODEBUG=asyncpreemptoff=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("valgrind: %w\n%s", err, out)
	}
	found := collected.FindSubmatch(out)
	if found == nil {
		return 0, fmt.Errorf("valgrind has counted nothing:\n%s", out)
	}
	return strconv.ParseFloat(string(found[1]), 64)
}

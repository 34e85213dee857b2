package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"github.com/wfegen/wfe/bench/harness"
)

// The systems, by the folders of their programs.
const (
	ceiling = "groupcommit"
	engine  = "wfe"
	plain   = "plain"
)

// build compiles the programs into dir and returns their files by system.
func build(ctx context.Context, dir string) (map[string]string, error) {
	programs := map[string]string{}
	for _, system := range []string{ceiling, engine, plain} {
		programs[system] = filepath.Join(dir, system)
		cmd := exec.CommandContext(ctx, "go", "build", "-o", programs[system], "github.com/wfegen/wfe/bench/"+system)
		if out, err := cmd.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("building %s: %w\n%s", system, err, out)
		}
	}
	return programs, nil
}

// workload is one row of work.
type workload struct {
	Name      string `json:"name"` // of the harness
	Instances int    `json:"instances"`
}

func cases(quick bool) []workload {
	all := []workload{{"throughput", 2_000}, {"throughput", 20_000}, {"latency", 1_000}}
	if quick {
		for i := range all {
			all[i].Instances /= 10
		}
	}
	return all
}

// result is what was measured of one workload on two systems. Report i of both are of
// one pair, run one after the other.
type result struct {
	Workload workload         `json:"workload"`
	Systems  [2]string        `json:"systems"`
	First    []harness.Report `json:"first"`
	Second   []harness.Report `json:"second"`
}

// measure runs a workload on two systems in turn. One run of each goes before
// and does not count.
func measure(ctx context.Context, programs map[string]string, systems [2]string, w workload, repeat int, dir string) (result, error) {
	r := result{Workload: w, Systems: systems}
	for i := range repeat + 1 {
		var pair [2]harness.Report
		for j, system := range systems {
			rep, err := once(ctx, programs[system], w, filepath.Join(dir, "db"))
			if err != nil {
				return r, fmt.Errorf("%s, %s of %d: %w", system, w.Name, w.Instances, err)
			}
			pair[j] = rep
		}
		if i > 0 {
			r.First, r.Second = append(r.First, pair[0]), append(r.Second, pair[1])
		}
	}
	return r, nil
}

func once(ctx context.Context, program string, w workload, dir string) (rep harness.Report, err error) {
	cmd := exec.CommandContext(ctx, program, "-workload", w.Name, "-n", strconv.Itoa(w.Instances), "-dir", dir)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, os.Stderr
	if err := cmd.Run(); err != nil {
		return rep, err
	}
	return rep, json.Unmarshal(out.Bytes(), &rep)
}

func writeJSON(file string, results []result) error {
	b, err := json.MarshalIndent(results, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(b, '\n'), 0o666)
}

package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"github.com/wfegen/wfe/bench/harness"
)

// figure is one column of the reports.
type figure struct {
	name   string
	of     func(harness.Report) float64
	format string
	// better says that more is better: then the ratio is first to second, so
	// that a ratio is always by how much the second system is worse.
	better bool
}

// figures are what is shown of a workload, the one that counts first.
func figures(w workload) []figure {
	cost := []figure{
		{"CPU per step, us", func(r harness.Report) float64 { return r.CPUPerStep }, "%.1f", false},
		{"bytes written per step", func(r harness.Report) float64 { return r.BytesPerStep }, "%.0f", false},
	}
	if w.Name == "latency" {
		return append([]figure{
			{"p50, ms", func(r harness.Report) float64 { return r.P50 }, "%.2f", false},
			{"p99, ms", func(r harness.Report) float64 { return r.P99 }, "%.2f", false},
		}, cost...)
	}
	return append([]figure{
		{"instances/s", func(r harness.Report) float64 { return r.Rate }, "%.0f", true},
	}, cost...)
}

// printTable shows each figure as median (min to max), and the ratio of each pair
// likewise.
func printTable(w io.Writer, results []result) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	var systems [2]string
	for _, r := range results {
		if r.Systems != systems {
			systems = r.Systems
			fmt.Fprintf(t, "workload\tfigure\t%s\t%s\t%s is worse by\n", systems[0], systems[1], systems[1])
		}
		for _, f := range figures(r.Workload) {
			first, second := column(r.First, f.of), column(r.Second, f.of)
			ratio := make([]float64, len(first))
			for i := range ratio {
				ratio[i] = second[i] / first[i]
				if f.better {
					ratio[i] = first[i] / second[i]
				}
			}
			fmt.Fprintf(t, "%s of %d\t%s\t%s\t%s\t%s\n", r.Workload.Name, r.Workload.Instances, f.name,
				spread(first, f.format), spread(second, f.format), spread(ratio, "%.2f"))
		}
	}
	return t.Flush()
}

func column(reports []harness.Report, of func(harness.Report) float64) []float64 {
	values := make([]float64, len(reports))
	for i, r := range reports {
		values[i] = of(r)
	}
	return values
}

// spread returns the median and the extremes of values.
func spread(values []float64, format string) string {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	median := (sorted[(n-1)/2] + sorted[n/2]) / 2
	return fmt.Sprintf(format+" ("+format+"-"+format+")", median, sorted[0], sorted[n-1])
}

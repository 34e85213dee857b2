// Command generate measures wfegen as a whole process, on modules that it makes.
//
//	go run ./cmd/generate [-repeat N]
//
// Four pairs are run in turn, A B A B ..., and their medians compared:
//
//   - wfegen against controller-gen, which makes functions that copy them, on 6 packages with 60 structs between them;
//   - a run with nothing to do against a full one, on 6 packages with 60 structs between them;
//   - 50 packages with 10 steps each against 5, for each package: 1.00 is linear, less is better;
//   - 50 workflows of 30 nodes in plain Go against the same ones of builder functions.
//
// The full runs are with -no-cache and with all files as they should be, so that they differ in nothing but the work.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

func main() {
	repeat := flag.Int("repeat", 7, "runs of each")
	flag.Parse()
	if err := run(context.Background(), *repeat); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, repeat int) (err error) {
	if repeat < 1 {
		return errors.New("-repeat is at least 1")
	}
	work, err := os.MkdirTemp("", "wfe-generate-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	b := &bench{ctx: ctx, work: work, wfegen: filepath.Join(work, "wfegen")}
	if b.root, err = filepath.Abs(".."); err != nil {
		return err
	}
	if err := b.command(b.root, "go", "build", "-o", b.wfegen, "./cmd/wfegen"); err != nil {
		return fmt.Errorf("run it in bench/: %w", err)
	}
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "what\tA, ms\tB, ms\tratio B to A")

	structs, err := b.module("structs", 6, structsOf)
	if err != nil {
		return err
	}
	if err := b.peer(out, repeat, structs); err != nil {
		return err
	}
	full, idle, err := b.pair(repeat, side{dir: structs, args: []string{"-no-cache", "./..."}}, side{dir: structs, args: []string{"./..."}})
	if err != nil {
		return err
	}
	row(out, "6 packages, 60 structs: full, nothing to do", full, idle, 1)

	few, err := b.module("few", 5, stepsOf)
	if err != nil {
		return err
	}
	many, err := b.module("many", 50, stepsOf)
	if err != nil {
		return err
	}
	small, large, err := b.pair(repeat, side{dir: few, args: []string{"-no-cache", "./..."}}, side{dir: many, args: []string{"-no-cache", "./..."}})
	if err != nil {
		return err
	}
	row(out, "10 steps in each of 5, 50 packages; ratio for each package", small, large, 10)
	built, err := b.module("built", 1, func(pkg string) string { return flowsOf(pkg, false) })
	if err != nil {
		return err
	}
	plain, err := b.module("plain", 1, func(pkg string) string { return flowsOf(pkg, true) })
	if err != nil {
		return err
	}
	byBuilder, byGo, err := b.pair(repeat, side{dir: built, args: []string{"-no-cache", "./..."}}, side{dir: plain, args: []string{"-no-cache", "./..."}})
	if err != nil {
		return err
	}
	row(out, "50 workflows of 30 nodes: builder, plain Go", byBuilder, byGo, 1)
	return out.Flush()
}

// controllerGen is the peer, as go install takes it.
const controllerGen = "sigs.k8s.io/controller-tools/cmd/controller-gen@v0.23.0"

// peer compares a full run with one of controller-gen on the same source.
func (b *bench) peer(out io.Writer, repeat int, structs string) error {
	install := exec.CommandContext(b.ctx, "go", "install", controllerGen)
	install.Env = append(os.Environ(), "GOBIN="+b.work, "GOWORK=off")
	install.Dir = b.work
	if text, err := install.CombinedOutput(); err != nil {
		return fmt.Errorf("go install %s: %w\n%s", controllerGen, err, text)
	}
	copies, err := b.module("copies", 6, structsOf)
	if err != nil {
		return err
	}
	theirs, ours, err := b.pair(repeat, side{copies, []string{"object", "paths=./..."}, filepath.Join(b.work, "controller-gen")},
		side{dir: structs, args: []string{"-no-cache", "./..."}})
	if err != nil {
		return err
	}
	row(out, "6 packages, 60 structs: controller-gen object, wfegen in full", theirs, ours, 1)
	return nil
}

// row prints a pair. Scale is by how much more B has to do.
func row(out io.Writer, what string, a, b []time.Duration, scale float64) {
	ratios := make([]float64, len(a))
	for i := range a {
		ratios[i] = float64(b[i]) / float64(a[i]) / scale
	}
	slices.Sort(ratios)
	fmt.Fprintf(out, "%s\t%.0f\t%.0f\t%.2f (%.2f-%.2f)\n", what, millis(a), millis(b), ratios[len(ratios)/2], ratios[0], ratios[len(ratios)-1])
}

func millis(d []time.Duration) float64 {
	return float64(slices.Sorted(slices.Values(d))[len(d)/2].Microseconds()) / 1000
}

type bench struct {
	ctx                context.Context
	work, root, wfegen string
}

// side is what is run of a pair.
type side struct {
	dir  string
	args []string
	tool string // "" is wfegen
}

// pair runs both sides in turn. Before, each is run once for the caches.
func (b *bench) pair(repeat int, one, other side) (a, c []time.Duration, err error) {
	for i := range repeat + 1 {
		for _, s := range []struct {
			side
			into *[]time.Duration
		}{{one, &a}, {other, &c}} {
			start := time.Now()
			if err := b.command(s.dir, cmp.Or(s.tool, b.wfegen), s.args...); err != nil {
				return nil, nil, err
			}
			if i > 0 {
				*s.into = append(*s.into, time.Since(start))
			}
		}
	}
	return a, c, nil
}

func (b *bench) command(dir, name string, args ...string) error {
	cmd := exec.CommandContext(b.ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off", "XDG_CACHE_HOME="+filepath.Join(b.work, "cache"),
		"GOCACHE="+goCache())
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out)
	}
	return nil
}

// goCache is the build cache of the one who measures, which lies in the folder for caches otherwise.
func goCache() string {
	out, err := exec.Command("go", "env", "GOCACHE").Output()
	if err != nil {
		return filepath.Join(os.TempDir(), "wfe-generate-gocache")
	}
	return strings.TrimSpace(string(out))
}

// module makes a module of n packages, generates it, and lets its files grow old enough to be remembered.
func (b *bench) module(name string, n int, source func(pkg string) string) (string, error) {
	dir := filepath.Join(b.work, name)
	mod := "module example.com/" + name + "\n\ngo 1.26\n\nrequire github.com/wfegen/wfe v0.0.0\n\nreplace github.com/wfegen/wfe => " + b.root + "\n"
	sums, err := os.ReadFile(filepath.Join(b.root, "go.sum"))
	if err != nil {
		return "", err
	}
	files := map[string]string{"go.mod": mod, "go.sum": string(sums)}
	for i := range n {
		pkg := fmt.Sprintf("p%d", i)
		files[filepath.Join(pkg, pkg+".go")] = source(pkg)
	}
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return "", err
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return "", err
		}
	}
	if err := b.command(dir, b.wfegen, "-no-cache", "./..."); err != nil {
		return "", err
	}
	time.Sleep(200 * time.Millisecond)
	return dir, nil
}

// structsOf is a package of ten data structs, each of which holds the one before. The marker is for controller-gen.
func structsOf(pkg string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "// +kubebuilder:object:generate=true\npackage %s\n", pkg)
	for i := range 10 {
		fmt.Fprintf(&b, "\n//wfe:data\ntype Data%d struct {\n\tID string\n\tAt *int64\n\tN []int\n\tBy map[string]float64\n", i)
		if i > 0 {
			fmt.Fprintf(&b, "\tInner []Data%d\n", i-1)
		}
		b.WriteString("}\n")
	}
	return b.String()
}

// stepsOf is a package of ten steps and a workflow of them.
func stepsOf(pkg string) string {
	var b, calls strings.Builder
	fmt.Fprintf(&b, "package %s\n\nimport \"context\"\n\n//wfe:data\ntype Order struct {\n\tID string\n\tCents int64\n\tReceipt string\n}\n", pkg)
	for i := range 10 {
		fmt.Fprintf(&b, "\n//wfe:step retry=%d\ntype Step%d struct {\n\tID string\n\tCents int64\n\tReceipt string `wfe:\"out\"`\n}\n\nfunc (*Step%[2]d) Run(context.Context) error { return nil }\n", i, i)
		fmt.Fprintf(&calls, "\tb.Step%d()\n", i)
	}
	fmt.Fprintf(&b, "\n//wfe:workflow\nfunc Flow(b *OrderBuilder) {\n%s}\n", calls.String())
	return b.String()
}

// flowsOf is a package of 50 workflows of 30 nodes, in plain Go or by builder functions.
func flowsOf(pkg string, plain bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "package %s\n\nimport (\n\t\"context\"\n\n\twfe \"github.com/wfegen/wfe/runtime\"\n)\n\nvar _ wfe.Result\n", pkg)
	b.WriteString("\n//wfe:data\ntype Order struct {\n\tID string\n\tCents int64\n\tReceipt string\n\tItems []string\n}\n")
	b.WriteString("\n//wfe:step compensate=none\ntype Charge struct {\n\tID string\n\tCents int64\n\tReceipt string `wfe:\"out\"`\n}\n\nfunc (*Charge) Run(context.Context) error { return nil }\n")
	for i := range 50 {
		if plain {
			fmt.Fprintf(&b, "\n//wfe:workflow\nfunc Flow%d(w *wfe.Flow, o *Order) {\n", i)
		} else {
			fmt.Fprintf(&b, "\n//wfe:workflow\nfunc Flow%d(b *OrderBuilder) {\n", i)
		}
		for j := range 6 { // of five nodes
			if plain {
				fmt.Fprintf(&b, "\t//wfe:id if%d\n\tif o.Cents > %[1]d {\n\t\to.Receipt = wfe.Do(w, Charge{ID: o.ID, Cents: o.Cents}).Receipt\n\t}\n", j)
				fmt.Fprintf(&b, "\t//wfe:id items%d\n\tfor _, it := range o.Items {\n\t\twfe.Do(w, Charge{ID: it})\n\t}\n", j)
				fmt.Fprintf(&b, "\twfe.Do(w, Charge{ID: o.ID, Cents: %d}, wfe.Name(\"last%[1]d\"))\n", j)
				continue
			}
			fmt.Fprintf(&b, "\tb.If(\"if%d\", func(o *Order) bool { return o.Cents > %[1]d }, func(b *OrderBuilder) { b.Charge() })\n", j)
			fmt.Fprintf(&b, "\tb.ForEachItems(func(b *OrderBuilder, it *string) {\n\t\tb.Charge().Name(\"charge\")\n\t}, wfe.Sequential(), wfe.Name(\"items%d\"))\n", j)
			fmt.Fprintf(&b, "\tb.Charge().Name(\"last%d\")\n", j)
		}
		b.WriteString("}\n")
	}
	return b.String()
}

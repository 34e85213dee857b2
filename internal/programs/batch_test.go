package programs

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/wfegen/wfe/gen"
	"github.com/wfegen/wfe/internal/analysis/diag"
)

// What is in the package of each batch besides its programs.
var (
	//go:embed testdata/world.go
	world string
	//go:embed testdata/rig_test.go
	rig string
)

// batch is a package of programs, with the binary that runs them.
type batch struct {
	dir      string
	programs []*program
	binary   string
}

// newBatch writes the module of a batch.
func newBatch(dir string, programs []*program) (*batch, error) {
	root, err := filepath.Abs("../..")
	if err != nil {
		return nil, err
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return nil, err
	}
	b := &batch{dir: dir, programs: programs, binary: filepath.Join(dir, "batch.test")}
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		return nil, err
	}
	list := "package batch\n\nvar programs = []program{\n"
	for _, p := range programs {
		list += fmt.Sprintf("{%q, %s, Start%[2]s, Get%[2]s},\n", p.key(), p.name)
		if err := b.write(strings.ToLower(p.name)+".go", p.source); err != nil {
			return nil, err
		}
	}
	for _, f := range [][2]string{
		{"go.mod", "module example.com/batch\n\ngo 1.26\n\nrequire github.com/wfegen/wfe v0.0.0\n\nreplace github.com/wfegen/wfe => " + root + "\n"},
		{"go.sum", string(sums)}, {"world.go", world}, {"rig_test.go", rig}, {"list_test.go", list + "}\n"},
	} {
		if err := b.write(f[0], f[1]); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func (b *batch) write(name, text string) error {
	return os.WriteFile(filepath.Join(b.dir, name), []byte(text), 0o600)
}

// key names a program and how to make it again.
func (p *program) key() string { return fmt.Sprintf("%d:%d", p.seed, p.size) }

// generate compiles the programs with wfegen, and returns its findings.
func (b *batch) generate(ctx context.Context) (findings []string, err error) {
	r, err := gen.Generate(ctx, gen.Config{Dir: b.dir, Patterns: []string{"."}, Env: environment()})
	if err != nil {
		return nil, err
	}
	for _, d := range r.Diagnostics {
		if d.Level != diag.Warning {
			text := fmt.Sprintf("%s: %s [%s]", d.Pos, d.Message, d.Code)
			if src, err := r.Source(d.Pos.Filename); err == nil {
				lines := strings.Split(string(src), "\n")
				text += "\n" + strings.Join(lines[max(0, d.Pos.Line-8):min(len(lines), d.Pos.Line+3)], "\n")
			}
			findings = append(findings, text)
		}
	}
	return findings, nil
}

// overlay is that of a test that plants bugs, also in what a batch is built of.
const overlay = "WFE_PROGRAMS_OVERLAY"

// build builds the binary, quickly.
func (b *batch) build(ctx context.Context) error {
	args := []string{"test", "-c", "-vet=off", "-gcflags=-N -l", "-ldflags=-s -w", "-o", b.binary}
	if path := os.Getenv(overlay); path != "" {
		args = append(args, "-overlay="+path)
	}
	_, err := b.run(ctx, "go", append(args, ".")...)
	return err
}

// outcomes runs a test of the rig.
func (b *batch) outcomes(ctx context.Context, test string, args ...string) (map[string]outcome, error) {
	to := b.path(test + ".json")
	args = append([]string{"-test.run=^" + test + "$", "-test.timeout=5m", "-to=" + to, fmt.Sprint("-inputs=", *inputs)}, args...)
	if _, err := b.run(ctx, b.binary, args...); err != nil {
		return nil, err
	}
	return readOutcomes(to)
}

// durable runs the batch on SQLite, and kills the process up to so many times. It returns how often it did.
func (b *batch) durable(ctx context.Context, r *rand.Rand, kills int) (map[string]outcome, int, error) {
	db := "-db=" + b.path("batch.db")
	for n := range kills {
		// Most of it happens in few commits, for all instances go on together.
		out, err := b.outcomes(ctx, "TestDurable", db, fmt.Sprint("-kill=", 1+r.IntN(12+20*n)), fmt.Sprint("-after=", r.IntN(2) == 0))
		var exit *exec.ExitError
		switch {
		case err == nil:
			return out, n, nil
		case !errors.As(err, &exit) || exit.ExitCode() != killed:
			return nil, n, err
		}
	}
	out, err := b.outcomes(ctx, "TestDurable", db)
	return out, kills, err
}

// killed is the status with which the rig ends its process.
const killed = 137

func (b *batch) run(ctx context.Context, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = b.dir, environment()
	out, err := cmd.CombinedOutput()
	if err != nil {
		return string(out), fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, tail(string(out), 60))
	}
	return string(out), nil
}

func environment() []string {
	return append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOSUMDB=off", "GOWORK=off", "GOTOOLCHAIN=local")
}

// tail is the end of a text.
func tail(text string, n int) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

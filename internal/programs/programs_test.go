package programs

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	count  = flag.Int("programs", 50, "how many programs run")
	seed   = flag.Uint64("seed", 1, "the first program; the others follow")
	size   = flag.Int("size", 0, "about how many nodes a program has; 0 is from 3 to 20")
	inputs = flag.Int("inputs", 8, "with how many inputs each program runs")
	kills  = flag.Int("kills", 6, "how often the process is killed")
)

// perBatch is how many programs make up a package.
const perBatch = 50

// difference is a program that behaves otherwise.
type difference struct {
	program *program
	what    string
}

// TestCompiled_BehavesAsItsFunction compares programs run directly, compiled on the store in memory, and compiled on SQLite
// with the process killed again and again.
func TestCompiled_BehavesAsItsFunction(t *testing.T) {
	ran := map[string]int{}
	for done := 0; done < *count; done += perBatch {
		var programs []*program
		for i := done; i < min(done+perBatch, *count); i++ {
			n := *size
			if n == 0 {
				n = 3 + i%18
			}
			p, err := newProgram(*seed+uint64(i), n)
			require.NoError(t, err)
			programs = append(programs, p)
		}
		for _, d := range compare(t, programs, ran) {
			t.Errorf("program %s: %s\n%s", d.program.key(), d.program.again(), d.what)
		}
		if t.Failed() {
			return
		}
	}
	t.Logf("%d programs from seed %d: %v", *count, *seed, ran)
}

// again is how to run the program alone.
func (p *program) again() string {
	return fmt.Sprintf("go test -count=1 ./internal/programs -run TestCompiled_Behaves -programs=1 -seed=%d -size=%d   # a smaller -size is another program, and may show it too", p.seed, p.size)
}

// compare runs the programs in all ways, and returns those that behave otherwise. ran counts the ends.
func compare(t *testing.T, programs []*program, ran map[string]int) (out []difference) {
	t.Helper()
	dir := t.TempDir()
	b, err := newBatch(dir, programs)
	require.NoError(t, err)
	findings, err := b.generate(t.Context())
	require.NoError(t, err)
	require.Empty(t, strings.Join(findings, "\n"), "wfegen refuses what a generated program may do; -seed is %d", programs[0].seed)
	require.NoError(t, b.build(t.Context()))
	want, err := b.outcomes(t.Context(), "TestDirect")
	require.NoError(t, err)
	memory, err := b.outcomes(t.Context(), "TestMemory")
	require.NoError(t, err)
	r := rand.New(rand.NewPCG(programs[0].seed, 2))
	durable, killed, err := b.durable(t.Context(), r, *kills)
	require.NoError(t, err)
	ran["killed"] += killed
	for _, p := range programs {
		var what []string
		for i := range *inputs {
			id := fmt.Sprint(p.key(), "/", i)
			require.NotEmpty(t, want[id].Status, "run %s", id)
			ran[strings.TrimSpace(want[id].Status+" "+want[id].Reason)]++
			for _, how := range []struct {
				name string
				got  map[string]outcome
			}{{"in memory", memory}, {"on SQLite, killed", durable}} {
				if d := want[id].differs(how.got[id]); d != "" {
					what = append(what, fmt.Sprintf("input %d, %s:\n%s", i, how.name, d))
				}
			}
		}
		if len(what) > 0 {
			out = append(out, difference{p, strings.Join(what[:min(len(what), 2)], "")})
		}
	}
	slices.SortStableFunc(out, func(a, b difference) int { return a.program.size - b.program.size })
	return out[:min(len(out), 8)]
}

func (b *batch) path(name string) string { return filepath.Join(b.dir, name) }

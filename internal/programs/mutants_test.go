package programs

import (
	"flag"
	"testing"

	"github.com/wfegen/wfe/internal/mutant"
)

var mutants = flag.Bool("mutants", false, "show that programs find bugs that are planted in the compiler and the engine; many minutes")

// planted are bugs of the compiler and the engine.
var planted = []mutant.Mutant{
	{Name: "continue leaves its loop", File: "internal/analysis/flow/control.go",
		Old: "body := b.loop(n, \"\")\n\tbody.leave.brk, body.leave.cont = &exit{node: n, leave: true}, &exit{node: n}",
		New: "body := b.loop(n, \"\")\n\tbody.leave.brk, body.leave.cont = &exit{node: n, leave: true}, &exit{node: n, leave: true}"},
	{Name: "break goes on with the next element", File: "internal/analysis/flow/range.go",
		Old: "body := b.loop(n, definition.BlockBranch)\n\tbody.leave.brk, body.leave.cont = &exit{node: n, leave: true}, &exit{node: n}",
		New: "body := b.loop(n, definition.BlockBranch)\n\tbody.leave.brk, body.leave.cont = &exit{node: n}, &exit{node: n}"},
	{Name: "elements share their variables", File: "internal/analysis/flow/block.go", Old: "in.frame = in.round\n", New: "in.frame = b.frame\n"},
	{Name: "a case has its first value alone", File: "internal/analysis/flow/switch.go", Old: "for i, x := range clause.List {", New: "for i, x := range clause.List[:1] {"},
	{Name: "a variable that one branch alone gives a value is not saved", File: "internal/analysis/flow/given.go",
		Old: "return r.stmt(s.Else, given) && then", New: "return r.stmt(s.Else, given) || then"},
	{Name: "what fails outside of a saga is suspended", File: "runtime/engine/edge.go",
		Old: "then = definition.Terminate\n\t}\n\tm.offEdge(", New: "then = definition.Suspend\n\t}\n\tm.offEdge("},
	{Name: "a post statement runs twice", File: "runtime/engine/edge.go",
		Old: "return m.crosses(p, m.scope(p), p.Node, Round)", New: "return m.crosses(p, m.scope(p), p.Node, Round) && m.crosses(p, m.scope(p), p.Node, Round)"},
	{Name: "the code behind a node runs twice", File: "runtime/engine/flow.go",
		Old: "if !m.crosses(p, m.scope(p), p.Node, Behind) {", New: "if !m.crosses(p, m.scope(p), p.Node, Behind) || !m.crosses(p, m.scope(p), p.Node, Behind) {"},
	{Name: "variables of a round are lost at its next node", File: "runtime/engine/machine.go", Old: "Home: p.Home, Vars: p.Vars}", New: "Home: p.Home}"},
}

// TestPrograms_FindPlantedBugs builds the compiler and the engine anew with one bug at a time, and compares programs until
// one behaves otherwise. Without -mutants it sees to it that each bug has its place.
func TestPrograms_FindPlantedBugs(t *testing.T) {
	mutant.Killed(t, *mutants, planted, "-run TestCompiled_Behaves -programs=1", func(path string) []string { return []string{overlay + "=" + path} },
		"-run=TestCompiled_BehavesAsItsFunction", "-programs=1000", "-size=14", "-kills=2")
}

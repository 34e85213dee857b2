package flow

import (
	"fmt"
	"go/ast"
	"go/token"

	"github.com/wfegen/wfe/internal/analysis/diag"
)

// What keeps a function from being compiled. What would behave differently is found by Hazards.

func (c *compiler) report(d diag.Diagnostic) { c.host.Report(d) }

// spot is where something stands, as far as that is on one line.
type spot struct{ pos, end token.Position }

func (c *compiler) span(n ast.Node) spot {
	p := spot{c.host.Fset.PositionFor(n.Pos(), false), c.host.Fset.PositionFor(n.End(), false)}
	if p.pos.Line != p.end.Line {
		p.end = token.Position{}
	}
	return p
}

// cannot notes that a statement cannot be compiled, which Hazards has said, or the Go compiler does.
func (b *block) cannot(s ast.Stmt) {
	b.ok = false
	b.report(statementForm(b.span(s)))
}

func statementForm(at spot) diag.Diagnostic {
	return diag.Diagnostic{Code: diag.NotCompiled, Pos: at.pos, End: at.end, Level: diag.Error,
		Message: "wfegen cannot compile this statement",
		Hints:   []string{"let one call of wfe stand per statement, by itself or on the right of an assignment"}}
}

func caseUnnamed(at spot, name string) diag.Diagnostic {
	return diag.Diagnostic{Code: diag.CaseUnnamed, Pos: at.pos, End: at.end, Level: diag.Error,
		Message: "this case needs a name: each case of a switch with calls of wfe has one, which is a part of ids",
		Hints:   []string{"write //wfe:id " + name + " above the case"}}
}

func rangesOver(at spot, typ string) diag.Diagnostic {
	return diag.Diagnostic{Code: diag.RangeOrder, Pos: at.pos, End: at.end, Level: diag.Error,
		Message: fmt.Sprintf("a loop with calls of wfe in it cannot range over a value of type %s", typ),
		Hints:   []string{"range over a slice: of sorted keys for a map, []rune(s) for a string"}}
}

func literalNeeded(at spot) diag.Diagnostic {
	return diag.Diagnostic{Code: diag.NotWritten, Pos: at.pos, End: at.end, Level: diag.Error,
		Message: "wfegen has to see the function that is given here",
		Hints:   []string{"write it as a function literal: func() { ... }"}}
}

func notConstant(at spot, what string) diag.Diagnostic {
	return diag.Diagnostic{Code: diag.SettingVaries, Pos: at.pos, End: at.end, Level: diag.Error,
		Message: fmt.Sprintf("%s differs from instance to instance, and this is part of the definition", what),
		Hints:   []string{"use a constant"}}
}

func unknownOption(at spot) diag.Diagnostic {
	return diag.Diagnostic{Code: diag.NotWritten, Pos: at.pos, End: at.end, Level: diag.Error,
		Message: "wfegen does not know this option",
		Hints:   []string{"write the call of the option where it is given: wfe.Name(\"x\"), wfe.OnError(...), wfe.Limit(10)"}}
}

func cancelsBlock(at spot) diag.Diagnostic {
	return diag.Diagnostic{Code: diag.NotCompiled, Pos: at.pos, End: at.end, Level: diag.Error,
		Message: "a condition that cancels what stands in an if, a switch, a loop or a helper has to say where the flow goes on",
		Hints:   []string{"add wfe.Proceed(): then it goes on behind the call"}}
}

func mayHaveNone(at spot) diag.Diagnostic {
	return diag.Diagnostic{Code: diag.NotCompiled, Pos: at.pos, End: at.end, Level: diag.Error,
		Message: "where this call is cancelled it has no result, and what is assigned here would keep its value",
		Hints:   []string{"give the result to a new variable, x := ..., which is zero then, and assign that"}}
}

package analysis_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/internal/analysis"
	"github.com/wfegen/wfe/internal/analysis/casetest"
	"github.com/wfegen/wfe/internal/analysis/diag"
	"github.com/wfegen/wfe/internal/analysis/load"
	"github.com/wfegen/wfe/internal/analysis/model"
)

// analyze runs the case that TestRecheck tests share.
func analyze(t *testing.T) (*analysis.Result, string) {
	t.Helper()
	for _, c := range casetest.Read(t, cases, "recheck") {
		dir := c.Module(t)
		r, err := analysis.Analyze(t.Context(), load.Config{Dir: dir, Patterns: c.Patterns(), Env: casetest.Env()})
		require.NoError(t, err)
		require.Empty(t, text(t, dir, r.Diagnostics, false))
		require.False(t, r.Blocked())
		return r, dir
	}
	panic("unreachable")
}

func generated(dir, src string) map[string]load.Generated {
	return map[string]load.Generated{"example.com/shop/order": {
		Name: filepath.Join(dir, "order", "wfe_gen.go"), Src: []byte(load.Header + "\n\npackage order\n\n" + src),
	}}
}

const builder = `import wfe "github.com/wfegen/wfe/runtime"

type OrderBuilder struct{ wfe.Block[Order, *OrderBuilder] }

func (b *OrderBuilder) Ship() *OrderBuilder { return b }
`

func TestTheSecondCheckSeesWhatIsGenerated(t *testing.T) {
	t.Parallel()
	r, dir := analyze(t)
	require.Empty(t, text(t, dir, r.Recheck(generated(dir, builder+"type Steps struct{}\n")), false))
	require.Empty(t, text(t, dir, r.Recheck(generated(dir, builder+"type Steps struct{}\n")), false), "a second time")
}

func TestErrorsOfTheUserDoNotBlock(t *testing.T) {
	t.Parallel()
	r, dir := analyze(t)
	ds := r.Recheck(generated(dir, builder))
	require.Equal(t, "app/app.go:10:13: undefined: order.Steps\n", text(t, dir, ds, false))
	worst, ok := diag.Worst(ds)
	require.True(t, ok)
	require.Equal(t, diag.Compile, worst)
}

func TestErrorsOfGeneratedCodeAreOurs(t *testing.T) {
	t.Parallel()
	r, dir := analyze(t)
	for _, src := range []string{builder + "type Steps undefined\n", builder + "type Steps struct{}\nfunc {\n"} {
		ds := r.Recheck(generated(dir, src))
		require.Contains(t, text(t, dir, ds, false), "order/wfe_gen.go")
		require.Contains(t, text(t, dir, ds, false), "[WFE9001]")
		worst, _ := diag.Worst(ds)
		require.Equal(t, diag.Error, worst)
	}
}

func TestWithoutDirectivesThereIsNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "go.mod"), "module example.com/m\n")
	writeFile(t, filepath.Join(dir, "m.go"), "package m\n")
	r, err := analysis.Analyze(t.Context(), load.Config{Dir: dir})
	require.NoError(t, err)
	require.Empty(t, r.Packages)
	require.Empty(t, r.Diagnostics)
	require.Empty(t, r.Recheck(nil))
}

func TestAModuleWithoutTheRuntimeIsToldSo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "go.mod"), "module example.com/m\n")
	writeFile(t, filepath.Join(dir, "m.go"), "package m\n\n//wfe:data\ntype D struct{}\n")
	_, err := analysis.Analyze(t.Context(), load.Config{Dir: dir, Env: casetest.Env()})
	require.ErrorContains(t, err, "go get github.com/wfegen/wfe")
}

func TestAModuleThatIsNotTidyIsToldSo(t *testing.T) {
	t.Parallel()
	dir, root := t.TempDir(), repository(t)
	writeFile(t, filepath.Join(dir, "go.mod"), "module example.com/m\n\ngo 1.26\n\nrequire github.com/wfegen/wfe v0.0.0\n\nreplace github.com/wfegen/wfe => "+root+"\n")
	writeFile(t, filepath.Join(dir, "m.go"), "package m\n\n//wfe:data\ntype D struct{}\n")
	_, err := analysis.Analyze(t.Context(), load.Config{Dir: dir, Env: append(casetest.Env(), "GOFLAGS=")})
	require.ErrorContains(t, err, "go mod tidy")
	require.NotContains(t, err.Error(), "go get")
}

func repository(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	return root
}

func TestTheHashOfANodeFollowsItsCodeAndNothingElse(t *testing.T) {
	t.Parallel()
	hashes := func(src string) (x, y string) {
		dir := (&casetest.Case{}).Module(t)
		writeFile(t, filepath.Join(dir, "order.go"), src)
		r, err := analysis.Analyze(t.Context(), load.Config{Dir: dir, Env: casetest.Env()})
		require.NoError(t, err)
		require.Empty(t, text(t, dir, r.Diagnostics, false))
		nodes := workflow(t, r.Packages).Graph.Definition.Nodes
		require.Len(t, nodes, 4)
		require.Empty(t, nodes[3].Code, "it has no code")
		return nodes[0].Code, nodes[1].Code
	}
	const head = "package order\n\nimport (\n\t\"time\"\n\n\twfe \"github.com/wfegen/wfe/runtime\"\n)\n\nvar _ wfe.Result\n\n//wfe:data\ntype Order struct{ N int }\n\n"
	const flow = "//wfe:workflow\nfunc Go(b *OrderBuilder) {\n\tb.If(\"x\", func(o *Order) bool { return o.large() }, " +
		"func(b *OrderBuilder) { b.Set(\"y\", func(o *Order) { o.N++ }) })\n\tb.Saga(\"z\", func(b *OrderBuilder) { b.Delay(\"d\", time.Second) })\n}\n\n"
	const rest = "func (o *Order) large() bool { return o.N > limit }\n\nconst limit = 10\n\nfunc other() int { return 1 }\n"
	wantX, wantY := hashes(head + flow + rest)
	require.Len(t, wantX, 16)
	for name, c := range map[string]struct {
		src  string
		x, y bool // differ
	}{
		"comments":                 {head + "// Go goes.\n//\n" + replace(flow, "return o.large()", "/* yes */ return o.large()") + rest, false, false},
		"order of declarations":    {head + rest + flow, false, false},
		"line breaks":              {head + replace(flow, "{ o.N++ })", "{\n\to.N++\n}, )") + rest, false, false},
		"a function not called":    {head + flow + replace(rest, "return 1", "return 2"), false, false},
		"the id of its node":       {head + replace(flow, `"x"`, `"w"`) + rest, false, false},
		"the closure":              {head + replace(flow, "o.N++", "o.N--") + rest, false, true},
		"a method it calls":        {head + flow + replace(rest, "o.N >", "o.N <"), true, false},
		"a constant that one uses": {head + flow + replace(rest, "= 10", "= 11"), true, false},
		"a setting":                {head + replace(flow, "time.Second", "time.Hour") + rest, false, false},
		"a policy":                 {head + replace(flow, "b.Saga(\"z\", func(b *OrderBuilder) { b.Delay(\"d\", time.Second) })", "b.Saga(\"z\", func(b *OrderBuilder) { b.Delay(\"d\", time.Second) }).OnError(wfe.RetryPolicy{})") + rest, false, false},
	} {
		x, y := hashes(c.src)
		require.Equal(t, c.x, wantX != x, name)
		require.Equal(t, c.y, wantY != y, name)
	}
}

func workflow(t *testing.T, pkgs []*model.Package) *model.Workflow {
	t.Helper()
	require.Len(t, pkgs, 1)
	require.Len(t, pkgs[0].Workflows, 1)
	return pkgs[0].Workflows[0]
}

package gen

import (
	"fmt"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/internal/analysis"
	"github.com/wfegen/wfe/internal/analysis/diag"
	"github.com/wfegen/wfe/internal/analysis/load"
	"github.com/wfegen/wfe/internal/analysis/model"
)

// writable are the hostile texts that can stand in a Go file: half of them, as a whole run takes its time.
func writable() []string {
	var out []string
	for i, text := range hostile() {
		if i%2 == 0 && !strings.ContainsAny(text, "\x00\ufeff") && !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return out
}

// TestHostileSourceBecomesNoCode generates one package in which every doc comment, tag, name of a node and outcome is
// hostile, in a file of a hostile name and a module of a strange path. The output declares what a harmless package of the
// same size does, gofmt leaves it alone, and go vet has nothing to say of it.
func TestHostileSourceBecomesNoCode(t *testing.T) {
	t.Parallel()
	texts := writable()
	require.Greater(t, len(texts), 150)
	dir := module(t)
	mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	require.NoError(t, err)
	writeFile(t, filepath.Join(dir, "go.mod"), strings.Replace(string(mod), "module example.com", "module example.com/go~type_.func-/v2", 1))
	writeFile(t, filepath.Join(dir, "hostile", "x; func init() { panic(`x`) } *\"$x'.go"), hostileSource(texts))
	harmless := make([]string, len(texts))
	for i := range harmless {
		harmless[i] = fmt.Sprint("text", i)
	}
	writeFile(t, filepath.Join(dir, "harmless", "p.go"), hostileSource(harmless))

	r, err := Generate(t.Context(), Config{Dir: dir, Patterns: []string{"./..."}, Env: environment()})
	require.NoError(t, err)
	for _, d := range r.Diagnostics {
		require.Equal(t, diag.Warning, d.Level, "%s: %s", d.Pos, d.Message)
	}
	require.Len(t, r.Changes, 2)
	output := func(pkg string) []byte {
		src, err := os.ReadFile(filepath.Join(dir, pkg, FileName))
		require.NoError(t, err)
		formatted, err := format.Source(src)
		require.NoError(t, err)
		require.Equal(t, string(formatted), string(src), "gofmt would change it")
		return src
	}
	require.Equal(t, declared(t, output("harmless")), declared(t, output("hostile")))
	entries, err := os.ReadDir(filepath.Join(dir, "hostile"))
	require.NoError(t, err)
	require.Len(t, entries, 2)

	vet := exec.CommandContext(t.Context(), "go", "vet", "./hostile")
	vet.Dir, vet.Env = dir, environment()
	out, err := vet.CombinedOutput()
	require.Error(t, err, "there is enough to say about what the user wrote")
	require.NotContains(t, string(out), FileName)
}

// hostileSource is a package with data, steps, events and workflows that have texts wherever texts may be.
func hostileSource(texts []string) string {
	var b, calls strings.Builder
	b.WriteString("package p\n\nimport (\n\t\"context\"\n\n\twfe \"github.com/wfegen/wfe/runtime\"\n)\n\n//wfe:data\ntype Order struct {\n\tID string\n")
	for i, text := range texts {
		fmt.Fprintf(&b, "\tF%d struct{ X int %s } %s\n", i, strconv.Quote("json:"+strconv.Quote(text)), strconv.Quote(fmt.Sprintf("json:%q xml:%q", text+fmt.Sprint(i), text)))
	}
	b.WriteString("}\n")
	for i, text := range texts {
		doc := docLines(text)
		fmt.Fprintf(&b, "\n%s\n//\n//wfe:step\ntype Step%d struct{ ID string }\n\n%[1]s\nfunc (*Step%[2]d) Run(context.Context) error { return nil }\n", doc, i)
		fmt.Fprintf(&b, "\n%s\n//wfe:event\ntype Event%d struct{ ID string }\n", docBlock(text), i)
		id := strings.ReplaceAll(text, "/", "|") + fmt.Sprint(i)
		fmt.Fprintf(&calls, "\tb.Step%d().Name(%s).When(%s, func(b *OrderBuilder) {})\n", i, strconv.Quote(id), strconv.Quote("x"+id))
		fmt.Fprintf(&calls, "\twfe.Await(b, %s, func(o *Order) string { return %s }, func(o *Order, e *Event%d) {})\n", strconv.Quote("await"+id), strconv.Quote(text), i)
	}
	fmt.Fprintf(&b, "\n%s\n//\n//wfe:workflow\nfunc Deliver(b *OrderBuilder) {\n%s}\n", docLines(strings.Join(texts, "\n")), calls.String())
	return b.String()
}

// docLines is a doc comment of lines.
func docLines(text string) string {
	var b strings.Builder
	b.WriteString("// Doc.")
	for line := range strings.SplitSeq(text, "\n") {
		b.WriteString("\n// " + line)
	}
	return b.String()
}

// docBlock is a doc comment in one piece.
func docBlock(text string) string {
	return "/*\nDoc.\n" + strings.ReplaceAll(text, "*/", "* /") + "\n*/"
}

// TestNoNameOfTheUsersBreaksTheOutput declares data, steps, fields, events and workflows under names that generated code
// uses itself, or that are easily taken for another: what is not a finding compiles.
func TestNoNameOfTheUsersBreaksTheOutput(t *testing.T) {
	t.Parallel()
	p := newPlace(t, "package p\n\nimport (\n\t\"context\"\n\t\"time\"\n\n\twfe \"github.com/wfegen/wfe/runtime\"\n)\n\n//wfe:data\ntype Order struct{ ID string }\n\nvar (\n\t_ context.Context\n\t_ time.Time\n\t_ wfe.Result\n)\n")
	first, err := analysis.Analyze(t.Context(), load.Config{Dir: p.dir, Patterns: []string{"./p"}, Env: environment()})
	require.NoError(t, err)
	clean := 0
	for _, name := range strange() {
		for where, source := range map[string]string{
			"data":     "//wfe:data\ntype NAME struct{ ID string; Items []Item }\n\ntype Item struct{ X int }\n\n//wfe:step\ntype Do struct{ ID string; Out []Item `wfe:\"out\"` }\n\nfunc (*Do) Run(context.Context) error { return nil }\n",
			"field":    "//wfe:data\ntype Data struct{ NAME string; Name2 []int }\n\n//wfe:step\ntype Do struct{ NAME string }\n\nfunc (*Do) Run(context.Context) error { return nil }\n",
			"output":   "//wfe:data\ntype Data struct{ NAME []string }\n\n//wfe:step\ntype Do struct{ NAME []string `wfe:\"out\"` }\n\nfunc (*Do) Run(context.Context) error { return nil }\n",
			"element":  "//wfe:data\ntype Data struct{ Items []NAME; By map[NAME]NAME }\n\ntype NAME string\n",
			"struct":   "//wfe:data\ntype Data struct{ Items []NAME; One *NAME }\n\ntype NAME struct{ X, Y int }\n",
			"embedded": "//wfe:data\ntype Data struct{ NAME; ID string }\n\ntype NAME struct{ X, Y int }\n",
			"step":     "//wfe:data\ntype Data struct{ ID string }\n\n//wfe:step\ntype NAME struct{ ID string }\n\nfunc (*NAME) Run(context.Context) error { return nil }\n",
			"inject":   "//wfe:data\ntype Data struct{ ID string }\n\n//wfe:step\ntype Do struct{ NAME func() `wfe:\"inject\"`; ID string }\n\nfunc (*Do) Run(context.Context) error { return nil }\n",
			"injected": "type NAME interface{ Do() }\n\n//wfe:step\ntype Do struct{ dep NAME `wfe:\"inject\"`; ID string }\n\nfunc (*Do) Run(context.Context) error { return nil }\n",
			"event":    "//wfe:event\ntype NAME struct{ ID string }\n",
			"workflow": "//wfe:data\ntype Data struct{ ID string }\n\n//wfe:workflow\nfunc NAME(b *DataBuilder) { b.End() }\n",
			"constant": "//wfe:data\ntype Data struct{ ID string; On bool; N []float64; Next *Data }\n\nconst NAME = 1\n",
			"package":  "//wfe:data\ntype Data struct{ ID string; At time.Time }\n",
		} {
			pkg := "p"
			if where == "package" {
				pkg = name
			}
			src := "package " + pkg + "\n\nimport (\n\t\"context\"\n\t\"time\"\n)\n\nvar _ context.Context\nvar _ time.Time\n\n" + strings.ReplaceAll(source, "NAME", name)
			result, err := first.With(p.path("p.go"), []byte(src))
			require.NoError(t, err, "%s %s", where, name)
			for _, d := range result.Diagnostics {
				require.True(t, d.Pos.IsValid(), "%s %s: %s", where, name, d.Message)
			}
			if result.Blocked() {
				continue
			}
			clean++
			r := &Report{generated: map[string][]byte{}}
			require.NoError(t, r.emit(result), "%s %s", where, name)
			for _, d := range r.Diagnostics {
				require.NotEqual(t, diag.BadOutput, d.Code, "%s %s: %s: %s\n%s", where, name, d.Pos, d.Message, r.generated[p.path(FileName)])
			}
		}
	}
	require.Greater(t, clean, 500)
}

// strange are names that a package may declare.
func strange() []string {
	return []string{
		"any", "bool", "byte", "error", "string", "int", "int64", "uint8", "float64", "uintptr", "rune", "comparable", "append", "len",
		"cap", "make", "new", "nil", "true", "false", "iota", "panic", "min", "max", "clear", "delete", "copy", "print", "recover",
		"v", "b", "d", "i", "s", "f", "h", "c", "e", "err", "data", "step", "name", "done", "body", "opts", "item", "own", "ctx", "key",
		"set", "value", "id", "wfe", "codec", "json", "context_", "time_", "Steps", "NewSteps", "Register", "Order", "OrderBuilder",
		"OrderStep", "Data", "DataBuilder", "DataStep", "newDataBuilder", "codecData", "appendData", "decodeData", "memberData",
		"codecDo", "StartDo", "GetDo", "DoRef", "PublishData", "dataEvent", "Run", "Undo", "Name", "If", "Else", "End", "Saga", "Block",
		"Out", "When", "OnError", "Compensate", "Base", "String", "MarshalJSON", "Оrder", "Ordеr", "Дата", "データ", "ǅ", "ſ", "K",
		"Ａ", "ª", "_x", "__", "x_", "X_", "a1", "init_", "main", "Main", "types", "Type", "Func", "Interface", "Codec", "New", "Ref",
	}
}

// TestHostileValuesOfDirectivesAreFindings gives hostile texts to keys that take names, identifiers and numbers.
func TestHostileValuesOfDirectivesAreFindings(t *testing.T) {
	t.Parallel()
	p := newPlace(t, marked)
	first, err := analysis.Analyze(t.Context(), load.Config{Dir: p.dir, Patterns: []string{"./p"}, Env: environment()})
	require.NoError(t, err)
	for _, key := range []string{"name", "method", "retry"} {
		for _, text := range writable() {
			if strings.ContainsAny(text, "\n\r") {
				text = strings.NewReplacer("\n", `\n`, "\r", `\r`).Replace(text) // it would be another line
			}
			for _, value := range []string{strconv.Quote(text), "`" + text + "`", text} {
				if key == "method" && value == text && strings.Trim(text, "x ") == "" {
					continue // a method of that name
				}
				src := "package p\n\nimport \"context\"\n\n//wfe:data\ntype Order struct{ ID string }\n\n//wfe:step " + key + "=" + value +
					"\ntype Ship struct{ ID string }\n\nfunc (*Ship) Run(context.Context) error { return nil }\n"
				result, err := first.With(p.path("p.go"), []byte(src))
				require.NoError(t, err)
				require.True(t, result.Blocked(), "%s", src)
				require.NotEmpty(t, result.Diagnostics)
			}
		}
	}
}

// TestCodeThatDoesNotCompileIsShownAsItWouldBeWritten spoils what was read, as a mistake of wfegen would.
func TestCodeThatDoesNotCompileIsShownAsItWouldBeWritten(t *testing.T) {
	t.Parallel()
	p := newPlace(t, "package p\n\nimport \"context\"\n\n//wfe:step\ntype Ship struct{ ID string }\n\nfunc (*Ship) Run(context.Context) error { return nil }\n")
	result, err := analysis.Analyze(t.Context(), load.Config{Dir: p.dir, Patterns: []string{"./p"}, Env: environment()})
	require.NoError(t, err)
	result.Packages[0].Steps[0].Run = model.RunSteers
	r := &Report{generated: map[string][]byte{}}
	require.NoError(t, r.emit(result))
	require.True(t, r.Internal())
	src, err := r.Source(p.path(FileName))
	require.NoError(t, err)
	for _, d := range r.Diagnostics {
		line := strings.Split(string(src), "\n")[d.Pos.Line-1]
		require.Regexp(t, `^\(\*Ship\)\.Run,$`, line[d.Pos.Column-1:], d.Message)
	}
}

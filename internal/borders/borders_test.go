// Package borders holds the test that keeps imports running the way
// ARCHITECTURE.md draws them.
package borders

import (
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/wfegen/wfe/"

// allowed says what each package may import besides the standard library:
// packages of this module by their folder, others by their whole path. A trailing
// /... means what is below, too. What is not listed may import nothing.
var allowed = map[string][]string{
	"runtime/codec":      {},
	"runtime/definition": {"github.com/netresearch/go-cron"},
	"runtime/instance":   {"runtime/codec"},
	"runtime/primitives": {"runtime/definition", "runtime/instance"},
	"runtime/engine":     {"runtime/definition", "runtime/instance", "runtime/primitives"},

	"runtime/store":           {"runtime/instance"},
	"runtime/store/storetest": {"runtime/instance", "runtime/store", "github.com/stretchr/testify/..."},
	"runtime/store/memory":    {"runtime/instance", "runtime/store"},
	"runtime/store/sqlite":    {"runtime/instance", "runtime/internal/filelock", "runtime/store", "github.com/mattn/go-sqlite3"},

	"runtime/internal/host": {"runtime/definition", "runtime/instance", "runtime/engine", "runtime/store", "runtime/internal/tracing", "golang.org/x/time/rate"},
	"runtime": {"runtime/codec", "runtime/definition", "runtime/instance", "runtime/engine", "runtime/store",
		"runtime/internal/direct", "runtime/internal/host", "runtime/internal/poll", "runtime/internal/probe", "runtime/internal/secret", "runtime/internal/tracing",
		"go.opentelemetry.io/otel/trace"},
	"runtime/internal/direct":   {"runtime/definition", "runtime/instance", "runtime/engine", "runtime/internal/host", "runtime/internal/poll", "runtime/internal/probe"},
	"runtime/internal/probe":    {"runtime/internal/poll"},
	"runtime/wfetest":           {"runtime", "runtime/codec", "runtime/instance", "runtime/internal/direct", "runtime/internal/probe", "runtime/store", "runtime/store/memory", "internal/source"},
	"runtime/internal/secret":   {},
	"runtime/internal/tracing":  {"go.opentelemetry.io/otel/trace"},
	"runtime/internal/poll":     {},
	"runtime/internal/filelock": {},
	"runtime/artifact": {"runtime", "runtime/internal/filelock", "oras.land/oras-go/v2/...", "github.com/opencontainers/image-spec/...", "github.com/opencontainers/go-digest",
		"github.com/klauspost/compress/zstd"},

	"internal/reference": {},
	"internal/programs":  {},
	"internal/mutant":    {"github.com/stretchr/testify/..."},
	"internal/source":    {},

	"internal/analysis/model":     {"runtime/definition"},
	"internal/analysis/diag":      analysis,
	"internal/analysis/directive": analysis,
	"internal/analysis/load":      analysis,
	"internal/analysis/extract":   analysis,
	"internal/analysis/flow":      analysis,
	"internal/analysis/check":     analysis,
	"internal/analysis/examples":  analysis,
	"internal/analysis/explain":   analysis,
	"internal/analysis/graph":     analysis,
	"internal/analysis":           analysis,
	"internal/analysis/casetest":  {"internal/analysis/...", "golang.org/x/tools/txtar", "github.com/stretchr/testify/..."},
	"gen":                         {"internal/analysis/...", "gen/templates", "github.com/dave/jennifer/jen"},
	"gen/templates":               {},
	"internal/analysis/lint":      analysis,
	"cmd/wfelint":                 {"internal/analysis/lint", "golang.org/x/tools/go/analysis/multichecker"},
	"cmd/wfegen":                  {"gen", "gen/templates", "internal/analysis/...", "github.com/alecthomas/kong", "github.com/rogpeppe/go-internal/diff"},

	"examples/order/pipeline": {"runtime", "runtime/codec"},
	"examples/guide":          {"runtime", "runtime/codec"},
	"examples/order/outside":  {"examples/order/pipeline"},
	"examples/order":          {"examples/order/...", "runtime", "runtime/store/sqlite"},
}

var analysis = []string{"internal/analysis/...", "internal/source", "runtime/definition", "golang.org/x/tools/..."}

func TestImportsRunOneWay(t *testing.T) {
	t.Parallel()
	for _, line := range list(t, "{{.ImportPath}} {{join .Imports \" \"}}", "../../...") {
		fields := strings.Fields(line)
		pkg := strings.TrimPrefix(fields[0], module)
		if testOnly(pkg) {
			continue
		}
		rules, known := allowed[pkg]
		require.True(t, known, "package %s is not in the table: say there what it may import", pkg)
		for _, imp := range fields[1:] {
			if std(imp) {
				continue
			}
			imp = strings.TrimPrefix(imp, module)
			require.True(t, slices.ContainsFunc(rules, func(rule string) bool { return matches(rule, imp) }),
				"%s may not import %s", pkg, imp)
		}
	}
}

func TestPrimitivesAndEngineDoNoIO(t *testing.T) {
	t.Parallel()
	for _, dep := range list(t, "{{.ImportPath}}", "-deps", module+"runtime/engine") {
		require.NotContains(t, []string{"net", "net/http", "database/sql", "os/exec"}, dep)
	}
}

// otelwfe is a module of its own. Who uses it has the API of OpenTelemetry alone, and
// chooses an SDK.
func TestTheTelemetryModuleNeedsNoSDK(t *testing.T) {
	t.Parallel()
	rules := []string{"runtime", "runtime/store", "go.opentelemetry.io/otel", "go.opentelemetry.io/otel/attribute", "go.opentelemetry.io/otel/codes",
		"go.opentelemetry.io/otel/metric", "go.opentelemetry.io/otel/trace", "go.opentelemetry.io/otel/trace/noop"}
	for _, imp := range listIn(t, "../../otelwfe", "{{join .Imports \"\\n\"}}", ".") {
		require.True(t, std(imp) || slices.Contains(rules, strings.TrimPrefix(imp, module)), "otelwfe may not import %s", imp)
	}
	for _, dep := range listIn(t, "../../otelwfe", "{{.ImportPath}}", "-deps", ".") {
		require.NotContains(t, dep, "otel/sdk")
		require.NotContains(t, dep, "sqlite")
	}
}

// An application that wants no telemetry has of OpenTelemetry only what names a span.
func TestTheRuntimeHasOpenTelemetrysTraceAPIAlone(t *testing.T) {
	t.Parallel()
	for _, dep := range list(t, "{{.ImportPath}}", "-deps", module+"examples/order") {
		if rest, ok := strings.CutPrefix(dep, "go.opentelemetry.io/otel"); ok {
			require.NotContains(t, rest, "sdk")
			require.NotContains(t, rest, "exporter")
			require.NotContains(t, rest, "metric")
		}
		for _, heavy := range []string{"google.golang.org", "prometheus"} {
			require.NotContains(t, dep, heavy)
		}
	}
}

func TestAWorkflowPackageNeedsNoStoreAndNoRegistry(t *testing.T) {
	t.Parallel()
	for _, dep := range list(t, "{{.ImportPath}}", "-deps", module+"examples/order/pipeline") {
		require.NotContains(t, dep, "sqlite")
		require.NotContains(t, dep, "oras.land")
		require.NotContains(t, dep, "klauspost")
	}
}

func TestAnApplicationContainsNoGenerator(t *testing.T) {
	t.Parallel()
	for _, dep := range list(t, "{{.ImportPath}}", "-deps", module+"examples/order") {
		for _, generator := range []string{"golang.org/x/tools", "jennifer", "kong", module + "gen", module + "internal/analysis", "testify"} {
			require.NotContains(t, dep, generator)
		}
	}
}

// testOnly reports whether a package is there for tests alone.
func testOnly(pkg string) bool {
	return pkg == "internal/borders" || pkg == "internal/docs" || strings.HasPrefix(pkg, "gen/codeczoo") || strings.HasPrefix(pkg, "gen/flowzoo")
}

func matches(rule, imp string) bool {
	if below, ok := strings.CutSuffix(rule, "/..."); ok {
		return imp == below || strings.HasPrefix(imp, below+"/")
	}
	return imp == rule
}

func std(imp string) bool { return !strings.Contains(strings.Split(imp, "/")[0], ".") || imp == "C" }

// list runs go list and returns its lines.
func list(t *testing.T, format string, args ...string) []string {
	t.Helper()
	return listIn(t, ".", format, args...)
}

// listIn does so in a folder.
func listIn(t *testing.T, dir, format string, args ...string) []string {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-f", format}, args...)...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

func TestMatches(t *testing.T) {
	t.Parallel()
	require.True(t, matches("gen/...", path.Join("gen", "x")))
	require.False(t, matches("gen", "gen/x"))
	require.False(t, matches("gen/...", "generic"))
}

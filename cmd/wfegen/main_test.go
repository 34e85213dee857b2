package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// update accepts what comes out in place of what is wanted: go test ./cmd/wfegen -update.
var update = flag.Bool("update", false, "accept what comes out")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"wfegen": func() { os.Exit(run(os.Args[1:])) }})
}

// TestScripts runs testdata/*.txtar. Each script has a module example.com/shop that uses the runtime and the tool of this
// module; nothing is downloaded.
func TestScripts(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       *update,
		Setup:               func(env *testscript.Env) error { return setup(env, root) },
		Cmds:                map[string]func(ts *testscript.TestScript, neg bool, args []string){"exits": exits},
	})
}

func setup(env *testscript.Env, root string) error {
	for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOROOT", "GOPATH"} {
		if value, err := goEnv(name); err == nil {
			env.Setenv(name, value)
		}
	}
	for name, value := range map[string]string{"GOFLAGS": "-mod=mod", "GOPROXY": "off", "GOSUMDB": "off", "GOWORK": "off", "GOTOOLCHAIN": "local"} {
		env.Setenv(name, value)
	}
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(env.WorkDir, "go.sum"), sums, 0o644); err != nil {
		return err
	}
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return err
	}
	_, required, _ := strings.Cut(string(mod), "\nrequire ")
	return os.WriteFile(filepath.Join(env.WorkDir, "go.mod"), fmt.Appendf(nil,
		"module example.com/shop\n\ngo 1.26\n\ntool github.com/wfegen/wfe/cmd/wfegen\n\nrequire github.com/wfegen/wfe v0.0.0\n\n"+
			"require %s\nreplace github.com/wfegen/wfe => %s\n", required, root), 0o644)
}

// goEnv asks the go command for one of its settings: the scripts have a home of their own, but share its caches.
func goEnv(name string) (string, error) {
	out, err := exec.Command("go", "env", name).Output()
	return strings.TrimSpace(string(out)), err
}

// exits runs a command that has to end with a code: exits 2 wfegen ./nowhere
func exits(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	if !errors.As(err, &exit) || fmt.Sprint(exit.ExitCode()) != args[0] {
		ts.Fatalf("%v: want exit code %s, got %v", args[1:], args[0], err)
	}
}

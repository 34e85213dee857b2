package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

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
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits": exits, "await": await, "interrupt": interrupt, "killed": killed,
		},
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
	env.Setenv("WFE", root)
	env.Setenv("NO_COLOR", "1")
	env.Setenv("XDG_CACHE_HOME", filepath.Join(env.WorkDir, ".cache"))
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

// patience is how long something may take that only a fault keeps from happening: much longer than on a machine that is
// busy with other things.
const patience = 3 * time.Minute

// await waits until a file matches a pattern: await order/wfe_gen.go 'func .*Ship'. A file that goes is awaited by ! await.
func await(ts *testscript.TestScript, neg bool, args []string) {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		text, err := os.ReadFile(ts.MkAbs(args[0]))
		if match := err == nil && regexp.MustCompile(args[1]).Match(text); match != neg {
			return
		}
	}
	ts.Fatalf("%s: waited in vain for %s", args[0], args[1])
}

// interrupt ends a command in the background as Ctrl-C does, and waits for it.
func interrupt(ts *testscript.TestScript, _ bool, _ []string) {
	for _, cmd := range ts.BackgroundCmds() {
		ts.Check(cmd.Process.Signal(os.Interrupt))
	}
}

// killed runs a command and kills it as soon as its output has a line: killed LINE command... Its output becomes the file
// "killed".
func killed(ts *testscript.TestScript, _ bool, args []string) {
	cmd := exec.Command(ts.MkAbs(args[1]), args[2:]...)
	cmd.Dir = ts.MkAbs(".")
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	var seen strings.Builder
	for lines := bufio.NewScanner(out); lines.Scan(); {
		fmt.Fprintln(&seen, lines.Text())
		if lines.Text() == args[0] {
			break
		}
	}
	ts.Check(cmd.Process.Kill())
	_ = cmd.Wait() // it was killed
	ts.Check(os.WriteFile(ts.MkAbs("killed"), []byte(seen.String()), 0o644))
}

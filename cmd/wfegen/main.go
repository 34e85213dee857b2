// Command wfegen generates the typed half of durable workflows.
//
//	wfegen [packages]         generate; without packages, that of the working directory
//	wfegen check [packages]   say what is wrong and whether generated code is up to date; write nothing
//	wfegen diff [packages]    show what generating would change; write nothing
//	wfegen watch [packages]   generate again whenever the code changes
//	wfegen explain CODE|TYPE  what a finding means, with examples; how a type is saved and wired
//	wfegen show WORKFLOW      what a workflow function builds, as a list, a drawing or JSON; nothing of it is run
//	wfegen directives         the directives with their arguments
//	wfegen init [folder]      a first workflow, in a new module or in a new package of the module that is there
//
// It is run through the module's tool line:
//
//	//go:generate go tool wfegen .
//
// Exit code 0: clean. 1: there are findings (warnings count with -strict only), or check or diff found generated code that
// is not up to date. 2: wfegen could not work or refused to, and touched nothing.
package main

import (
	"context"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/wfegen/wfe/gen"
)

// cli is the command line, as kong reads it.
type cli struct {
	Version  kong.VersionFlag `short:"v" help:"Print the version."`
	Format   string           `enum:"text,json,github" default:"text" help:"How findings are written: text, json (one document on stdout), github (commands of GitHub Actions)."`
	Strict   bool             `help:"Let warnings count for the exit code."`
	NoCache  bool             `help:"Look at everything, also where an earlier run with the same files found nothing to do."`
	Hermetic bool             `help:"Download nothing and use no settings but those of the module: GOTOOLCHAIN=local, GOPROXY=off, GOENV=off, no GOFLAGS."`

	Generate   packages    `cmd:"" default:"withargs" help:"Bring generated code up to date. This is what wfegen does without a command."`
	Check      packages    `cmd:"" help:"Report findings and whether generated code is up to date. Writes nothing."`
	Diff       packages    `cmd:"" help:"Show what generating would change, as a unified diff. Writes nothing."`
	Watch      packages    `cmd:"" help:"Generate, and again whenever the code of the module changes, until interrupted."`
	Explain    explainArgs `cmd:"" help:"Say what the code of a finding means, with examples, or how a type is saved and wired."`
	Show       showArgs    `cmd:"" help:"Show what a workflow function builds, as it is read: nothing of it is run."`
	Directives directives  `cmd:"" help:"List the directives with their arguments."`
	Init       start       `cmd:"" help:"Make a first workflow, in a new module or in a new package of the module that is there."`
}

type packages struct {
	Packages []string `arg:"" optional:"" help:"Packages as the go command takes them: ., ./..., ./dir, an import path of the module. Default: the one of the working directory."`
}

func main() {
	debug.SetGCPercent(200) // a run is short, and memory not collected in it saves a tenth of its time
	os.Exit(run(os.Args[1:]))
}

func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	out := newReporter()
	var c cli
	parser, err := kong.New(&c,
		kong.Name("wfegen"),
		kong.Description("Generates the typed half of durable workflows from //wfe: directives."),
		kong.Vars{"version": version()},
	)
	if err != nil {
		return out.refused(err)
	}
	command, err := parser.Parse(doubleDashes(args))
	if err != nil {
		return out.misused(err)
	}
	out.format, out.strict = c.Format, c.Strict
	switch command.Selected().Name {
	case "check":
		return check(ctx, c.config(c.Check), out)
	case "diff":
		return diffs(ctx, c.config(c.Diff), out)
	case "watch":
		return watch(ctx, c.config(c.Watch), out)
	case "explain":
		return c.Explain.run(ctx, c.config(packages{c.Explain.Packages}), out)
	case "show":
		return c.Show.run(ctx, c.config(packages{c.Show.Packages}), out)
	case "directives":
		return c.Directives.run(out)
	case "init":
		return c.Init.run(ctx, c.config(packages{}), out)
	}
	report, err := gen.Generate(ctx, c.config(c.Generate))
	if err != nil {
		return out.refused(err)
	}
	return out.generated(report)
}

func check(ctx context.Context, c gen.Config, out *reporter) int {
	report, err := gen.Check(ctx, c)
	if err != nil {
		return out.refused(err)
	}
	return out.checked(report, c.Patterns)
}

// doubleDashes lets long flags be written with one dash too, as the go command has them.
func doubleDashes(args []string) []string {
	var out []string
	for i, arg := range args {
		if arg == "--" {
			return append(out, args[i:]...)
		}
		if len(arg) > 2 && arg[0] == '-' && arg[1] != '-' {
			arg = "-" + arg
		}
		out = append(out, arg)
	}
	return out
}

func (c cli) config(p packages) gen.Config {
	config := gen.Config{Patterns: p.Packages}
	if dir, err := os.UserCacheDir(); err == nil && !c.NoCache {
		config.Cache = filepath.Join(dir, "wfegen")
	}
	if c.Hermetic {
		config.Env = hermetic(os.Environ())
	}
	return config
}

// hermetic is an environment in which the go command downloads nothing and depends on nobody's settings.
func hermetic(env []string) []string {
	set := []string{"GOTOOLCHAIN=local", "GOFLAGS=", "GOPROXY=off", "GOENV=off"}
	var out []string
	for _, e := range env {
		name, _, _ := strings.Cut(e, "=")
		if name != "GOTOOLCHAIN" && name != "GOFLAGS" && name != "GOPROXY" && name != "GOENV" {
			out = append(out, e)
		}
	}
	return append(out, set...)
}

// version is that of the module that this command was built from.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "unknown"
}

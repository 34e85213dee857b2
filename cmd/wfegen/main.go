// Command wfegen generates the typed half of durable workflows.
//
//	wfegen [packages]        generate; without packages, that of the working directory
//	wfegen check [packages]  say what is wrong and whether generated code is up to date; write nothing
//
// It is run through the module's tool line:
//
//	//go:generate go tool wfegen .
//
// Exit code 0: clean. 1: there are findings, or check found generated code that is not up to date. 2: wfegen could not
// work or refused to, and touched nothing.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"

	"github.com/alecthomas/kong"

	"github.com/wfegen/wfe/gen"
)

// cli is the command line, as kong reads it.
type cli struct {
	Version kong.VersionFlag `short:"v" help:"Print the version."`

	Generate packages `cmd:"" default:"withargs" help:"Bring generated code up to date. This is what wfegen does without a command."`
	Check    packages `cmd:"" help:"Report findings and whether generated code is up to date. Writes nothing."`
}

type packages struct {
	Packages []string `arg:"" optional:"" help:"Packages as the go command takes them: ., ./..., ./dir, an import path of the module. Default: the one of the working directory."`
}

func main() { os.Exit(run(os.Args[1:])) }

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
	command, err := parser.Parse(args)
	if err != nil {
		return out.misused(err)
	}
	if command.Selected().Name == "check" {
		report, err := gen.Check(ctx, gen.Config{Patterns: c.Check.Packages})
		if err != nil {
			return out.refused(err)
		}
		return out.checked(report, c.Check.Packages)
	}
	report, err := gen.Generate(ctx, gen.Config{Patterns: c.Generate.Packages})
	if err != nil {
		return out.refused(err)
	}
	return out.generated(report)
}

// version is that of the module that this command was built from.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "unknown"
}

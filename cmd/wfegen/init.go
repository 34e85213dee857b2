package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/wfegen/wfe/gen"
	"github.com/wfegen/wfe/gen/templates"
)

const module = "github.com/wfegen/wfe"

// start makes a first workflow.
type start struct {
	Folder  string `arg:"" optional:"" help:"Where: for a new module its folder, default the working directory; in a module the folder of the package, default countdown."`
	Module  string `help:"Path of the new module. Default: example.com/ and the name of the folder."`
	Replace string `type:"existingdir" help:"Use the runtime and the generator of this folder, instead of those of a release."`
}

func (s start) run(ctx context.Context, c gen.Config, out *reporter) int {
	dir := filepath.Join(out.dir, s.Folder)
	if filepath.IsAbs(s.Folder) {
		dir = s.Folder
	}
	p := &project{ctx: ctx, env: c.Env, replace: s.Replace}
	defer p.undo()
	var err error
	if root, missing := moduleRoot(out.dir); missing != nil {
		err = p.module(dir, cmp.Or(s.Module, "example.com/"+element(filepath.Base(dir))))
	} else if s.Module != "" {
		err = fmt.Errorf("wfe: %s is in a module already; run wfegen init without -module to add a package to it", out.dir)
	} else {
		if s.Folder == "" {
			dir = filepath.Join(out.dir, "countdown")
		}
		err = p.pkg(root, dir)
	}
	if err != nil {
		return out.refused(err)
	}
	report, err := gen.Generate(ctx, gen.Config{Dir: p.root, Patterns: []string{p.folder}, Env: c.Env})
	if err != nil {
		return out.refused(err)
	}
	if code := out.code(report); code != exitClean {
		out.found(report)
		return code
	}
	for _, name := range p.made {
		if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
			fmt.Println("wrote", out.name(name))
		}
	}
	for _, change := range report.Changes {
		fmt.Println("wrote", out.name(change.Path))
	}
	p.made = nil // it stays
	fmt.Print("\n" + p.next(out.name(p.root)))
	return exitClean
}

// project is what init makes. What it has made goes again unless all of it could be.
type project struct {
	ctx     context.Context
	env     []string
	replace string

	root   string   // of the module
	folder string   // of the package, as a pattern in the module: ./countdown
	made   []string // files and folders, in order
	isNew  bool
}

func (p *project) undo() {
	for _, name := range slices.Backward(p.made) {
		_ = os.Remove(name) // a folder that has got something else stays
	}
}

// module makes a module with a command and a package.
func (p *project) module(dir, path string) error {
	p.root, p.folder, p.isNew = dir, "./countdown", true
	mod := "module " + path + "\n\ngo 1.26\n"
	if p.replace != "" {
		replace, err := filepath.Abs(p.replace)
		if err != nil {
			return fmt.Errorf("wfe: %w", err)
		}
		mod += "\nrequire " + module + " v0.0.0\n\nreplace " + module + " => " + quoted(replace) + "\n\ntool " + module + "/cmd/wfegen\n"
	}
	files := []file{
		{"go.mod", mod},
		{"main.go", strings.ReplaceAll(templates.InitMain, "example.com/hello", path)},
		{"countdown/countdown.go", templates.InitCountdown},
	}
	for _, f := range files {
		if err := p.file(filepath.Join(dir, filepath.FromSlash(f.name)), f.text); err != nil {
			return err
		}
	}
	p.made = append(p.made, filepath.Join(dir, "go.sum"))
	defer func() {
		if _, err := os.Stat(filepath.Join(dir, "go.sum")); err != nil {
			p.made = p.made[:len(p.made)-1]
		}
	}()
	if p.replace != "" {
		return p.command("mod", "tidy")
	}
	return p.get("runtime", "runtime/store/sqlite")
}

type file struct{ name, text string }

// pkg adds to a package of a module, which may be there already.
func (p *project) pkg(root, dir string) error {
	rel, err := filepath.Rel(root, dir)
	if err != nil || !filepath.IsLocal(rel) {
		return fmt.Errorf("wfe: %s is outside of the module in %s", dir, root)
	}
	p.root, p.folder = root, "./"+filepath.ToSlash(rel)
	name, err := packageAt(dir)
	if err != nil {
		return err
	}
	text := strings.Replace(templates.InitCountdown, "\npackage countdown\n", "\npackage "+name+"\n", 1)
	text = strings.Replace(text, "// Package countdown counts", "// This file counts", 1)
	if name == "countdown" {
		text = templates.InitCountdown
	} else {
		_, text, _ = strings.Cut(text, "\n") // the package has a comment, or will
	}
	if err := p.file(filepath.Join(dir, "countdown.go"), text); err != nil {
		return err
	}
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return fmt.Errorf("wfe: %w", err)
	}
	if regexp.MustCompile(`(?m)^(require|tool)?\s*` + regexp.QuoteMeta(module) + `\b`).Match(mod) {
		return nil
	}
	if p.replace != "" {
		return fmt.Errorf("wfe: -replace is for a new module; here write into %s: replace %s => %s, then run go get %s/runtime", filepath.Join(root, "go.mod"), module, p.replace, module)
	}
	return p.get("runtime")
}

// packageAt is the name of the package in a folder: its own, else that of the folder. It must not declare what is added.
func packageAt(dir string) (string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return "", fmt.Errorf("wfe: %w", err)
	}
	name := strings.ReplaceAll(element(filepath.Base(dir)), "-", "")
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), f, nil, parser.SkipObjectResolution)
		if err != nil {
			return "", fmt.Errorf("wfe: %w", err)
		}
		name = parsed.Name.Name
		if taken := declares(parsed, "Countdown", "Say", "LiftOff", "Launch"); taken != "" {
			return "", fmt.Errorf("wfe: %s declares %s already; say another folder: wfegen init ./FOLDER", f, taken)
		}
	}
	if name == "main" {
		return "", fmt.Errorf("wfe: %s is package main; a workflow lives in a package that others can import: wfegen init ./countdown", dir)
	}
	return name, nil
}

// declares returns the first of the names that a file declares.
func declares(f *ast.File, names ...string) string {
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil && slices.Contains(names, d.Name.Name) {
				return d.Name.Name
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				if t, ok := s.(*ast.TypeSpec); ok && slices.Contains(names, t.Name.Name) {
					return t.Name.Name
				}
			}
		}
	}
	return ""
}

// file writes a file that is not there yet, and the folders above it.
func (p *project) file(name, text string) error {
	var missing []string
	for dir := filepath.Dir(name); ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(dir); err == nil || dir == filepath.Dir(dir) {
			break
		}
		missing = append(missing, dir)
	}
	for _, dir := range slices.Backward(missing) {
		if err := os.Mkdir(dir, 0o755); err != nil {
			return fmt.Errorf("wfe: %w", err)
		}
		p.made = append(p.made, dir)
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("wfe: %s is there already, and is left alone; run wfegen init in another folder", name)
	}
	if err != nil {
		return fmt.Errorf("wfe: %w", err)
	}
	p.made = append(p.made, name)
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("wfe: %w", err)
	}
	return nil
}

// get adds packages of a release, and the generator as a tool, to the module.
func (p *project) get(packages ...string) error {
	paths := []string{"get"}
	for _, name := range packages {
		paths = append(paths, path.Join(module, name)+"@"+release())
	}
	for _, args := range [][]string{paths, {"get", "-tool", path.Join(module, "cmd/wfegen") + "@" + release()}} {
		if err := p.command(args...); err != nil {
			return fmt.Errorf("%w\nhint: where no release can be had, use a folder that has the module: %s", err, p.withReplace())
		}
	}
	return nil
}

// withReplace says how to do without a release.
func (p *project) withReplace() string {
	if p.isNew {
		return "wfegen init -replace=FOLDER"
	}
	return "go mod edit -replace=" + module + "=FOLDER -require=" + module + "@v0.0.0 -tool=" + module + "/cmd/wfegen, go mod tidy, then wfegen init"
}

// command runs the go command in the module.
func (p *project) command(args ...string) error {
	cmd := exec.CommandContext(p.ctx, "go", args...)
	cmd.Dir, cmd.Env = p.root, p.env
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("wfe: go %s: %w\n%s", strings.Join(args, " "), err, strings.TrimSpace(string(out)))
	}
	return nil
}

// release is the version of the module to get: that of this command, if it was built from one.
func release() string {
	if v := version(); strings.HasPrefix(v, "v") && !strings.Contains(v, "+") {
		return v
	}
	return "latest"
}

// next says what one can do now.
func (p *project) next(root string) string {
	if !p.isNew {
		return "next: register the workflow with a host, as in https://pkg.go.dev/" + module + "/runtime: Register(host, NewSteps())\n" +
			"      after a change: go generate " + p.folder + "\n      in CI: go tool wfegen check ./...\n"
	}
	cd := ""
	if root != "." {
		cd = "cd " + root + " && "
	}
	return "next: " + cd + "go run .\n" +
		"      kill it with kill -9 in the middle and run it again: it goes on where it was\n" +
		"      after a change: go generate ./...\n      in CI: go tool wfegen check ./...\n"
}

// element is a name as an element of an import path.
func element(name string) string {
	name = regexp.MustCompile(`[^a-z0-9-]+`).ReplaceAllString(strings.ToLower(name), "")
	if name = strings.Trim(name, "-"); name == "" || name[0] >= '0' && name[0] <= '9' {
		return "hello" + name
	}
	return name
}

// quoted is a path as go.mod has it.
func quoted(path string) string {
	if strings.ContainsAny(path, " \t\"`'") {
		return fmt.Sprintf("%q", path)
	}
	return path
}

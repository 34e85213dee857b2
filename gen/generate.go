package gen

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/wfegen/wfe/internal/analysis"
	"github.com/wfegen/wfe/internal/analysis/diag"
	"github.com/wfegen/wfe/internal/analysis/load"
	"github.com/wfegen/wfe/internal/analysis/model"
)

// FileName is what the generated file of a package is called.
const FileName = load.FileName

// Config says what to generate.
type Config struct {
	Dir      string   // working directory; empty is the process's own
	Patterns []string // as the go command takes them; none is "."
	Env      []string // environment of the go command; nil is the process's own
	Cache    string   // folder in which Generate remembers that there was nothing to do; empty is none
}

// Report is what came of it.
type Report struct {
	Diagnostics []diag.Diagnostic // in order
	Changes     []Change          // files written or removed, for Check those that would be; by path
	Packages    int               // how many of the packages matched have something marked
	Missing     []string          // generated files that those need and that are not there: of packages that they import

	generated map[string][]byte
}

// Failed reports whether there is a finding that is more than a warning; with strict, whether there is one at all.
func (r *Report) Failed(strict bool) bool {
	worst, ok := diag.Worst(r.Diagnostics)
	return ok && (strict || worst < diag.Warning)
}

// Internal reports whether generated code does not compile, which is a mistake of wfegen.
func (r *Report) Internal() bool { return faulty(r.Diagnostics) }

func faulty(found []diag.Diagnostic) bool {
	return slices.ContainsFunc(found, func(d diag.Diagnostic) bool { return d.Code == diag.BadOutput })
}

// Source returns the contents of a file that a finding is in, which need not be on disk.
func (r *Report) Source(file string) ([]byte, error) {
	if src, ok := r.generated[file]; ok {
		return src, nil
	}
	return os.ReadFile(file)
}

// Generate brings the generated files of the packages up to date. It returns an error when it could not work, or refused
// to; then nothing was touched. Findings are in the report, and if there is one that blocks, nothing was touched either.
func Generate(ctx context.Context, c Config) (*Report, error) {
	cache, began := newCache(c), time.Now()
	if r, ok := cache.read(); ok {
		return r, nil
	}
	r, result, err := check(ctx, c)
	if err != nil {
		return nil, err
	}
	e := cache.prepare(r, result, began)
	if err := write(r.Changes); err != nil {
		return r, err
	}
	cache.write(e)
	return r, nil
}

// Check does what Generate does, but for writing. It remembers nothing.
func Check(ctx context.Context, c Config) (*Report, error) {
	r, _, err := check(ctx, c)
	return r, err
}

func check(ctx context.Context, c Config) (*Report, *analysis.Result, error) {
	result, err := analysis.Analyze(ctx, load.Config{Dir: c.Dir, Patterns: c.Patterns, Env: c.Env})
	if err != nil {
		return nil, nil, err
	}
	r := &Report{Diagnostics: result.Diagnostics, generated: map[string][]byte{}}
	for _, pkg := range result.Packages {
		if pkg.Requested {
			r.Packages++
			if err := replaceable(output(pkg)); err != nil {
				return nil, nil, err
			}
		}
	}
	if result.Blocked() {
		return r, result, nil
	}
	if len(result.Packages) > 0 {
		if err := fits(result); err != nil {
			return nil, nil, err
		}
	}
	if err := r.emit(result); err != nil {
		return nil, nil, err
	}
	if r.Internal() {
		return r, result, nil
	}
	if r.Changes, err = plan(result, r.generated); err != nil {
		return nil, nil, err
	}
	r.Missing = missing(result)
	return r, result, nil
}

// emit writes the files in memory and checks all packages with them. The check does not wait for their format.
func (r *Report) emit(result *analysis.Result) error {
	files := map[string]load.Generated{}
	for _, pkg := range result.Packages {
		src, err := render(pkg)
		if err != nil {
			return internal(err)
		}
		files[pkg.Path] = load.Generated{Name: output(pkg), Src: src}
	}
	ready := make(chan error, 1)
	go func() { ready <- r.format(result.Packages, files) }()
	found := result.Recheck(files)
	if err := <-ready; err != nil {
		return internal(err)
	}
	if faulty(found) { // it says where in the files as they are now
		for path, file := range files {
			files[path] = load.Generated{Name: file.Name, Src: r.generated[file.Name]}
		}
		found = result.Recheck(files)
	}
	r.Diagnostics = diag.Sort(append(r.Diagnostics, found...))
	return nil
}

// format formats the files that were generated.
func (r *Report) format(pkgs []*model.Package, files map[string]load.Generated) error {
	for _, pkg := range pkgs {
		src, err := formatted(pkg, files[pkg.Path].Src)
		if err != nil {
			return err
		}
		r.generated[output(pkg)] = src
	}
	return nil
}

// output is the name of the generated file of a package.
func output(pkg *model.Package) string { return filepath.Join(pkg.Dir, FileName) }

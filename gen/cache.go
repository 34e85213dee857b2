package gen

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/wfegen/wfe/internal/analysis"
	"github.com/wfegen/wfe/internal/analysis/load"
)

// cache remembers that there was nothing to do. An entry says which folders a run depended on and what their files, and
// everything else that a result can depend on, came to: the generator itself, the Go command and its settings, go.mod,
// go.sum and go.work. While that is the same the result is. What comes from the module cache or from Go's own library is
// covered by those. A run that has anything to say is not remembered.
type cache struct {
	file string // of the entry for this folder and these patterns
	c    Config
	dir  string // working directory, real
}

// entry is what is stored.
type entry struct {
	Packages int      // Report.Packages
	Dirs     []string // folders of packages outside of the module cache that the result depends on
	Sum      string   // of all
}

// newCache returns the cache for a run, nil when there is none.
func newCache(c Config) *cache {
	if c.Cache == "" {
		return nil
	}
	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return nil
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return nil
	}
	name := sha256.Sum256(fmt.Appendf(nil, "%q %q", dir, c.Patterns))
	return &cache{filepath.Join(c.Cache, hex.EncodeToString(name[:16])+".json"), c, dir}
}

// read returns the report of a run that has nothing to do; ok is false when that is not known.
func (k *cache) read() (r *Report, ok bool) {
	if k == nil {
		return nil, false
	}
	text, err := os.ReadFile(k.file)
	if err != nil {
		return nil, false
	}
	var e entry
	if json.Unmarshal(text, &e) != nil {
		return nil, false
	}
	if sum, err := k.sum(e.Dirs, nil); err != nil || sum != e.Sum {
		return nil, false
	}
	return &Report{Packages: e.Packages}, true
}

// prepare returns what to remember of a run that began at a time, once its changes are made: nil when it leaves something
// to say, or when a file may have changed meanwhile. It is called before anything is written, when no time of a file or
// folder is of our making.
func (k *cache) prepare(r *Report, result *analysis.Result, began time.Time) *entry {
	if k == nil || len(r.Diagnostics)+len(r.Missing) > 0 {
		return nil
	}
	e := &entry{Packages: r.Packages, Dirs: result.Dirs()}
	changes := map[string]Change{}
	for _, c := range r.Changes {
		changes[c.Path] = c
	}
	var err error
	if e.Sum, err = k.sum(e.Dirs, changes); err != nil || k.touched(e.Dirs, began) {
		return nil // in this order: what changes after it was looked at is seen here, or by the next run
	}
	return e
}

// write remembers a run. What keeps it from storing is no error: the next run takes longer, that is all.
func (k *cache) write(e *entry) {
	if e == nil {
		return
	}
	text, err := json.Marshal(e)
	if err != nil || os.MkdirAll(filepath.Dir(k.file), 0o755) != nil {
		return
	}
	f, err := os.CreateTemp(filepath.Dir(k.file), "entry-*")
	if err != nil {
		return
	}
	_, err = f.Write(text)
	if f.Close() != nil || err != nil || os.Rename(f.Name(), k.file) != nil {
		_ = os.Remove(f.Name()) // it is in nobody's way
	}
}

// touched reports whether a file, or what files there are, may have changed since a time.
func (k *cache) touched(dirs []string, since time.Time) bool {
	since = since.Add(-100 * time.Millisecond) // clocks of file systems are coarse
	late := func(name string) bool {
		info, err := os.Stat(name)
		return err != nil || info.ModTime().After(since)
	}
	places, err := k.places(dirs)
	if err != nil {
		return true
	}
	for _, dir := range places {
		names, err := files(dir)
		if err != nil || late(dir) || slices.ContainsFunc(names, late) {
			return true
		}
	}
	return false
}

// places are the folders that matter: those that the patterns match, and those given; sorted.
func (k *cache) places(dirs []string) ([]string, error) {
	matched, err := load.Match(k.dir, k.c.Patterns)
	if err != nil {
		return nil, err
	}
	all := slices.Concat(matched, dirs)
	slices.Sort(all)
	return slices.Compact(all), nil
}

// files are the files of a folder, by name: any may be named by a directive of Go's.
func files(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		name := filepath.Join(dir, e.Name())
		if e.Type().IsRegular() && matters(e.Name()) {
			out = append(out, name)
		} else if e.Type()&fs.ModeSymlink != 0 {
			if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() && matters(e.Name()) {
				out = append(out, name)
			}
		}
	}
	return out, nil
}

// matters reports whether the Go command builds a package from a file of this name.
func matters(name string) bool {
	switch filepath.Ext(name) {
	case ".go", ".c", ".cc", ".cpp", ".cxx", ".m", ".h", ".hh", ".hpp", ".hxx", ".f", ".F", ".for", ".f90", ".s", ".S", ".sx", ".swig", ".swigcxx", ".syso":
		return true
	}
	return name == "go.mod" || name == "go.sum" || name == "modules.txt"
}

// sum is the hash of all that a result depends on, as it is when some changes are made.
func (k *cache) sum(dirs []string, changes map[string]Change) (string, error) {
	s := summer{h: sha256.New()}
	s.self()
	s.environment(k.c.Env, k.dir)
	s.above(k.dir)
	places, err := k.places(dirs)
	if err != nil {
		return "", err
	}
	for _, dir := range places {
		s.text("dir", dir)
		s.boundaries(dir)
		names, err := files(dir)
		if err != nil {
			return "", err
		}
		for name := range changes {
			if filepath.Dir(name) == dir {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		for _, name := range slices.Compact(names) {
			c, changed := changes[name]
			switch {
			case !changed:
				s.file(name)
			case !c.Remove:
				s.contents(name, 0, c.New)
			}
		}
	}
	if s.err != nil {
		return "", s.err
	}
	return hex.EncodeToString(s.h.Sum(nil)), nil
}

// summer adds things to a hash, each with its length, so that no two lists of things come to the same.
type summer struct {
	h   hash.Hash
	err error
}

func (s *summer) text(texts ...string) {
	for _, t := range texts {
		fmt.Fprintf(s.h, "%d:%s\n", len(t), t)
	}
}

// file adds a file that has to be there.
func (s *summer) file(name string) {
	info, err := os.Lstat(name)
	if err != nil {
		s.err = err
		return
	}
	text, err := os.ReadFile(name)
	if err != nil {
		s.err = err
		return
	}
	s.contents(name, info.Mode().Type(), text)
}

func (s *summer) contents(name string, mode fs.FileMode, text []byte) {
	s.text("file", name, mode.String(), string(text))
}

// perhaps adds a file, or that there is none.
func (s *summer) perhaps(name string) {
	if _, err := os.Stat(name); err != nil {
		s.text("none", name)
		return
	}
	s.file(name)
}

// self adds the generator.
func (s *summer) self() {
	name, err := os.Executable()
	if err != nil {
		s.err = err
		return
	}
	f, err := os.Open(name)
	if err != nil {
		s.err = err
		return
	}
	defer f.Close()
	if _, err := io.Copy(s.h, f); err != nil {
		s.err = err
	}
}

// environment adds the Go command and what it looks at in the environment.
func (s *summer) environment(env []string, dir string) {
	if env == nil {
		env = os.Environ()
	}
	env = slices.Clone(env)
	slices.Sort(env)
	for _, e := range env {
		name, value, _ := strings.Cut(e, "=")
		switch {
		case strings.HasPrefix(name, "GO"), strings.HasPrefix(name, "CGO_"), strings.HasPrefix(name, "PKG_CONFIG"):
		case name == "CC", name == "CXX", name == "AR", name == "FC", name == "PATH", name == "HOME", name == "XDG_CONFIG_HOME":
		default:
			continue
		}
		s.text("env", e)
		if name == "GOFLAGS" {
			s.flags(value)
		}
		if name == "GOPACKAGESDRIVER" && value != "" && value != "off" {
			s.err = errUnknown
		}
		if name == "GOENV" || name == "GOWORK" {
			s.perhaps(value)
		}
	}
	if config, err := os.UserConfigDir(); err == nil {
		s.perhaps(filepath.Join(config, "go", "env"))
		if settings, err := os.ReadFile(filepath.Join(config, "go", "env")); err == nil {
			s.flags(string(settings))
		}
	}
	command, err := exec.LookPath("go")
	if err != nil {
		s.err = err
		return
	}
	if command, err = filepath.EvalSymlinks(command); err != nil {
		s.err = err
		return
	}
	info, err := os.Stat(command)
	if err != nil {
		s.err = err
		return
	}
	s.text("go", command, fmt.Sprint(info.Size(), info.ModTime().UnixNano()), dir)
	s.perhaps(filepath.Join(filepath.Dir(filepath.Dir(command)), "VERSION"))
}

// errUnknown means that a result may depend on something that is not looked at.
var errUnknown = errors.New("gen: settings of the go command that are not followed")

// flags looks for those that name a file which replaces others.
func (s *summer) flags(text string) {
	for _, flag := range []string{"-modfile", "-overlay", "-toolexec", "-pkgdir"} {
		if strings.Contains(text, flag) {
			s.err = errUnknown
		}
	}
}

// above adds the files of the Go command above the working directory.
func (s *summer) above(dir string) {
	for ; ; dir = filepath.Dir(dir) {
		for _, name := range []string{"go.mod", "go.sum", "go.work", "go.work.sum", filepath.Join("vendor", "modules.txt")} {
			s.perhaps(filepath.Join(dir, name))
		}
		if dir == filepath.Dir(dir) {
			return
		}
	}
}

// boundaries adds which of the folders above a package begin a module.
func (s *summer) boundaries(dir string) {
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			s.text("module", dir)
			s.file(filepath.Join(dir, "go.mod"))
			s.perhaps(filepath.Join(dir, "go.sum"))
			return
		}
	}
}

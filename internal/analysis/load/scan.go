package load

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/wfegen/wfe/internal/analysis/directive"
)

// scan is what the directories matched by the patterns hold.
type scan struct {
	root   string            // directory of the module
	module string            // its path
	hits   map[string]*found // by directory
	ours   []string          // files that wfegen wrote, sorted
}

// found are the files of one directory that have a comment which is a directive, or might be meant as one.
type found struct {
	files, tests []string
}

func (f *found) any() bool { return len(f.files)+len(f.tests) > 0 }

// directories returns those with hits, sorted.
func (s *scan) directories() []string {
	var dirs []string
	for dir, f := range s.hits {
		if f.any() {
			dirs = append(dirs, dir)
		}
	}
	slices.Sort(dirs)
	return dirs
}

func scanPatterns(dir string, patterns []string) (*scan, error) {
	root, module, err := moduleOf(dir)
	if err != nil {
		return nil, err
	}
	s := &scan{root: root, module: module, hits: map[string]*found{}}
	if len(patterns) == 0 {
		patterns = []string{"."}
	}
	for _, pattern := range patterns {
		top, deep, err := s.resolve(dir, pattern)
		if err != nil {
			return nil, err
		}
		if deep {
			err = s.tree(top)
		} else {
			err = s.directory(top)
		}
		if err != nil {
			return nil, fmt.Errorf("wfe: reading %s: %w", pattern, err)
		}
	}
	slices.Sort(s.ours)
	s.ours = slices.Compact(s.ours)
	return s, nil
}

// Match returns the directories that patterns match, sorted; none is that of the working directory.
func Match(dir string, patterns []string) ([]string, error) {
	s, err := scanPatterns(dir, patterns)
	if err != nil {
		return nil, err
	}
	return slices.Sorted(maps.Keys(s.hits)), nil
}

// resolve turns a pattern into a directory, and whether those below it are meant too.
func (s *scan) resolve(dir, pattern string) (top string, deep bool, err error) {
	rest, deep := strings.CutSuffix(pattern, "...")
	if deep && rest != "" && !strings.HasSuffix(rest, "/") || strings.Contains(rest, "...") {
		return "", false, fmt.Errorf("wfe: pattern %q: ... can only be the last element of a pattern", pattern)
	}
	rest = strings.TrimSuffix(rest, "/")
	local := rest == "." || rest == ".." || strings.HasPrefix(rest, "./") || strings.HasPrefix(rest, "../")
	switch {
	case filepath.IsAbs(rest):
		top = filepath.Clean(rest)
	case local:
		top = filepath.Join(dir, rest)
	case rest == s.module:
		top = s.root
	case strings.HasPrefix(rest, s.module+"/"):
		top = filepath.Join(s.root, strings.TrimPrefix(rest, s.module+"/"))
	default:
		return "", false, fmt.Errorf("wfe: pattern %q is not in module %s; for a directory write ./%s", pattern, s.module, rest)
	}
	if rel, err := filepath.Rel(s.root, top); err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return "", false, fmt.Errorf("wfe: pattern %q is outside of the module in %s; run wfegen in the module it belongs to", pattern, s.root)
	}
	info, err := os.Stat(top)
	if err != nil {
		return "", false, fmt.Errorf("wfe: pattern %q: %w", pattern, err)
	}
	if !info.IsDir() {
		return "", false, fmt.Errorf("wfe: pattern %q is a file; wfegen takes packages", pattern)
	}
	return top, deep, nil
}

// tree scans top and what is below it, but for what the go command ignores too.
func (s *scan) tree(top string) error {
	return filepath.WalkDir(top, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		if path != top {
			name := entry.Name()
			if name == "testdata" || name == "vendor" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") {
				return filepath.SkipDir
			}
			if _, err := os.Stat(filepath.Join(path, "go.mod")); err == nil {
				return filepath.SkipDir
			}
		}
		return s.directory(path)
	})
}

func (s *scan) directory(dir string) error {
	if s.hits[dir] != nil {
		return nil
	}
	f := &found{}
	s.hits[dir] = f
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		name := entry.Name()
		if entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") {
			continue
		}
		path := filepath.Join(dir, name)
		src, err := os.ReadFile(path)
		switch {
		case err != nil:
			return err
		case IsOurs(path, src):
			s.ours = append(s.ours, path)
		case !HasDirective(src):
		case strings.HasSuffix(name, "_test.go"):
			f.tests = append(f.tests, path)
		default:
			f.files = append(f.files, path)
		}
	}
	return nil
}

// IsOurs reports whether wfegen wrote a file: it has the name, and begins with the header. What a crash left of such a file,
// which may be a piece of the header and zeros, is ours too.
func IsOurs(file string, src []byte) bool {
	if filepath.Base(file) != FileName {
		return false
	}
	rest, ok := bytes.CutPrefix(src, []byte(Header))
	return ok && (len(rest) == 0 || rest[0] == '\n' || rest[0] == '\r' || rest[0] == ' ') ||
		strings.HasPrefix(Header, string(bytes.TrimRight(src, "\x00")))
}

// HasDirective reports whether a file has a comment that is a directive or could be meant as one. It may say yes for a
// file without; never no for one with.
func HasDirective(src []byte) bool {
	for at := 0; ; at++ {
		i := bytes.IndexByte(src[at:], '/')
		if i < 0 || at+i+1 >= len(src) {
			return false
		}
		if at += i; src[at+1] != '/' && src[at+1] != '*' {
			continue
		}
		line := src[at:]
		if end := bytes.IndexByte(line, '\n'); end >= 0 {
			line = line[:end]
		}
		if directive.Looks(string(line)) {
			return true
		}
	}
}

// moduleOf finds the module that dir is in.
func moduleOf(dir string) (root, path string, err error) {
	for root = dir; ; root = filepath.Dir(root) {
		src, err := os.ReadFile(filepath.Join(root, "go.mod"))
		if err == nil {
			m := regexp.MustCompile(`(?m)^\s*module\s+["` + "`" + `]?([^\s"` + "`" + `]+)`).FindSubmatch(src)
			if m == nil {
				return "", "", fmt.Errorf("wfe: %s names no module", filepath.Join(root, "go.mod"))
			}
			return root, string(m[1]), nil
		}
		if root == filepath.Dir(root) {
			if _, err := os.Stat(filepath.Join(dir, "go.work")); err == nil {
				return "", "", fmt.Errorf("wfe: %s is a workspace, and not in a Go module; run wfegen in each module that its go.work names", dir)
			}
			return "", "", fmt.Errorf("wfe: %s is not in a Go module; run wfegen where there is a go.mod, or make one with go mod init", dir)
		}
	}
}

package gen

import (
	"bytes"
	"cmp"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/wfegen/wfe/internal/analysis"
	"github.com/wfegen/wfe/internal/analysis/load"
)

// Change is a file that is not as it should be.
type Change struct {
	Path   string // absolute
	Remove bool   // nothing is marked any more in its package
	Old    []byte // what is there; nil when there is no file
	New    []byte // what it is to be; nil when it is to be removed

	mode fs.FileMode // of the file that is there
}

// plan compares the files of the packages that were asked for with what is on disk.
func plan(result *analysis.Result, generated map[string][]byte) ([]Change, error) {
	wanted := map[string][]byte{}
	for _, pkg := range result.Packages {
		if pkg.Requested {
			wanted[output(pkg)] = generated[output(pkg)]
		}
	}
	var changes []Change
	for _, file := range slices.Sorted(maps.Keys(wanted)) {
		old, mode, err := read(file)
		if err != nil {
			return nil, err
		}
		if mode == 0 || !same(old, wanted[file]) {
			changes = append(changes, Change{Path: file, Old: old, New: wanted[file], mode: mode})
		}
	}
	for _, file := range result.Ours {
		if _, ok := wanted[file]; ok {
			continue
		}
		orphan, err := orphaned(file)
		if err != nil {
			return nil, err
		}
		if !orphan {
			continue
		}
		old, _, err := read(file)
		if err != nil {
			return nil, err
		}
		changes = append(changes, Change{Path: file, Remove: true, Old: old})
	}
	slices.SortFunc(changes, func(a, b Change) int { return cmp.Compare(a.Path, b.Path) })
	return changes, nil
}

// missing returns the generated files that are not there, of packages that were not asked for but are imported.
func missing(result *analysis.Result) []string {
	var files []string
	for _, pkg := range result.Packages {
		if _, err := os.Lstat(output(pkg)); !pkg.Requested && errors.Is(err, fs.ErrNotExist) {
			files = append(files, output(pkg))
		}
	}
	slices.Sort(files)
	return files
}

// same reports whether a file needs no writing. Git may have given its lines the ends that are usual on Windows.
func same(old, wanted []byte) bool {
	return bytes.Equal(bytes.ReplaceAll(old, []byte("\r\n"), []byte("\n")), wanted)
}

// read returns a file with its mode, which is 0 if there is none.
func read(file string) ([]byte, fs.FileMode, error) {
	info, err := os.Lstat(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, unwritable(file, err)
	}
	src, err := os.ReadFile(file)
	if err != nil {
		return nil, 0, unwritable(file, err)
	}
	return src, info.Mode().Perm(), nil
}

// replaceable returns an error if a file is not to be written: it is there and not ours, or it is no file of this place.
func replaceable(file string) error {
	dir := filepath.Dir(file)
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return unwritable(file, err)
	}
	if real != dir {
		return throughLink(dir, real)
	}
	info, err := os.Lstat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return unwritable(file, err)
	case info.Mode()&fs.ModeSymlink != 0:
		return notRegular(file, "a symbolic link")
	case !info.Mode().IsRegular():
		return notRegular(file, "no ordinary file")
	}
	src, err := os.ReadFile(file)
	if err != nil {
		return unwritable(file, err)
	}
	if !load.IsOurs(file, src) {
		return notOurs(file)
	}
	f, err := os.OpenFile(file, os.O_WRONLY, 0)
	if err != nil {
		return unwritable(file, err)
	}
	return f.Close()
}

// orphaned reports whether a file that wfegen wrote belongs to nothing any more. Where there is a directive that was not
// read, because a build constraint excludes its file here, it does.
func orphaned(file string) (bool, error) {
	sources, err := os.ReadDir(filepath.Dir(file))
	if err != nil {
		return false, unwritable(file, err)
	}
	for _, source := range sources {
		name := source.Name()
		if source.IsDir() || !strings.HasSuffix(name, ".go") || name == FileName {
			continue
		}
		src, err := os.ReadFile(filepath.Join(filepath.Dir(file), name))
		if err != nil {
			return false, unwritable(file, err)
		}
		if !load.IsOurs(name, src) && load.HasDirective(src) {
			return false, nil
		}
	}
	return true, replaceable(file)
}

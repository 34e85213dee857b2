package artifact

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// index is the index.json of a layout as it was last read or written.
type index struct {
	ocispec.Index
	tags map[string]bool
	file fs.FileInfo // nil before it is there
}

// MaxIndex bounds the index that is read, in bytes: about a million artifacts.
const MaxIndex = 512 << 20

func (x *index) exists() bool { return x.file != nil }

func (x *index) has(tag string) bool { return x.tags[tag] }

// load reads the index if it is not the one that is known.
func (x *index) load(dir string) (changed bool, err error) {
	name := filepath.Join(dir, ocispec.ImageIndexFile)
	st, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		*x = index{}
		return true, nil
	}
	if err != nil {
		return false, err
	}
	if x.file != nil && os.SameFile(st, x.file) && st.Size() == x.file.Size() && st.ModTime().Equal(x.file.ModTime()) {
		return false, nil
	}
	if st.Size() > MaxIndex {
		return false, fmt.Errorf("%s has %d bytes; at most %d are read", ocispec.ImageIndexFile, st.Size(), int64(MaxIndex))
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return false, err
	}
	var read ocispec.Index
	if err := json.Unmarshal(text, &read); err != nil {
		return false, fmt.Errorf("%s: %w", ocispec.ImageIndexFile, err)
	}
	x.set(read, st)
	return true, nil
}

func (x *index) set(to ocispec.Index, file fs.FileInfo) {
	x.Index, x.file, x.tags = to, file, map[string]bool{}
	for i := range to.Manifests {
		if tag := to.Manifests[i].Annotations[ocispec.AnnotationRefName]; tag != "" {
			x.tags[tag] = true
		}
	}
}

// save makes next the index of the layout. The caller has the lock.
func (l *Layout) save(next ocispec.Index) error {
	text, err := json.Marshal(next)
	if err != nil {
		return err
	}
	if err := l.replace(ocispec.ImageIndexFile, text, 0o600); err != nil {
		return fmt.Errorf("writing %s: %w", ocispec.ImageIndexFile, err)
	}
	st, err := os.Stat(filepath.Join(l.dir, ocispec.ImageIndexFile))
	if err != nil {
		return err
	}
	l.index.set(next, st)
	return nil
}

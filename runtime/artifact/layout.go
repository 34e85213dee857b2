package artifact

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	wfe "github.com/wfegen/wfe/runtime"
)

// Layout keeps artifacts in a directory, as an OCI image layout. Any number of
// processes of one machine may use it at the same time. Beside what the format
// asks for there is a folder "ingest", for what is being written and what runs
// unpack.
type Layout struct {
	archiver
	dir    string
	config Config
	temp   *scratch

	mu      sync.Mutex // guards what follows; held with the lock of the index
	index   index
	used    int64 // bytes of all blobs
	writing int64 // bytes that are being written by this process
}

var _ wfe.ArtifactStore = (*Layout)(nil)

// OpenLayout opens the layout in a directory, and makes it if the directory is
// empty or not there. Directories and files are for their owner alone.
func OpenLayout(dir string, c Config) (*Layout, error) {
	c, err := c.withDefaults()
	if err != nil {
		return nil, err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, fmt.Errorf("artifact: %w", err)
	}
	l := &Layout{archiver: archiver{c}, dir: dir, config: c, temp: &scratch{root: filepath.Join(dir, "ingest")}}
	if err := l.open(); err != nil {
		return nil, fmt.Errorf("artifact: opening the layout %s: %w", dir, err)
	}
	return l, nil
}

func (l *Layout) open() error {
	if err := l.isLayout(); err != nil {
		return err
	}
	if err := os.MkdirAll(l.blobs(), 0o700); err != nil {
		return err
	}
	if err := syncDir(filepath.Dir(l.blobs())); err != nil {
		return err
	}
	_ = syncDir(filepath.Dir(l.dir)) // which we may not be allowed to read
	return l.locked(func() error {
		version, _ := json.Marshal(ocispec.ImageLayout{Version: ocispec.ImageLayoutVersion})
		if _, err := os.Stat(filepath.Join(l.dir, ocispec.ImageLayoutFile)); errors.Is(err, fs.ErrNotExist) {
			if err := l.replace(ocispec.ImageLayoutFile, version, 0o600); err != nil {
				return err
			}
		}
		if l.index.exists() {
			return nil
		}
		empty := ocispec.Index{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageIndex, Manifests: []ocispec.Descriptor{}}
		return l.save(empty)
	})
}

// isLayout refuses a directory that has something else in it.
func (l *Layout) isLayout() error {
	text, err := os.ReadFile(filepath.Join(l.dir, ocispec.ImageLayoutFile))
	if err == nil {
		var v ocispec.ImageLayout
		if err := json.Unmarshal(text, &v); err != nil {
			return fmt.Errorf("%s: %w", ocispec.ImageLayoutFile, err)
		}
		if v.Version != ocispec.ImageLayoutVersion {
			return fmt.Errorf("it is of version %q; known is %s", v.Version, ocispec.ImageLayoutVersion)
		}
		return nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	entries, err := os.ReadDir(l.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, e := range entries {
		switch e.Name() {
		case "ingest", ocispec.ImageBlobsDir: // a process ended while it made the layout
		case ocispec.ImageLayoutFile, ocispec.ImageIndexFile: // one makes it at this moment
		default:
			return fmt.Errorf("there is no %s in it, but %q; give it a directory of its own", ocispec.ImageLayoutFile, e.Name())
		}
	}
	return nil
}

// Close removes what this process has in "ingest".
func (l *Layout) Close() error { return l.temp.close() }

// TempDir makes an empty directory in "ingest".
func (l *Layout) TempDir() (string, error) { return l.temp.tempDir() }

func (l *Layout) blobs() string { return filepath.Join(l.dir, ocispec.ImageBlobsDir, "sha256") }

func (l *Layout) blob(d digest.Digest) string { return filepath.Join(l.blobs(), d.Encoded()) }

// locked calls f while no other process and no other goroutine changes the index,
// with the index as it is then.
func (l *Layout) locked(f func() error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := os.MkdirAll(l.temp.root, 0o700); err != nil {
		return err
	}
	unlock, err := lockFile(filepath.Join(l.temp.root, ".index"))
	if err != nil {
		return err
	}
	defer unlock()
	changed, err := l.index.load(l.dir)
	if err != nil {
		return err
	}
	if changed { // by another process, or it is the first time
		if l.used, err = size(l.blobs()); err != nil {
			return err
		}
	}
	return f()
}

// size is the sum of the files of a directory.
func size(dir string) (n int64, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		if st, err := e.Info(); err == nil {
			n += st.Size()
		}
	}
	return n, nil
}

// Put keeps what r has.
func (l *Layout) Put(ctx context.Context, a wfe.Artifact, r io.Reader) (wfe.Artifact, error) {
	reserved := int64(0)
	defer func() { l.unreserve(reserved) }()
	f, m, err := l.temp.spool(ctx, r, func(n int) error {
		err := l.reserve(n)
		if err == nil {
			reserved += int64(n)
		}
		return err
	})
	if err != nil {
		return wfe.Artifact{}, err
	}
	name, d := f.Name(), m.digest()
	err = f.Chmod(0o400)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		_ = os.Remove(name)
		return wfe.Artifact{}, err
	}
	a.Digest, a.Size = d.String(), m.n
	if err := l.locked(func() error { return l.keep(ctx, a, d, name) }); err != nil {
		_ = os.Remove(name)
		return wfe.Artifact{}, err
	}
	return a, nil
}

// reserve counts bytes that are about to be written. All that is being written has
// as much room as the quota, apart from what is kept: it may be there already.
func (l *Layout) reserve(n int) error {
	if l.config.Quota == 0 {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.writing+int64(n) > l.config.Quota {
		return fmt.Errorf("%w: more than %d bytes are being written", wfe.ErrArtifactQuota, l.config.Quota)
	}
	l.writing += int64(n)
	return nil
}

func (l *Layout) unreserve(n int64) {
	if l.config.Quota == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.writing -= n
}

// keep makes the file of that name the blob of an artifact, in place of one that
// may be there: that one may be damaged, and its time counts anew. The caller has
// the lock.
func (l *Layout) keep(ctx context.Context, a wfe.Artifact, d digest.Digest, name string) error {
	added := a.Size
	if st, err := os.Stat(l.blob(d)); err == nil {
		added -= st.Size()
	}
	if l.config.Quota > 0 && l.used+added > l.config.Quota {
		return fmt.Errorf("%w: %d of %d bytes are kept, and these are %d; purge instances that refer to artifacts, or raise Config.Quota",
			wfe.ErrArtifactQuota, l.used, l.config.Quota, a.Size)
	}
	now := l.config.now()
	if err := os.Chtimes(name, now, now); err != nil { // it may have been written for hours
		return err
	}
	if err := os.Rename(name, l.blob(d)); err != nil {
		return err
	}
	l.used += added
	if l.index.has(tagOf(d)) {
		return syncDir(l.blobs())
	}
	manifest, err := pack(ctx, pusher{l}, layer(a, d), epoch)
	if err != nil {
		return fmt.Errorf("writing its manifest: %w", err)
	}
	if err := syncDir(l.blobs()); err != nil {
		return err
	}
	manifest.Annotations = map[string]string{ocispec.AnnotationRefName: tagOf(d)}
	next := l.index.Index
	next.Manifests = append(next.Manifests[:len(next.Manifests):len(next.Manifests)], manifest)
	return l.save(next)
}

// Open returns the bytes of an artifact.
func (l *Layout) Open(ctx context.Context, a wfe.Artifact) (io.ReadCloser, error) {
	d, err := parse(a)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(l.blob(d))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s", wfe.ErrArtifactNotFound, d)
	}
	if err != nil {
		return nil, err
	}
	err = verify(ctx, f, a, d)
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// replace writes a file of the layout as a whole, durably: there is the old one or
// the new one at any time. The caller has the lock.
func (l *Layout) replace(name string, text []byte, mode fs.FileMode) error {
	if err := l.write(filepath.Join(l.dir, name), text, mode); err != nil {
		return err
	}
	return syncDir(l.dir)
}

// write is replace, but that the name is not durable yet.
func (l *Layout) write(path string, text []byte, mode fs.FileMode) error {
	f, err := l.temp.tempFile()
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Chmod(mode)
	}
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

package artifact

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/content"

	wfe "github.com/wfegen/wfe/runtime"
)

// storeAnnotation names, in an index or a manifest, the store of instances that the
// artifacts belong to.
const storeAnnotation = "com.github.wfegen.wfe.store"

// claimed is the error for a store of artifacts that has another owner.
func claimed(where, by, wanted string) error {
	return fmt.Errorf("artifact: %s belongs to the store of instances %s, and this one is %s: give each a place of its own, since what one does not refer to is removed", where, by, wanted)
}

// Claim says which store of instances the artifacts belong to.
func (l *Layout) Claim(_ context.Context, store string) error {
	return l.locked(func() error {
		switch by := l.index.Annotations[storeAnnotation]; by {
		case store:
			return nil
		case "":
		default:
			return claimed(l.dir, by, store)
		}
		next := l.index.Index
		next.Annotations = map[string]string{storeAnnotation: store}
		for k, v := range l.index.Annotations {
			next.Annotations[k] = v
		}
		return l.save(next)
	})
}

// Sweep removes artifacts, and blobs that nothing in the layout leads to. What was
// added to the layout by other tools stays.
func (l *Layout) Sweep(ctx context.Context, keep func(digest string) bool) (s wfe.ArtifactSweep, err error) {
	err = l.locked(func() error {
		old := l.config.now().Add(-l.config.Keep)
		var dead []digest.Digest
		next := l.index.Index
		next.Manifests = slices.DeleteFunc(slices.Clone(l.index.Manifests), func(m ocispec.Descriptor) bool {
			d, ours := ofTag(m.Annotations[ocispec.AnnotationRefName])
			if !ours {
				return false
			}
			st, err := os.Stat(l.blob(d))
			gone := errors.Is(err, fs.ErrNotExist)
			if gone || err == nil && st.ModTime().Before(old) && !keep(d.String()) {
				dead = append(dead, d)
				return true
			}
			s.Kept++
			return false
		})
		if len(dead) > 0 { // first the index: what it names is always there
			err := l.save(next)
			if errors.Is(err, syscall.ENOSPC) { // but where there is no room for it; a layout may lack blobs
				s.Bytes += l.removeAll(dead)
				err = l.save(next)
			}
			if err != nil {
				return err
			}
		}
		s.Removed = len(dead)
		live, err := l.reachable(ctx)
		if err != nil {
			return err
		}
		freed, err := l.removeBlobs(old, func(d digest.Digest) bool { return live[d] || keep(d.String()) })
		s.Bytes += freed
		return err
	})
	if err == nil {
		err = l.temp.sweep()
	}
	if err != nil {
		return s, fmt.Errorf("artifact: sweeping %s: %w", l.dir, err)
	}
	return s, nil
}

// removeAll removes blobs, as far as that can be.
func (l *Layout) removeAll(all []digest.Digest) (freed int64) {
	for _, d := range all {
		if st, err := os.Stat(l.blob(d)); err == nil && os.Remove(l.blob(d)) == nil {
			freed += st.Size()
			l.used -= st.Size()
		}
	}
	return freed
}

// removeBlobs removes the blobs that are older than old and not to be kept.
func (l *Layout) removeBlobs(old time.Time, keep func(digest.Digest) bool) (freed int64, err error) {
	entries, err := os.ReadDir(l.blobs())
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		st, err := e.Info()
		if err != nil || !st.ModTime().Before(old) || keep(digest.NewDigestFromEncoded(digest.SHA256, e.Name())) {
			continue
		}
		if err := os.Remove(filepath.Join(l.blobs(), e.Name())); err != nil {
			return freed, err
		}
		freed += st.Size()
		l.used -= st.Size()
	}
	return freed, syncDir(l.blobs())
}

// reachable are the blobs that the index leads to.
func (l *Layout) reachable(ctx context.Context) (map[digest.Digest]bool, error) {
	live := map[digest.Digest]bool{}
	todo := slices.Clone(l.index.Manifests)
	for len(todo) > 0 {
		d := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if live[d.Digest] {
			continue
		}
		live[d.Digest] = true
		next, err := content.Successors(ctx, fetcher{l}, d)
		if errors.Is(err, fs.ErrNotExist) { // a part of it is elsewhere
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("reading what %s holds: %w", d.Digest, err)
		}
		todo = append(todo, next...)
	}
	return live, nil
}

// fetcher reads the blobs of a layout for package content, which compares them with
// their digests.
type fetcher struct{ *Layout }

func (f fetcher) Fetch(_ context.Context, d ocispec.Descriptor) (io.ReadCloser, error) {
	if err := d.Digest.Validate(); err != nil {
		return nil, err
	}
	if d.Digest.Algorithm() != digest.SHA256 {
		return nil, fs.ErrNotExist
	}
	return os.Open(f.blob(d.Digest))
}

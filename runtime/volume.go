package wfe

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Volume is what one run of a body sees of the host's artifacts: it writes them,
// reads them, and mounts them in directories that are removed when the body has
// returned. Take it by VolumeOf, or from the StepContext. It may be used by several
// goroutines, and not after the body has returned.
//
// What it writes is removed some time later if it does not become part of the
// data: a body that runs again, after a failure or a crash, just writes again, and
// equal bytes are kept once.
type Volume struct {
	ctx  context.Context // of the run
	info StepInfo
	all  *artifacts // nil where the host has no store

	mu      sync.Mutex
	dirs    []string
	written []string // digests
}

type volumeKey struct{}

// VolumeOf returns the artifacts of the body that ctx was given to. Elsewhere its
// methods return ErrNoArtifacts.
func VolumeOf(ctx context.Context) *Volume {
	if v, _ := ctx.Value(volumeKey{}).(*Volume); v != nil {
		return v
	}
	return &Volume{ctx: ctx}
}

// Volume returns the artifacts of this run.
func (c StepContext) Volume() *Volume { return VolumeOf(c) }

// Write keeps what r has, to its end, as an artifact of that name. The empty media
// type is application/octet-stream. It needs little memory, however long r is.
func (v *Volume) Write(name, mediaType string, r io.Reader) (Artifact, error) {
	if mediaType == "" {
		mediaType = "application/octet-stream"
	}
	return v.write(Artifact{Name: name, MediaType: mediaType}, r, -1)
}

// WriteFile keeps a file as an artifact, under the last element of its path.
func (v *Volume) WriteFile(path string) (Artifact, error) {
	f, err := os.Open(path)
	if err != nil {
		return Artifact{}, fmt.Errorf("wfe: writing an artifact: %w", err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err == nil && !st.Mode().IsRegular() {
		err = fmt.Errorf("%s is no file; WriteDir takes directories", path)
	}
	if err != nil {
		return Artifact{}, fmt.Errorf("wfe: writing an artifact: %w", err)
	}
	return v.write(Artifact{Name: filepath.Base(path), MediaType: "application/octet-stream"}, f, st.Size())
}

// WriteDir keeps the files below a directory as one artifact of that name, an archive of the
// form that the store is configured for: paths, contents, symbolic links that stay
// inside, and whether a file can be executed. Times and owners are not part of it,
// so equal files make equal artifacts.
func (v *Volume) WriteDir(name, dir string) (Artifact, error) {
	if v.all == nil {
		return Artifact{}, v.none()
	}
	r, mediaType, err := v.all.store.Pack(v.ctx, dir)
	if err != nil {
		return Artifact{}, fmt.Errorf("wfe: writing artifact %q: %w", name, err)
	}
	defer r.Close()
	return v.write(Artifact{Name: name, MediaType: mediaType}, r, -1)
}

func (v *Volume) write(a Artifact, r io.Reader, total int64) (Artifact, error) {
	if v.all == nil {
		return Artifact{}, v.none()
	}
	p := v.progress(a, true, total, r)
	got, err := v.all.store.Put(v.ctx, a, p)
	if err != nil {
		return Artifact{}, fmt.Errorf("wfe: writing artifact %q: %w", a.Name, err)
	}
	p.Artifact = got
	p.done()
	v.all.pin(got.Digest)
	v.mu.Lock()
	defer v.mu.Unlock()
	v.written = append(v.written, got.Digest)
	return got, nil
}

// Open returns the bytes of an artifact, all of which were compared with its
// digest before. Close it.
func (v *Volume) Open(a Artifact) (io.ReadCloser, error) {
	if v.all == nil {
		return nil, v.none()
	}
	r, err := v.all.store.Open(v.ctx, a)
	if err != nil {
		return nil, fmt.Errorf("wfe: reading artifact %q: %w", a.Name, err)
	}
	return struct {
		io.Reader
		io.Closer
	}{v.progress(a, false, a.Size, r), r}, nil
}

// Mount unpacks an artifact into a new directory, which is the run's own to change
// and is removed when the body has returned. Of an artifact that is no archive, the
// directory has the one file, under the artifact's name.
func (v *Volume) Mount(a Artifact) (dir string, err error) {
	r, err := v.Open(a)
	if err != nil {
		return "", err
	}
	defer r.Close()
	temp, err := v.TempDir()
	if err != nil {
		return "", err
	}
	dir = filepath.Join(temp, "mount")
	if err := v.all.store.Unpack(v.ctx, a, r, dir); err != nil {
		return "", fmt.Errorf("wfe: unpacking artifact %q: %w", a.Name, err)
	}
	return dir, nil
}

// TempDir makes an empty directory that is removed when the body has returned, or
// some time after its process has crashed.
func (v *Volume) TempDir() (string, error) {
	if v.all == nil {
		return "", v.none()
	}
	dir, err := v.all.store.TempDir()
	if err != nil {
		return "", fmt.Errorf("wfe: making a directory for a run: %w", err)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.dirs = append(v.dirs, dir)
	return dir, nil
}

func (v *Volume) none() error { return Permanent(fmt.Errorf("wfe: %w", ErrNoArtifacts)) }

// close ends the run.
func (v *Volume) close() {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, dir := range v.dirs {
		if err := os.RemoveAll(dir); err != nil {
			v.all.log.Warn("could not remove the directory of a run", "dir", dir, "error", err)
		}
	}
	for _, d := range v.written {
		v.all.unpin(d)
	}
	v.dirs, v.written = nil, nil
}

// progress counts what is read of r.
func (v *Volume) progress(a Artifact, writing bool, total int64, r io.Reader) *progress {
	p := &progress{r: r, each: v.all.progress, clock: v.all.clock}
	p.ArtifactProgress = ArtifactProgress{StepInfo: v.info, Artifact: a, Writing: writing, Total: total}
	p.last = p.clock.Since()
	return p
}

// progress is a reader that tells how far it is.
type progress struct {
	ArtifactProgress
	r     io.Reader
	each  func(ArtifactProgress)
	clock Clock
	last  time.Duration // when it told
}

// progressEach is how often a copy tells how far it is.
const progressEach = time.Second

func (p *progress) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	p.Bytes += int64(n)
	switch {
	case p.each == nil || p.Done:
	case err == io.EOF && !p.Writing: // what is written is not done before it is durable
		p.done()
	case p.clock.Since()-p.last >= progressEach:
		p.last = p.clock.Since()
		p.each(p.ArtifactProgress)
	}
	return n, err
}

func (p *progress) done() {
	if p.each != nil {
		p.Done = true
		p.each(p.ArtifactProgress)
	}
}

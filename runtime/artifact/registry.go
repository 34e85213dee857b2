package artifact

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/errdef"
	"oras.land/oras-go/v2/registry"
	"oras.land/oras-go/v2/registry/remote/errcode"

	wfe "github.com/wfegen/wfe/runtime"
)

// Registry keeps artifacts in a repository of an OCI registry, for hosts on several
// machines. What is on its way lies in a directory of this machine, as a whole,
// since a registry wants to know the digest before the bytes.
//
// A sweep deletes manifests; the bytes go when the registry collects what no
// manifest names. A registry that does not allow deletes answers a sweep with an
// error.
type Registry struct {
	archiver
	repo registry.Repository
	temp *scratch
}

var _ wfe.ArtifactStore = (*Registry)(nil)

// NewRegistry returns a store in a repository, which is best a *remote.Repository
// of oras-go: that one knows of credentials, retries and TLS. dir is a directory
// for what is on its way, and for what runs unpack; it is made if it is not there.
//
//	repo, err := remote.NewRepository("registry.example.com/shop/artifacts")
//	artifacts, err := artifact.NewRegistry(repo, "/var/lib/shop/artifacts", artifact.Config{})
func NewRegistry(repo registry.Repository, dir string, c Config) (*Registry, error) {
	c, err := c.withDefaults()
	if err != nil {
		return nil, err
	}
	if c.Quota != 0 {
		return nil, errors.New("artifact: Config.Quota is for a layout; a registry has quotas of its own")
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, fmt.Errorf("artifact: %w", err)
	}
	g := &Registry{archiver: archiver{c}, repo: repo, temp: &scratch{root: dir}}
	if _, err := g.temp.dir(); err != nil {
		return nil, fmt.Errorf("artifact: opening %s: %w", dir, err)
	}
	return g, nil
}

// Close removes what this process has in its directory.
func (g *Registry) Close() error { return g.temp.close() }

// TempDir makes an empty directory on this machine.
func (g *Registry) TempDir() (string, error) { return g.temp.tempDir() }

// Put keeps what r has.
func (g *Registry) Put(ctx context.Context, a wfe.Artifact, r io.Reader) (wfe.Artifact, error) {
	f, m, err := g.temp.spool(ctx, r, nil)
	if err != nil {
		return wfe.Artifact{}, err
	}
	defer discard(f)
	d := m.digest()
	a.Digest, a.Size = d.String(), m.n
	if err := g.push(ctx, layer(a, d), f); err != nil {
		return wfe.Artifact{}, fmt.Errorf("pushing %s: %w", d, err)
	}
	return a, nil
}

// push pushes the bytes if they are not there, and a new manifest in any case: its
// time says when they were written last.
func (g *Registry) push(ctx context.Context, l ocispec.Descriptor, r io.Reader) error {
	there, err := g.repo.Blobs().Exists(ctx, l)
	if err == nil && !there {
		err = g.repo.Blobs().Push(ctx, l, r)
	}
	if err != nil && !errors.Is(err, errdef.ErrAlreadyExists) {
		return err
	}
	tag := tagOf(l.Digest)
	old, err := g.repo.Resolve(ctx, tag)
	if err != nil && !errors.Is(err, errdef.ErrNotFound) {
		return err
	}
	manifest, err := pack(ctx, g.repo, l, g.now().UTC().Format(time.RFC3339Nano))
	if err != nil {
		return err
	}
	if err := g.repo.Tag(ctx, manifest, tag); err != nil {
		return err
	}
	if old.Digest != "" && old.Digest != manifest.Digest {
		_ = g.repo.Manifests().Delete(ctx, old) // nothing names it; not all registries allow it
	}
	return nil
}

// Open returns the bytes of an artifact.
func (g *Registry) Open(ctx context.Context, a wfe.Artifact) (io.ReadCloser, error) {
	d, err := parse(a)
	if err != nil {
		return nil, err
	}
	_, r, err := g.repo.Blobs().FetchReference(ctx, d.String())
	if errors.Is(err, errdef.ErrNotFound) {
		return nil, fmt.Errorf("%w: %s", wfe.ErrArtifactNotFound, d)
	}
	if err != nil {
		return nil, fmt.Errorf("fetching %s: %w", d, err)
	}
	defer r.Close()
	f, m, err := g.temp.spool(ctx, io.LimitReader(r, a.Size+1), nil)
	if err != nil {
		return nil, fmt.Errorf("fetching %s: %w", d, err)
	}
	if err := m.matches(a, d); err != nil {
		discard(f)
		return nil, err
	}
	return spooled{f}, nil
}

// spooled is a file that is removed when it is closed.
type spooled struct{ *os.File }

func (s spooled) Close() error { return errors.Join(s.File.Close(), os.Remove(s.Name())) }

func discard(f *os.File) { _ = spooled{f}.Close() }

// storeTag is the tag of the manifest that names the store of instances.
const storeTag = "wfe-store"

// Claim says which store of instances the artifacts belong to.
func (g *Registry) Claim(ctx context.Context, store string) error {
	m, _, err := g.manifest(ctx, storeTag)
	switch {
	case errors.Is(err, errdef.ErrNotFound):
	case err != nil:
		return fmt.Errorf("artifact: reading who owns the repository: %w", err)
	case m.Annotations[storeAnnotation] == store:
		return nil
	default:
		return claimed("the repository", m.Annotations[storeAnnotation], store)
	}
	d, err := packManifest(ctx, g.repo, map[string]string{ocispec.AnnotationCreated: epoch, storeAnnotation: store})
	if err == nil {
		err = g.repo.Tag(ctx, d, storeTag)
	}
	if err != nil {
		return fmt.Errorf("artifact: claiming the repository: %w", err)
	}
	return nil
}

// manifest fetches the manifest of a tag.
func (g *Registry) manifest(ctx context.Context, tag string) (m ocispec.Manifest, d ocispec.Descriptor, err error) {
	if d, err = g.repo.Resolve(ctx, tag); err != nil {
		return m, d, err
	}
	text, err := content.FetchAll(ctx, g.repo, d) // at most 4 MiB
	if err != nil {
		return m, d, err
	}
	return m, d, json.Unmarshal(text, &m)
}

// Sweep deletes the manifests of artifacts. What other tools have pushed stays.
func (g *Registry) Sweep(ctx context.Context, keep func(digest string) bool) (s wfe.ArtifactSweep, err error) {
	var all []digest.Digest
	err = g.repo.Tags(ctx, "", func(tags []string) error {
		for _, tag := range tags {
			if d, ours := ofTag(tag); ours {
				all = append(all, d)
			}
		}
		return nil
	})
	var answer *errcode.ErrorResponse
	if errors.As(err, &answer) && answer.StatusCode == http.StatusNotFound { // there is no repository before the first push
		err = nil
	}
	if err != nil {
		return s, fmt.Errorf("artifact: listing the repository: %w", err)
	}
	for _, d := range all {
		one, err := g.remove(ctx, d, keep)
		if err != nil {
			return s, fmt.Errorf("artifact: sweeping %s: %w", d, err)
		}
		s.Kept += one.Kept
		s.Removed += one.Removed
		s.Bytes += one.Bytes
	}
	return s, g.temp.sweep()
}

// remove removes an artifact if it is old and not to be kept. What is removed is the
// manifest that was looked at: one that is pushed meanwhile is another. A registry may
// go on listing a tag whose manifest is gone; that is no artifact.
func (g *Registry) remove(ctx context.Context, d digest.Digest, keep func(digest string) bool) (s wfe.ArtifactSweep, err error) {
	kept := wfe.ArtifactSweep{Kept: 1}
	if keep(d.String()) {
		return kept, nil
	}
	m, desc, err := g.manifest(ctx, tagOf(d))
	if errors.Is(err, errdef.ErrNotFound) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	written, err := time.Parse(time.RFC3339Nano, m.Annotations[ocispec.AnnotationCreated])
	if err != nil || m.ArtifactType != Type || len(m.Layers) != 1 || g.now().Sub(written) < g.Keep || keep(d.String()) {
		return kept, nil
	}
	if err := g.repo.Manifests().Delete(ctx, desc); err != nil && !errors.Is(err, errdef.ErrNotFound) {
		return s, err
	}
	return wfe.ArtifactSweep{Removed: 1, Bytes: m.Layers[0].Size}, nil
}

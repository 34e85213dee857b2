package artifact

import (
	"archive/tar"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/content"

	wfe "github.com/wfegen/wfe/runtime"
)

// maxJSON bounds an index and a manifest in a package, in bytes.
const maxJSON = 4 << 20

// Package writes artifacts as one archive, to be carried to another store: an OCI
// image layout in a tar file, which other tools read too. Equal artifacts, in any
// order, make equal bytes. They stream.
func Package(ctx context.Context, from wfe.ArtifactStore, w io.Writer, artifacts ...wfe.Artifact) error {
	p, err := plan(ctx, artifacts)
	if err == nil {
		err = p.write(ctx, from, w)
	}
	if err != nil {
		return fmt.Errorf("artifact: packaging: %w", err)
	}
	return nil
}

// parcel is what is in a package.
type parcel struct {
	index  ocispec.Index
	small  smallBlobs
	layers []wfe.Artifact // by digest, each once
}

// smallBlobs are manifests and what goes with them.
type smallBlobs map[digest.Digest][]byte

// Push implements content.Pusher.
func (s smallBlobs) Push(_ context.Context, d ocispec.Descriptor, r io.Reader) (err error) {
	s[d.Digest], err = content.ReadAll(r, d)
	return err
}

func plan(ctx context.Context, artifacts []wfe.Artifact) (*parcel, error) {
	all := slices.Clone(artifacts)
	slices.SortFunc(all, func(a, b wfe.Artifact) int {
		return cmp.Or(strings.Compare(a.Digest, b.Digest), strings.Compare(a.Name, b.Name), strings.Compare(a.MediaType, b.MediaType))
	})
	p := &parcel{small: smallBlobs{}, index: ocispec.Index{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageIndex, Manifests: []ocispec.Descriptor{}}}
	for _, a := range slices.Compact(all) {
		d, err := parse(a)
		if err != nil {
			return nil, err
		}
		m, err := pack(ctx, p.small, layer(a, d), epoch)
		if err != nil {
			return nil, err
		}
		m.Annotations = map[string]string{ocispec.AnnotationRefName: tagOf(d)}
		p.index.Manifests = append(p.index.Manifests, m)
		if n := len(p.layers); n == 0 || p.layers[n-1].Digest != a.Digest {
			p.layers = append(p.layers, a)
		}
	}
	return p, nil
}

func (p *parcel) write(ctx context.Context, from wfe.ArtifactStore, w io.Writer) error {
	t := tar.NewWriter(w)
	add := func(name string, size int64, r io.Reader) error {
		if err := t.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o644, Size: size}); err != nil {
			return err
		}
		m := newMeter(ctx, t)
		return copyTo(m, r)
	}
	text := func(name string, v any) error {
		b, err := json.Marshal(v)
		if err != nil {
			return err
		}
		if len(b) > maxJSON {
			return fmt.Errorf("these are too many artifacts for one package")
		}
		return add(name, int64(len(b)), bytes.NewReader(b))
	}
	if err := text(ocispec.ImageLayoutFile, ocispec.ImageLayout{Version: ocispec.ImageLayoutVersion}); err != nil {
		return err
	}
	if err := text(ocispec.ImageIndexFile, p.index); err != nil {
		return err
	}
	for _, d := range slices.Sorted(maps.Keys(p.small)) {
		if err := add(blobName(d), int64(len(p.small[d])), bytes.NewReader(p.small[d])); err != nil {
			return err
		}
	}
	for _, a := range p.layers {
		if err := p.layer(ctx, from, a, add); err != nil {
			return err
		}
	}
	return t.Close()
}

func (p *parcel) layer(ctx context.Context, from wfe.ArtifactStore, a wfe.Artifact, add func(string, int64, io.Reader) error) error {
	r, err := from.Open(ctx, a)
	if err != nil {
		return err
	}
	defer r.Close()
	return add(blobName(digest.Digest(a.Digest)), a.Size, r)
}

func blobName(d digest.Digest) string {
	return path.Join(ocispec.ImageBlobsDir, d.Algorithm().String(), d.Encoded())
}

// Unpackage puts the artifacts of a package into a store, and returns them in the
// order of their digests and names. They stream. After an error what was put
// already is removed by a later sweep, as nothing refers to it.
func Unpackage(ctx context.Context, to wfe.ArtifactStore, r io.Reader) ([]wfe.Artifact, error) {
	u := &unpackaging{to: to, manifests: map[digest.Digest]bool{}, wanted: map[digest.Digest][]wfe.Artifact{}}
	t := tar.NewReader(r)
	for {
		h, err := t.Next()
		if err == io.EOF {
			break
		}
		if err == nil && ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		if err == nil && h.Typeflag == tar.TypeReg {
			err = u.entry(ctx, h, t)
		}
		if err != nil {
			return nil, fmt.Errorf("artifact: unpacking a package: %w", err)
		}
	}
	all, err := u.all()
	if err != nil {
		return nil, fmt.Errorf("artifact: unpacking a package: %w", err)
	}
	return all, nil
}

// unpackaging is a package that is being read.
type unpackaging struct {
	to        wfe.ArtifactStore
	index     *ocispec.Index
	manifests map[digest.Digest]bool           // true: it was read
	wanted    map[digest.Digest][]wfe.Artifact // by layer; what was put has its digest
	order     []wfe.Artifact
}

func (u *unpackaging) entry(ctx context.Context, h *tar.Header, r io.Reader) error {
	switch name := strings.TrimPrefix(h.Name, "./"); {
	case name == ocispec.ImageLayoutFile:
		var v ocispec.ImageLayout
		if err := decode(r, h, &v); err != nil {
			return err
		}
		if v.Version != ocispec.ImageLayoutVersion {
			return fmt.Errorf("its layout is of version %q; known is %s", v.Version, ocispec.ImageLayoutVersion)
		}
		return nil
	case name == ocispec.ImageIndexFile && u.index == nil:
		u.index = &ocispec.Index{}
		err := decode(r, h, u.index)
		for _, m := range u.index.Manifests {
			u.manifests[m.Digest] = false
		}
		return err
	case strings.HasPrefix(name, ocispec.ImageBlobsDir+"/sha256/"):
		return u.blob(ctx, digest.NewDigestFromEncoded(digest.SHA256, path.Base(name)), h, r)
	default:
		return fmt.Errorf("entry %.200q is no part of a package", h.Name)
	}
}

// decode reads JSON of a bounded size.
func decode(r io.Reader, h *tar.Header, v any) error {
	if h.Size > maxJSON {
		return fmt.Errorf("%.200q has %d bytes; at most %d are read", h.Name, h.Size, maxJSON)
	}
	text, err := io.ReadAll(r)
	if err == nil {
		err = json.Unmarshal(text, v)
	}
	if err != nil {
		return fmt.Errorf("%.200q: %w", h.Name, err)
	}
	return nil
}

func (u *unpackaging) blob(ctx context.Context, d digest.Digest, h *tar.Header, r io.Reader) error {
	_, isManifest := u.manifests[d]
	refs := u.wanted[d]
	switch {
	case u.index == nil:
		return fmt.Errorf("%s comes before %s: it was not written by Package", d, ocispec.ImageIndexFile)
	case isManifest:
		return u.manifest(d, h, r)
	case len(refs) == 0 && d == ocispec.DescriptorEmptyJSON.Digest:
		return nil
	case len(refs) == 0:
		return fmt.Errorf("nothing in it names %s", d)
	}
	got, err := u.to.Put(ctx, refs[0], r)
	if err != nil {
		return err
	}
	for i := range refs {
		if got.Digest != d.String() || got.Size != refs[i].Size {
			return fmt.Errorf("%w: %s of %d bytes is %s of %d bytes in it", wfe.ErrArtifactCorrupt, d, refs[i].Size, got.Digest, got.Size)
		}
		refs[i].Digest = got.Digest
	}
	return nil
}

func (u *unpackaging) manifest(d digest.Digest, h *tar.Header, r io.Reader) error {
	hash := digest.SHA256.Digester()
	var m ocispec.Manifest
	if err := decode(io.TeeReader(r, hash.Hash()), h, &m); err != nil {
		return err
	}
	if hash.Digest() != d {
		return fmt.Errorf("%w: manifest %s is %s in it", wfe.ErrArtifactCorrupt, d, hash.Digest())
	}
	u.manifests[d] = true
	if m.ArtifactType != Type || len(m.Layers) != 1 {
		return fmt.Errorf("manifest %s is none of an artifact", d)
	}
	l := m.Layers[0]
	a := wfe.Artifact{Digest: l.Digest.String(), Size: l.Size, MediaType: l.MediaType, Name: l.Annotations[ocispec.AnnotationTitle]}
	if _, err := parse(a); err != nil {
		return err
	}
	u.order = append(u.order, a)
	a.Digest = "" // until it is put
	u.wanted[l.Digest] = append(u.wanted[l.Digest], a)
	return nil
}

// all are the artifacts, when nothing is missing.
func (u *unpackaging) all() ([]wfe.Artifact, error) {
	if u.index == nil {
		return nil, fmt.Errorf("there is no %s in it", ocispec.ImageIndexFile)
	}
	for d, read := range u.manifests {
		if !read {
			return nil, fmt.Errorf("manifest %s is missing", d)
		}
	}
	for d, refs := range u.wanted {
		if refs[0].Digest == "" {
			return nil, fmt.Errorf("%s is missing", d)
		}
	}
	slices.SortFunc(u.order, func(a, b wfe.Artifact) int {
		return cmp.Or(strings.Compare(a.Digest, b.Digest), strings.Compare(a.Name, b.Name))
	})
	return u.order, nil
}

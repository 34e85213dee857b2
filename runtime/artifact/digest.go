package artifact

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"strings"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	wfe "github.com/wfegen/wfe/runtime"
)

// Type is the artifact type of the manifests.
const Type = "application/vnd.wfegen.artifact.v1"

// parse returns the digest of a reference, which may come from anywhere.
func parse(a wfe.Artifact) (digest.Digest, error) {
	d, err := digest.Parse(a.Digest)
	if err != nil || d.Algorithm() != digest.SHA256 || a.Size < 0 {
		return "", fmt.Errorf("%w: digest %.100q, size %d", wfe.ErrArtifactInvalid, a.Digest, a.Size)
	}
	return d, nil
}

// tagOf is the tag of the manifest of an artifact: a digest as registries allow it.
func tagOf(d digest.Digest) string { return strings.Replace(d.String(), ":", "-", 1) }

// ofTag is the digest of the artifact that has a tag; false if it is none of ours.
func ofTag(tag string) (digest.Digest, bool) {
	d, err := digest.Parse(strings.Replace(tag, "-", ":", 1))
	return d, err == nil && strings.HasPrefix(tag, "sha256-")
}

// layer describes the bytes of an artifact in its manifest.
func layer(a wfe.Artifact, d digest.Digest) ocispec.Descriptor {
	l := ocispec.Descriptor{MediaType: a.MediaType, Digest: d, Size: a.Size}
	if l.MediaType == "" {
		l.MediaType = "application/octet-stream"
	}
	if a.Name != "" {
		l.Annotations = map[string]string{ocispec.AnnotationTitle: a.Name}
	}
	return l
}

// meter hashes and counts what is written to w, and gives up when ctx is done or
// check says so.
type meter struct {
	ctx   context.Context
	w     io.Writer
	hash  hash.Hash
	n     int64
	check func(n int) error // before n more bytes; may be nil
}

func newMeter(ctx context.Context, w io.Writer) *meter {
	return &meter{ctx: ctx, w: w, hash: sha256.New()}
}

func (m *meter) Write(b []byte) (int, error) {
	if m.ctx.Err() != nil {
		return 0, context.Cause(m.ctx)
	}
	if m.check != nil {
		if err := m.check(len(b)); err != nil {
			return 0, err
		}
	}
	n, err := m.w.Write(b)
	m.hash.Write(b[:n])
	m.n += int64(n)
	return n, err
}

func (m *meter) digest() digest.Digest {
	return digest.Digest("sha256:" + hex.EncodeToString(m.hash.Sum(nil)))
}

// copyBuffer is how much of a copy is in memory.
const copyBuffer = 256 << 10

// copyTo copies r to m. The plain io.Copy would let a file or an archive choose
// another way, past the meter.
func copyTo(m *meter, r io.Reader) error {
	_, err := io.CopyBuffer(struct{ io.Writer }{m}, struct{ io.Reader }{r}, make([]byte, copyBuffer))
	return err
}

// verify compares all that r has with a reference.
func verify(ctx context.Context, r io.Reader, a wfe.Artifact, d digest.Digest) error {
	m := newMeter(ctx, io.Discard)
	if err := copyTo(m, r); err != nil {
		return err
	}
	return m.matches(a, d)
}

func (m *meter) matches(a wfe.Artifact, d digest.Digest) error {
	if got := m.digest(); got != d || m.n != a.Size {
		return fmt.Errorf("%w: %s of %d bytes is %s of %d bytes in the store", wfe.ErrArtifactCorrupt, d, a.Size, got, m.n)
	}
	return nil
}

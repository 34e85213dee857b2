package artifact

import (
	"bytes"
	"context"
	"io"
	"os"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content"
)

// epoch is the time in manifests that say none, so that equal artifacts have equal
// manifests.
const epoch = "1970-01-01T00:00:00Z"

// pack pushes the manifest of an artifact.
func pack(ctx context.Context, to content.Pusher, layer ocispec.Descriptor, created string) (ocispec.Descriptor, error) {
	return packManifest(ctx, to, map[string]string{ocispec.AnnotationCreated: created}, layer)
}

func packManifest(ctx context.Context, to content.Pusher, annotations map[string]string, layers ...ocispec.Descriptor) (ocispec.Descriptor, error) {
	return oras.PackManifest(ctx, to, oras.PackManifestVersion1_1, Type,
		oras.PackManifestOptions{Layers: layers, ManifestAnnotations: annotations})
}

// pusher writes the small blobs of a layout. The caller has its lock, and makes
// their names durable.
type pusher struct{ *Layout }

func (p pusher) Push(_ context.Context, d ocispec.Descriptor, r io.Reader) error {
	text, err := content.ReadAll(r, d)
	if err != nil {
		return err
	}
	old, err := os.ReadFile(p.blob(d.Digest))
	if err == nil && bytes.Equal(old, text) {
		return nil
	}
	p.used += d.Size - int64(len(old))
	if err := p.write(p.blob(d.Digest), text, 0o400); err != nil {
		return err
	}
	now := p.config.now() // by which a sweep goes
	return os.Chtimes(p.blob(d.Digest), now, now)
}

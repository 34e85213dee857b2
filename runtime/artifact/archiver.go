package artifact

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// archiver makes archives of directories, and directories of archives.
type archiver struct{ Config }

// compressed returns a writer that compresses what it gets, the same way each
// time.
func (c Compression) compressed(w io.Writer) (io.WriteCloser, error) {
	switch c {
	case Zstd:
		return zstd.NewWriter(w, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true))
	case Gzip:
		return gzip.NewWriter(w), nil
	}
	return struct {
		io.Writer
		io.Closer
	}{w, io.NopCloser(nil)}, nil
}

// window is how much memory a compressed archive may ask for.
const window = 32 << 20

// archiveOf says how an archive of a media type is compressed; false: it is none.
func archiveOf(mediaType string) (Compression, bool) {
	mediaType, _, _ = strings.Cut(mediaType, ";")
	switch mediaType {
	case string(Zstd), "application/x-tar+zstd":
		return Zstd, true
	case string(Gzip), "application/vnd.docker.image.rootfs.diff.tar.gzip", "application/x-gtar", "application/x-tar+gzip":
		return Gzip, true
	case string(Tar), "application/x-tar":
		return Tar, true
	}
	return "", false
}

// plain returns what was compressed.
func (c Compression) plain(r io.Reader) (io.Reader, func(), error) {
	switch c {
	case Zstd:
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(window))
		if err != nil {
			return nil, nil, err
		}
		return z, z.Close, nil
	case Gzip:
		z, err := gzip.NewReader(r)
		return z, func() {}, err
	}
	return r, func() {}, nil
}

// Pack returns the files below dir as one archive.
func (a archiver) Pack(ctx context.Context, dir string) (io.ReadCloser, string, error) {
	root, err := openDir(dir)
	if err != nil {
		return nil, "", err
	}
	r, w := io.Pipe()
	go func() { // it ends when all is read, or the reader is closed
		defer root.Close()
		z, err := a.Compression.compressed(w)
		if err == nil {
			err = errors.Join(writeTar(ctx, root, z), z.Close())
		}
		if err != nil {
			err = fmt.Errorf("packing %s: %w", dir, err)
		}
		w.CloseWithError(err)
	}()
	return r, string(a.Compression), nil
}

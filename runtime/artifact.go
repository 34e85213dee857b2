package wfe

import (
	"context"
	"errors"
	"io"
)

// Artifact refers to bytes in an artifact store: a small value that the data of a
// workflow, inputs, outputs and events hold in place of the bytes, alone or in
// slices, maps and structs. What a body writes through its Volume it hands on as
// an Artifact. The zero Artifact refers to nothing.
//
// The bytes are kept as long as an instance that was not purged, an event that is
// kept, or a message on its way holds the reference.
type Artifact struct {
	Digest    string `json:"digest"`              // of the bytes: "sha256:" and 64 hexadecimal digits in lower case
	Size      int64  `json:"size"`                // in bytes, as they are stored
	MediaType string `json:"mediaType,omitempty"` // such as "application/vnd.oci.image.layer.v1.tar+zstd"
	Name      string `json:"name,omitempty"`      // of the file or the directory
}

// The errors of artifacts that callers branch on.
var (
	// ErrNoArtifacts: the host has no artifact store, or what asks is no body of a step.
	ErrNoArtifacts      = errors.New("there is no artifact store here; set Config.Artifacts of the host")
	ErrArtifactNotFound = errors.New("the artifact is not in the store")
	// ErrArtifactCorrupt: the stored bytes are not those of the digest. None of them was handed out.
	ErrArtifactCorrupt = errors.New("the artifact is damaged")
	ErrArtifactQuota   = errors.New("the quota of the artifact store is used up")
	ErrArtifactInvalid = errors.New("not a reference to an artifact")
	// ErrArtifactUnsafe: the archive has an entry that must not be unpacked, such as one outside of its directory.
	ErrArtifactUnsafe = errors.New("the archive is not safe to unpack")
	ErrArtifactLimit  = errors.New("the archive is larger than what is unpacked")
)

// ArtifactStore keeps the bytes of artifacts. Package artifact has one in a
// directory and one in a registry. Its methods may be called from several
// goroutines.
type ArtifactStore interface {
	// Put reads r to its end, keeps the bytes durably and returns their reference.
	// Of a, the name and the media type count. Bytes that are there already are
	// kept once. After an error nothing is visible.
	Put(ctx context.Context, a Artifact, r io.Reader) (Artifact, error)
	// Open returns the bytes of an artifact, all of which were compared with the
	// digest before: ErrArtifactCorrupt, ErrArtifactNotFound, ErrArtifactInvalid.
	Open(ctx context.Context, a Artifact) (io.ReadCloser, error)
	// Pack returns the files below dir as one archive, and its media type. Equal
	// files make equal bytes. Closing the reader before its end gives up.
	Pack(ctx context.Context, dir string) (r io.ReadCloser, mediaType string, err error)
	// Unpack makes the directory dir, which must not exist, of an archive; all of
	// it or, after an error, nothing. Bytes of a media type that is no archive
	// become a file of the artifact's name in it.
	Unpack(ctx context.Context, a Artifact, r io.Reader, dir string) error
	// TempDir makes an empty directory for a run. One that is left behind by a
	// process that has ended is removed some time later.
	TempDir() (string, error)
	// Claim says which store of instances the artifacts belong to; another one's
	// is an error, because a sweep removes what that store does not refer to.
	Claim(ctx context.Context, store string) error
	// Sweep removes artifacts that were not written for some time, as the store is
	// configured, and for which keep is false.
	Sweep(ctx context.Context, keep func(digest string) bool) (ArtifactSweep, error)
}

// ArtifactSweep is what a sweep did.
type ArtifactSweep struct {
	Kept, Removed int   // artifacts
	Bytes         int64 // that were freed
}

// ArtifactProgress says how far the copy of an artifact is.
type ArtifactProgress struct {
	StepInfo
	Artifact       // Digest and Size are set when reading
	Writing  bool  // to the store; false is from it
	Bytes    int64 // that were copied, of the stored form
	Total    int64 // -1: not known
	Done     bool  // it is the last one of this copy
}

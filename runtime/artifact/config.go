package artifact

import (
	"fmt"
	"time"

	wfe "github.com/wfegen/wfe/runtime"
)

// Config is how a store keeps artifacts. The zero value of a field is its default.
type Config struct {
	Compression Compression // of directories; default Zstd
	Limits      Limits      // of what is unpacked
	// Keep is how long an artifact that nothing refers to is kept since it was last
	// written; default 24 h, at least a minute. A caller who writes an artifact has
	// that long to start an instance with it.
	Keep time.Duration
	// Quota bounds the bytes of a layout, those that are being written included;
	// default: none. For a registry it is an error: what others push, what it keeps
	// once for several repositories and what it has not collected yet count there, and
	// only the registry knows that. Set its own quota; what it refuses is the error of
	// the step that writes.
	Quota int64
	// Clock says when an artifact was written, and how old it is; default: the
	// machine's. Hosts that share a store need clocks that agree, but for a part of Keep.
	Clock wfe.Clock
}

func (c Config) now() time.Time {
	if c.Clock == nil {
		return time.Now()
	}
	return c.Clock.Now().Time()
}

// Limits bound what an archive becomes; what exceeds them is
// wfe.ErrArtifactLimit.
type Limits struct {
	Bytes   int64 // of all files together; default 64 GiB
	Entries int   // files, directories and links; default 100,000
	Depth   int   // elements of a name; default 64
}

// Compression is the form of the archive that a directory becomes.
type Compression string

// The forms of archives, by their media types.
const (
	Zstd Compression = "application/vnd.oci.image.layer.v1.tar+zstd"
	Gzip Compression = "application/vnd.oci.image.layer.v1.tar+gzip" // known to more tools
	Tar  Compression = "application/vnd.oci.image.layer.v1.tar"      // not compressed
)

func (c Config) withDefaults() (Config, error) {
	if c.Compression == "" {
		c.Compression = Zstd
	}
	if c.Limits.Bytes == 0 {
		c.Limits.Bytes = 64 << 30
	}
	if c.Limits.Entries == 0 {
		c.Limits.Entries = 100_000
	}
	if c.Limits.Depth == 0 {
		c.Limits.Depth = 64
	}
	if c.Keep == 0 {
		c.Keep = 24 * time.Hour
	}
	switch {
	case !c.Compression.known():
		return c, fmt.Errorf("artifact: Config.Compression is %q; it is one of Zstd, Gzip and Tar", c.Compression)
	case c.Keep < time.Minute:
		return c, fmt.Errorf("artifact: Config.Keep is %s; it is at least a minute, so that what was just written is not removed before an instance refers to it", c.Keep)
	case c.Quota < 0, c.Limits.Bytes < 0, c.Limits.Entries < 0, c.Limits.Depth < 0:
		return c, fmt.Errorf("artifact: Config has a negative bound")
	}
	return c, nil
}

func (c Compression) known() bool { return c == Zstd || c == Gzip || c == Tar }

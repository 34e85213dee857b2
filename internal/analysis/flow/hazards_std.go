package flow

import "sync"

// stdRule says which functions of a package of Go's library workflows may call between their steps: all except some, or
// only some. Methods are written Type.Method.
type stdRule struct {
	except map[string]impurityKind
	only   map[string]bool
	kind   impurityKind // of all others
}

// pureStd returns the packages whose functions depend on their arguments alone, and change nothing but these. A reader or a
// writer is one in memory: nothing else can be made, or had, between steps.
var pureStd = sync.OnceValue(func() map[string]*stdRule {
	all := &stdRule{}
	rules := map[string]*stdRule{
		"fmt": {kind: printing, only: set("Sprint", "Sprintf", "Sprintln", "Errorf", "Append", "Appendf", "Appendln", "Sscan", "Sscanf", "Sscanln", "Stringer.String")},
		"time": {except: map[string]impurityKind{
			"Now": clock, "Since": clock, "Until": clock, "After": clock, "AfterFunc": clock, "NewTimer": clock, "NewTicker": clock,
			"Tick": clock, "Sleep": clock, "LoadLocation": outside, "Time.Local": zone, "Unix": zone, "UnixMilli": zone, "UnixMicro": zone, "Parse": zone,
			"Time.UnmarshalText": zone, "Time.UnmarshalJSON": zone, "Time.UnmarshalBinary": zone, "Time.GobDecode": zone,
			"Timer.Reset": clock, "Timer.Stop": clock, "Ticker.Reset": clock, "Ticker.Stop": clock,
		}},
		"math/big":     {except: map[string]impurityKind{"Int.Rand": chance}},
		"maps":         {except: map[string]impurityKind{"Keys": order, "Values": order, "All": order}},
		"net/mail":     {except: map[string]impurityKind{"ParseDate": zone, "Header.Date": zone}},
		"reflect":      {kind: unknown, only: set("DeepEqual")},
		"hash/maphash": {kind: chance, only: set("")},
		"io": {kind: outside, only: set("ReadAll", "ReadFull", "Copy", "CopyN", "WriteString", "MultiReader", "MultiWriter", "LimitReader", "TeeReader",
			"NewSectionReader", "Reader.Read", "Writer.Write", "StringWriter.WriteString", "ByteReader.ReadByte", "ByteWriter.WriteByte", "RuneReader.ReadRune")},
	}
	for _, path := range []string{
		"bufio", "bytes", "cmp", "container/heap", "container/list", "container/ring", "crypto/hmac", "crypto/md5", "crypto/sha1", "crypto/sha256",
		"crypto/sha512", "crypto/subtle", "encoding", "encoding/ascii85", "encoding/base32", "encoding/base64", "encoding/binary", "encoding/csv",
		"encoding/hex", "encoding/json", "errors", "hash", "hash/adler32", "hash/crc32", "hash/crc64", "hash/fnv", "html", "iter",
		"math", "math/bits", "math/cmplx", "net/netip", "net/url", "path", "regexp", "regexp/syntax", "slices", "sort",
		"strconv", "strings", "unicode", "unicode/utf16", "unicode/utf8",
	} {
		rules[path] = all
	}
	return rules
})

// impurePackages returns packages of which it is known what is wrong with their functions.
var impurePackages = sync.OnceValue(func() map[string]impurityKind {
	out := map[string]impurityKind{}
	for kind, paths := range map[impurityKind][]string{
		chance: {
			"math/rand", "math/rand/v2", "crypto/rand", "github.com/google/uuid", "github.com/gofrs/uuid", "github.com/gofrs/uuid/v5",
			"github.com/satori/go.uuid", "github.com/hashicorp/go-uuid", "github.com/oklog/ulid", "github.com/oklog/ulid/v2", "github.com/rs/xid",
			"github.com/segmentio/ksuid", "github.com/matoous/go-nanoid", "github.com/matoous/go-nanoid/v2", "go.jetify.com/typeid",
		},
		outside: {
			"os", "os/exec", "os/signal", "os/user", "io/fs", "io/ioutil", "net", "net/http", "net/rpc", "net/smtp", "net/textproto",
			"path/filepath", "database/sql", "syscall", "flag", "runtime", "runtime/debug", "embed", "expvar", "plugin", "archive/tar", "archive/zip",
		},
		printing: {"log", "log/slog", "log/syslog", "testing"},
		together: {"sync", "sync/atomic", "context", "golang.org/x/sync/errgroup", "golang.org/x/sync/semaphore", "golang.org/x/sync/singleflight"},
	} {
		for _, path := range paths {
			out[path] = kind
		}
	}
	return out
})

func set(names ...string) map[string]bool {
	out := map[string]bool{}
	for _, n := range names {
		out[n] = true
	}
	return out
}

package artifact_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/artifact"
)

type entry struct {
	tar.Header
	text string
}

func file(name, text string) entry {
	return entry{tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o644}, text}
}

func of(typ byte, name, link string) entry {
	return entry{tar.Header{Name: name, Typeflag: typ, Linkname: link, Mode: 0o777}, ""}
}

func symlink(name, to string) entry { return of(tar.TypeSymlink, name, to) }

func archive(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		if e.Typeflag == tar.TypeReg {
			e.Size = int64(len(e.text))
		}
		require.NoError(t, w.WriteHeader(&e.Header))
		_, err := w.Write([]byte(e.text))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return b.Bytes()
}

// raw patches the name in the header of an archive of one entry, past what a
// writer would refuse.
func raw(t testing.TB, e entry, patch func(header []byte)) []byte {
	t.Helper()
	b := archive(t, e)
	patch(b[:512])
	copy(b[148:156], "        ")
	n := 0
	for _, c := range b[:512] {
		n += int(c)
	}
	copy(b[148:156], fmt.Sprintf("%06o\x00 ", n))
	return b
}

func zipped(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, err := z.Write(b)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return out.Bytes()
}

func zstded(t testing.TB, b []byte, opts ...zstd.EOption) []byte {
	t.Helper()
	z, err := zstd.NewWriter(nil, opts...)
	require.NoError(t, err)
	return z.EncodeAll(b, nil)
}

var small = artifact.Config{Limits: artifact.Limits{Bytes: 1 << 20, Entries: 100, Depth: 10}}

func many(n int, name func(i int) string) (out []entry) {
	for i := range n {
		out = append(out, file(name(i), ""))
	}
	return out
}

func TestUnpack_RefusesWhatIsNotSafeAndLeavesNothing(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("a/", 11) + "b"
	plain := func(entries ...entry) func(testing.TB) (string, []byte) {
		return func(t testing.TB) (string, []byte) { return string(artifact.Tar), archive(t, entries...) }
	}
	as := func(form artifact.Compression, b func(t testing.TB) []byte) func(testing.TB) (string, []byte) {
		return func(t testing.TB) (string, []byte) { return string(form), b(t) }
	}
	patched := func(e entry, patch func(h []byte)) func(testing.TB) (string, []byte) {
		return as(artifact.Tar, func(t testing.TB) []byte { return raw(t, e, patch) })
	}
	unsafe, limit := wfe.ErrArtifactUnsafe, wfe.ErrArtifactLimit
	for name, c := range map[string]struct {
		make func(testing.TB) (string, []byte)
		want error // nil: any
	}{
		"up":                            {plain(file("../canary", "x")), unsafe},
		"up from inside":                {plain(file("a/../../canary", "x")), unsafe},
		"up and in again":               {plain(file("a/../b", "x")), unsafe},
		"only up":                       {plain(of(tar.TypeDir, "../", "")), unsafe},
		"absolute":                      {plain(file("/tmp/canary", "x")), unsafe},
		"two slashes":                   {plain(file("//canary", "x")), unsafe},
		"an empty element":              {plain(file("a//b", "x")), unsafe},
		"a dot inside":                  {plain(file("a/./b", "x")), unsafe},
		"backslashes":                   {plain(file(`..\canary`, "x")), unsafe},
		"a drive":                       {plain(file("C:canary", "x")), unsafe},
		"the directory as a file":       {plain(entry{tar.Header{Name: ".", Typeflag: tar.TypeReg}, "x"}), unsafe},
		"a link up":                     {plain(symlink("a", "../canary")), unsafe},
		"an absolute link":              {plain(symlink("a", "/etc/passwd")), unsafe},
		"a link by way of a directory":  {plain(of(tar.TypeDir, "d", ""), symlink("d/a", "../../canary")), unsafe},
		"a link up after down":          {plain(symlink("a", "b/../../canary")), unsafe},
		"a link that goes up in it":     {plain(of(tar.TypeDir, "b", ""), symlink("a", "b/..")), unsafe},
		"an empty link":                 {plain(symlink("a", "")), unsafe},
		"a link with a drive":           {plain(symlink("a", `C:\x`)), unsafe},
		"writing through a link":        {plain(symlink("a", "."), file("a/b", "x")), unsafe},
		"writing over a link":           {plain(symlink("a", "b"), file("a", "x")), unsafe},
		"a directory over a link":       {plain(of(tar.TypeDir, "b", ""), symlink("a", "b"), of(tar.TypeDir, "a", "")), unsafe},
		"a chain of links":              {plain(symlink("s", "."), symlink("s/s/s/l", "../../../canary")), unsafe},
		"a link through a link":         {plain(of(tar.TypeDir, "d", ""), symlink("d/s", ".."), symlink("d/s/x", "../canary")), unsafe},
		"a hard link out":               {plain(of(tar.TypeLink, "a", "../canary")), unsafe},
		"a hard link inside":            {plain(file("a", "x"), of(tar.TypeLink, "b", "a")), unsafe},
		"a hard link to a link":         {plain(symlink("s", "a"), of(tar.TypeLink, "b", "s")), unsafe},
		"a character device":            {plain(of(tar.TypeChar, "null", "")), unsafe},
		"a block device":                {plain(of(tar.TypeBlock, "sda", "")), unsafe},
		"a fifo":                        {plain(of(tar.TypeFifo, "pipe", "")), unsafe},
		"an unknown type":               {plain(of('Z', "z", "")), unsafe},
		"a name twice":                  {plain(file("a", "x"), file("a", "y")), unsafe},
		"a file where a directory is":   {plain(of(tar.TypeDir, "a", ""), file("a", "y")), unsafe},
		"a directory where a file is":   {plain(file("a", "x"), file("a/b", "y")), unsafe},
		"a directory for a file":        {plain(file("a", "x"), of(tar.TypeDir, "a", "")), unsafe},
		"too deep":                      {plain(file(deep, "x")), limit},
		"too many":                      {plain(many(101, func(i int) string { return fmt.Sprint(i) })...), limit},
		"too many directories above":    {plain(many(30, func(i int) string { return fmt.Sprintf("%d/a/b/c/d", i) })...), limit},
		"one directory again and again": {plain(func() (out []entry) { return append(out, repeat(of(tar.TypeDir, "a", ""), 101)...) }()...), limit},
		"too large":                     {plain(file("a", strings.Repeat("x", 1<<20+1))), limit},
		"too large together":            {plain(file("a", strings.Repeat("x", 1<<19)), file("b", strings.Repeat("x", 1<<19+1))), limit},
		"a bomb in gzip": {as(artifact.Gzip, func(t testing.TB) []byte {
			return zipped(t, archive(t, file("a", strings.Repeat("\x00", 64<<20))))
		}), limit},
		"a bomb in zstd": {as(artifact.Zstd, func(t testing.TB) []byte {
			return zstded(t, archive(t, file("a", strings.Repeat("\x00", 64<<20))))
		}), limit},
		"a bomb after the end": {as(artifact.Gzip, func(t testing.TB) []byte {
			return zipped(t, append(archive(t, file("a", "x")), make([]byte, 64<<20)...))
		}), unsafe},
		"a window that is too large": {as(artifact.Zstd, func(t testing.TB) []byte {
			var b bytes.Buffer
			z, err := zstd.NewWriter(&b, zstd.WithWindowSize(256<<20), zstd.WithEncoderConcurrency(1), zstd.WithSingleSegment(false))
			require.NoError(t, err)
			_, err = io.CopyN(z, zeros{}, 1<<20)
			require.NoError(t, err)
			require.NoError(t, z.Close())
			return b.Bytes()
		}), nil},
		"a size that is a lie":      {patched(file("a", "x"), func(h []byte) { copy(h[124:136], "00007777777\x00") }), nil},
		"a negative size":           {patched(file("a", "x"), func(h []byte) { copy(h[124:136], "-0000000001\x00") }), nil},
		"a size of 2^60":            {patched(file("a", "x"), func(h []byte) { copy(h[124:136], "\x80\x00\x00\x00\x10\x00\x00\x00\x00\x00\x00\x00") }), nil},
		"a wrong checksum":          {as(artifact.Tar, func(t testing.TB) []byte { b := archive(t, file("a", "x")); b[0] = 'b'; return b }), nil},
		"cut in a header":           {as(artifact.Tar, func(t testing.TB) []byte { return archive(t, file("a", "x"))[:300] }), nil},
		"cut in a file":             {as(artifact.Tar, func(t testing.TB) []byte { return archive(t, file("a", strings.Repeat("x", 5000)))[:2000] }), nil},
		"cut gzip":                  {as(artifact.Gzip, func(t testing.TB) []byte { b := zipped(t, archive(t, file("a", "x"))); return b[:len(b)-9] }), nil},
		"a wrong checksum of gzip":  {as(artifact.Gzip, func(t testing.TB) []byte { b := zipped(t, archive(t, file("a", "x"))); b[len(b)-8] ^= 1; return b }), nil},
		"gzip in zstd":              {as(artifact.Zstd, func(t testing.TB) []byte { return zstded(t, zipped(t, archive(t, file("a", "x")))) }), nil},
		"not compressed":            {as(artifact.Zstd, func(t testing.TB) []byte { return archive(t, file("a", "x")) }), nil},
		"text":                      {as(artifact.Tar, func(t testing.TB) []byte { return bytes.Repeat([]byte("text "), 500) }), nil},
		"a name with NUL in PAX":    {as(artifact.Tar, func(t testing.TB) []byte { return pax(t, "path", "a\x00/../../canary") }), nil},
		"a long name":               {plain(file(strings.Repeat("n", 300), "x")), nil},
		"a file's name with a path": {func(testing.TB) (string, []byte) { return "text/plain", []byte("x") }, unsafe},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, _ := layout(t, small)
			above := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(above, "canary"), []byte("tweet"), 0o600))
			mediaType, b := c.make(t)
			err := l.Unpack(t.Context(), wfe.Artifact{MediaType: mediaType, Name: "a/../../x"}, bytes.NewReader(b), filepath.Join(above, "out"))
			require.Error(t, err)
			if c.want != nil {
				require.ErrorIs(t, err, c.want)
			}
			entries, err := os.ReadDir(above)
			require.NoError(t, err)
			require.Len(t, entries, 1, "something is left")
			canary, err := os.ReadFile(filepath.Join(above, "canary"))
			require.NoError(t, err)
			require.Equal(t, "tweet", string(canary))
		})
	}
}

func repeat(e entry, n int) (out []entry) {
	for range n {
		out = append(out, e)
	}
	return out
}

// pax is an archive of one file with a PAX record that a writer would refuse.
func pax(t testing.TB, key, value string) []byte {
	t.Helper()
	record := fmt.Sprintf("%s=%s\n", key, value)
	n := len(record) + 3
	record = fmt.Sprintf("%d %s", n, record)
	b := raw(t, file("pax", record), func(h []byte) { h[156] = 'x' })
	return append(b[:1024], archive(t, file("a", "x"))...)
}

func TestUnpack_MasksModesAndIgnoresOwnersAndTimes(t *testing.T) {
	t.Parallel()
	l, _ := layout(t, small)
	out := filepath.Join(t.TempDir(), "out")
	suid := entry{tar.Header{Name: "suid", Typeflag: tar.TypeReg, Mode: 0o6777, Uid: 0, Gid: 0}, "x"}
	closed := entry{tar.Header{Name: "closed/", Typeflag: tar.TypeDir, Mode: 0}, ""}
	global := entry{tar.Header{Typeflag: tar.TypeXGlobalHeader, Name: "pax_global_header", PAXRecords: map[string]string{"comment": "x"}}, ""}
	b := archive(t, global, of(tar.TypeDir, "./", ""), suid, closed, file("./closed/a", "x"), file("Ünï", "x"), symlink("closed/l", "../suid"))
	require.NoError(t, l.Unpack(t.Context(), wfe.Artifact{MediaType: "application/x-tar"}, bytes.NewReader(b), out))
	for name, mode := range map[string]fs.FileMode{"suid": 0o755, "closed": fs.ModeDir | 0o755, "closed/a": 0o644, "Ünï": 0o644} {
		st, err := os.Lstat(filepath.Join(out, name))
		require.NoError(t, err)
		require.Equal(t, mode, st.Mode(), name)
	}
	to, err := os.Readlink(filepath.Join(out, "closed", "l"))
	require.NoError(t, err)
	require.Equal(t, "../suid", to)
}

// tree makes a directory with something of everything that is kept.
func tree(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "site")
	for name, text := range map[string]string{"index.html": "<p>", "css/a.css": "", "bin/run": "#!/bin/sh\n", "deep/er/x": strings.Repeat("x", 10_000), "ü/" + strings.Repeat("long", 50): "y"} {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o750))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o640))
	}
	require.NoError(t, os.Chmod(filepath.Join(dir, "bin/run"), 0o700))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "empty"), 0o700))
	require.NoError(t, os.Symlink("../bin/run", filepath.Join(dir, "deep", "run")))
	require.NoError(t, os.Symlink("nowhere", filepath.Join(dir, "dangling")))
	return dir
}

func TestPack_ADirectoryComesBackAndEqualOnesAreEqualBytes(t *testing.T) {
	t.Parallel()
	for _, form := range []artifact.Compression{artifact.Zstd, artifact.Gzip, artifact.Tar} {
		t.Run(string(form), func(t *testing.T) {
			t.Parallel()
			l, dir := layout(t, artifact.Config{Compression: form})
			a, b := packed(t, l, tree(t)), packed(t, l, tree(t))
			require.Equal(t, a, b, "times and owners are no part of it")
			r, err := l.Open(t.Context(), a)
			require.NoError(t, err)
			defer r.Close()
			out := filepath.Join(t.TempDir(), "out")
			require.NoError(t, l.Unpack(t.Context(), a, r, out))
			require.Equal(t, listing(t, tree(t)), listing(t, out))
			require.Equal(t, a.Digest, packed(t, l, out).Digest)
			valid(t, dir)
		})
	}
}

func packed(t testing.TB, l *artifact.Layout, dir string) wfe.Artifact {
	t.Helper()
	r, mediaType, err := l.Pack(context.Background(), dir)
	require.NoError(t, err)
	defer r.Close()
	a, err := l.Put(context.Background(), wfe.Artifact{Name: "site", MediaType: mediaType}, r)
	require.NoError(t, err)
	return a
}

// listing is what a directory holds, as far as it is kept.
func listing(t testing.TB, dir string) (out []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		require.NoError(t, err)
		rel, _ := filepath.Rel(dir, path)
		st, err := d.Info()
		require.NoError(t, err)
		line := fmt.Sprintf("%s %v %v", rel, st.Mode().Type(), st.Mode().IsRegular() && st.Mode()&0o111 != 0)
		switch {
		case st.Mode().IsRegular():
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			line += " " + string(text)
		case st.Mode()&fs.ModeSymlink != 0:
			to, err := os.Readlink(path)
			require.NoError(t, err)
			line += " " + to
		}
		out = append(out, line)
		return nil
	}))
	return out
}

func TestPack_RefusesWhatCouldNotBeUnpacked(t *testing.T) {
	t.Parallel()
	for want, spoil := range map[string]func(dir string) error{
		"leads out":      func(dir string) error { return os.Symlink("../../etc", filepath.Join(dir, "l")) },
		"not relative":   func(dir string) error { return os.Symlink("/etc", filepath.Join(dir, "l")) },
		"is no file":     func(dir string) error { return syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600) },
		"no such file":   func(dir string) error { return os.RemoveAll(dir) },
		"is no director": func(dir string) error { _ = os.RemoveAll(dir); return os.WriteFile(dir, nil, 0o600) },
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			l, dir := layout(t, artifact.Config{})
			site := tree(t)
			require.NoError(t, spoil(site))
			r, mediaType, err := l.Pack(t.Context(), site)
			if err == nil {
				_, err = l.Put(t.Context(), wfe.Artifact{MediaType: mediaType}, r)
				_ = r.Close()
			}
			require.ErrorContains(t, err, want)
			require.Empty(t, valid(t, dir))
		})
	}
}

// FuzzUnpack lets archives of any bytes loose beside a canary.
func FuzzUnpack(f *testing.F) {
	f.Add(archive(f, file("a/b", "x"), symlink("a/l", "b")))
	f.Add(archive(f, symlink("s", "."), symlink("s/s/s/l", "../../../canary")))
	f.Add(pax(f, "path", "../canary"))
	l, err := artifact.OpenLayout(filepath.Join(f.TempDir(), "l"), small)
	require.NoError(f, err)
	defer l.Close()
	f.Fuzz(func(t *testing.T, b []byte) {
		above := t.TempDir()
		out := filepath.Join(above, "out")
		err := l.Unpack(t.Context(), wfe.Artifact{MediaType: string(artifact.Tar)}, bytes.NewReader(b), out)
		entries, _ := os.ReadDir(above)
		if err != nil {
			require.Empty(t, entries)
			return
		}
		require.Len(t, entries, 1)
		root, err := os.OpenRoot(out)
		require.NoError(t, err)
		defer root.Close()
		require.NoError(t, fs.WalkDir(root.FS(), ".", func(path string, d fs.DirEntry, err error) error {
			require.NoError(t, err)
			require.Contains(t, []fs.FileMode{0, fs.ModeDir, fs.ModeSymlink}, d.Type())
			if d.Type() == fs.ModeSymlink {
				_, err := root.Stat(path)
				require.False(t, err != nil && strings.Contains(err.Error(), "escapes"), "%s leads out", path)
			}
			return nil
		}))
	})
}

func TestPack_IsTheSameWhateverTheOrderOfTheDirectory(t *testing.T) {
	t.Parallel()
	l, _ := layout(t, artifact.Config{})
	var digests []string
	for range 2 {
		dir := t.TempDir()
		for _, i := range rand.Perm(200) {
			require.NoError(t, os.WriteFile(filepath.Join(dir, fmt.Sprint(i)), []byte{byte(i)}, 0o600))
		}
		digests = append(digests, packed(t, l, dir).Digest)
	}
	require.Equal(t, digests[0], digests[1])
}

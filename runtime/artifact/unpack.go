package artifact

import (
	"archive/tar"
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	wfe "github.com/wfegen/wfe/runtime"
)

// Unpack makes a directory of an archive, or of one file.
func (a archiver) Unpack(ctx context.Context, art wfe.Artifact, r io.Reader, dir string) (err error) {
	temp, err := os.MkdirTemp(filepath.Dir(dir), ".unpacking-")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.RemoveAll(temp)
		}
	}()
	if _, err := os.Lstat(dir); err == nil {
		return fmt.Errorf("%s is there already", dir)
	}
	root, err := os.OpenRoot(temp)
	if err != nil {
		return err
	}
	u := &unpacking{ctx: ctx, root: root, Limits: a.Limits, headers: a.Limits.Entries}
	if form, ok := archiveOf(art.MediaType); ok {
		err = u.archive(form, r)
	} else {
		err = u.single(art.Name, r)
	}
	if err = errors.Join(err, root.Close()); err != nil {
		return err
	}
	return os.Rename(temp, dir)
}

// unpacking is a directory that is being filled. Its limits go down.
type unpacking struct {
	Limits
	headers int // of the archive that may still come: one can say nothing new
	ctx     context.Context
	root    *os.Root
}

// one counts what is about to be made.
func (u *unpacking) one() error {
	if u.Entries--; u.Entries < 0 {
		return fmt.Errorf("%w: it has too many entries; Config.Limits.Entries bounds them", wfe.ErrArtifactLimit)
	}
	return nil
}

func unsafeEntry(name, format string, args ...any) error {
	return fmt.Errorf("%w: entry %.200q %s", wfe.ErrArtifactUnsafe, name, fmt.Sprintf(format, args...))
}

// single makes the one file of an artifact that is no archive.
func (u *unpacking) single(name string, r io.Reader) error {
	if name == "" {
		name = "artifact"
	}
	if path.Base(name) != name || !plainName(name) {
		return unsafeEntry(name, "is no name of a file")
	}
	return u.file(name, 0o644, r)
}

// maxTrailer is how much may follow the end of a tar archive: it is filled up.
const maxTrailer = 1 << 20

func (u *unpacking) archive(form Compression, r io.Reader) error {
	plain, done, err := form.plain(bufio.NewReaderSize(r, copyBuffer))
	if err != nil {
		return fmt.Errorf("reading the archive: %w", err)
	}
	defer done()
	t := tar.NewReader(plain)
	for {
		h, err := t.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return fmt.Errorf("reading the archive: %w", err)
		}
		if err := u.entry(h, t); err != nil {
			return err
		}
	}
	n, err := io.Copy(io.Discard, io.LimitReader(plain, maxTrailer+1)) // to the checksum of what is compressed
	if err == nil && n > maxTrailer {
		err = fmt.Errorf("%w: more than %d bytes follow its end", wfe.ErrArtifactUnsafe, maxTrailer)
	}
	return err
}

func (u *unpacking) entry(h *tar.Header, r io.Reader) error {
	if u.ctx.Err() != nil {
		return context.Cause(u.ctx)
	}
	if u.headers--; u.headers < 0 {
		return fmt.Errorf("%w: it has too many entries; Config.Limits.Entries bounds them", wfe.ErrArtifactLimit)
	}
	if h.Typeflag == tar.TypeXGlobalHeader {
		return nil
	}
	name, err := u.place(h)
	if err != nil {
		return err
	}
	switch h.Typeflag {
	case tar.TypeDir:
		return u.dir(name)
	case tar.TypeReg, tar.TypeGNUSparse:
		if name == "." {
			return unsafeEntry(h.Name, "is no name of a file")
		}
		mode := fs.FileMode(0o644)
		if h.Mode&0o111 != 0 {
			mode = 0o755
		}
		return u.file(name, mode, r)
	case tar.TypeSymlink:
		if why := leads(name, h.Linkname); why != "" {
			return unsafeEntry(h.Name, "is a symbolic link to %.200q: %s", h.Linkname, why)
		}
		if err := u.one(); err != nil {
			return err
		}
		return wrapEntry(h.Name, u.root.Symlink(h.Linkname, name))
	}
	return unsafeEntry(h.Name, "is of type %q; only files, directories and symbolic links are unpacked", h.Typeflag)
}

// place returns where an entry goes, and makes the directories above it. They are
// directories and no links, so that what was said of a link's place is true.
func (u *unpacking) place(h *tar.Header) (string, error) {
	name := strings.TrimSuffix(strings.TrimPrefix(h.Name, "./"), "/")
	if name == "" || name == "." {
		return ".", nil
	}
	if !plainName(name) {
		return "", unsafeEntry(h.Name, "does not lie in the directory")
	}
	parents := strings.Split(name, "/")
	if len(parents) > u.Depth {
		return "", fmt.Errorf("%w: entry %.200q lies deeper than %d; Config.Limits.Depth bounds that", wfe.ErrArtifactLimit, h.Name, u.Depth)
	}
	for i := 1; i < len(parents); i++ {
		if err := u.dir(strings.Join(parents[:i], "/")); err != nil {
			return "", err
		}
	}
	return name, nil
}

// plainName reports whether name is a path without tricks, on any system.
func plainName(name string) bool {
	if !fs.ValidPath(name) || name == "." || strings.ContainsAny(name, "\\\x00") || !filepath.IsLocal(filepath.FromSlash(name)) {
		return false
	}
	return len(name) < 2 || name[1] != ':'
}

// dir makes a directory, unless it is there.
func (u *unpacking) dir(name string) error {
	if name == "." {
		return nil
	}
	err := u.root.Mkdir(name, 0o755)
	if err == nil {
		return u.one()
	}
	if !errors.Is(err, fs.ErrExist) {
		return wrapEntry(name, err)
	}
	st, err := u.root.Lstat(name)
	if err == nil && !st.IsDir() {
		return unsafeEntry(name, "is taken for a directory, and is there as something else")
	}
	return wrapEntry(name, err)
}

// file makes a file that is not there.
func (u *unpacking) file(name string, mode fs.FileMode, r io.Reader) error {
	if err := u.one(); err != nil {
		return err
	}
	f, err := u.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return wrapEntry(name, err)
	}
	m := newMeter(u.ctx, f)
	m.check = func(n int) error {
		if u.Bytes -= int64(n); u.Bytes < 0 {
			return fmt.Errorf("%w: its files have too many bytes; Config.Limits.Bytes bounds them", wfe.ErrArtifactLimit)
		}
		return nil
	}
	err = copyTo(m, r)
	if err == nil {
		err = f.Chmod(mode) // whatever the umask
	}
	return wrapEntry(name, errors.Join(err, f.Close()))
}

// wrapEntry says which entry an error is about.
func wrapEntry(name string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrExist):
		return unsafeEntry(name, "is there already")
	}
	return fmt.Errorf("entry %.200q: %w", name, err)
}

package artifact

import (
	"archive/tar"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"
)

// openDir opens a directory whose files are to be read: nothing outside of it, even
// if somebody changes it meanwhile.
func openDir(dir string) (*os.Root, error) {
	st, err := os.Stat(dir)
	if err == nil && !st.IsDir() {
		err = fmt.Errorf("%s is no directory", dir)
	}
	if err != nil {
		return nil, err
	}
	return os.OpenRoot(dir)
}

// writeTar writes the files below root: names in order, without times and owners.
func writeTar(ctx context.Context, root *os.Root, w io.Writer) error {
	t := tar.NewWriter(w)
	err := fs.WalkDir(root.FS(), ".", func(name string, e fs.DirEntry, err error) error {
		if err == nil && ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		if err != nil || name == "." {
			return err
		}
		st, err := e.Info()
		if err != nil {
			return err
		}
		return writeEntry(t, root, name, st)
	})
	if err != nil {
		return err
	}
	return t.Close()
}

func writeEntry(t *tar.Writer, root *os.Root, name string, st fs.FileInfo) error {
	h := &tar.Header{Name: name, ModTime: time.Unix(0, 0), Mode: 0o644}
	switch mode := st.Mode(); {
	case mode.IsDir():
		h.Typeflag, h.Name, h.Mode = tar.TypeDir, name+"/", 0o755
		return t.WriteHeader(h)
	case mode&fs.ModeSymlink != 0:
		to, err := root.Readlink(name)
		if err != nil {
			return err
		}
		if why := leads(name, to); why != "" {
			return fmt.Errorf("symbolic link %q to %q: %s", name, to, why)
		}
		h.Typeflag, h.Linkname, h.Mode = tar.TypeSymlink, to, 0o777
		return t.WriteHeader(h)
	case !mode.IsRegular():
		return fmt.Errorf("%q is no file, directory or symbolic link (%s)", name, mode.Type())
	}
	f, err := root.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	if st, err = f.Stat(); err != nil {
		return err
	}
	h.Typeflag, h.Size = tar.TypeReg, st.Size()
	if st.Mode()&0o111 != 0 {
		h.Mode = 0o755
	}
	if err := t.WriteHeader(h); err != nil {
		return err
	}
	if n, err := io.Copy(t, io.LimitReader(f, h.Size)); err != nil || n != h.Size {
		if err == nil {
			err = fmt.Errorf("%q became shorter while it was read", name)
		}
		return err
	}
	return nil
}

// leads says why a symbolic link is not kept; "" if it stays inside. Links go up
// first, through the directories that they lie in, and then down, so that none of
// them can lead out by way of another one.
func leads(name, to string) string {
	if to == "" || path.IsAbs(to) || strings.ContainsAny(to, "\\\x00") || len(to) > 1 && to[1] == ':' {
		return "it is not relative"
	}
	up, down := 0, false
	for _, e := range strings.Split(to, "/") {
		switch {
		case e == "..":
			if up++; down {
				return "it goes up after it went down; only a link that goes up first, and then down, is kept"
			}
		case e != "." && e != "":
			down = true
		}
	}
	if up > strings.Count(name, "/") {
		return "it leads out of the directory"
	}
	return ""
}

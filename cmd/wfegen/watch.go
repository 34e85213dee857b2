package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/wfegen/wfe/gen"
)

// Files are looked at every so often rather than watched: that works the same on every system, on network disks and on the
// mounts of containers, where no notice of a change arrives, and a module has few enough files.
const (
	lookEvery = 300 * time.Millisecond
	quietFor  = 200 * time.Millisecond // an editor may write several files
)

// watch generates, and again whenever something of the module has changed, until ctx ends. A run that fails is reported
// and changes nothing.
func watch(ctx context.Context, c gen.Config, out *reporter) int {
	root, err := moduleRoot(out.dir)
	if err != nil {
		return out.refused(err)
	}
	for {
		before, err := look(root)
		if err != nil {
			return out.refused(err)
		}
		report, err := gen.Generate(ctx, c)
		switch {
		case err != nil && ctx.Err() != nil:
			return exitClean
		case err != nil:
			out.refused(err)
		default: // what was done is said, also when it is the last that is done
			out.generated(report)
			for _, change := range report.Changes {
				if stamp, err := stampOf(change.Path); err == nil {
					before[change.Path] = stamp
				} else {
					delete(before, change.Path)
				}
			}
		}
		if err := changed(ctx, root, before); err != nil {
			if ctx.Err() != nil {
				return exitClean
			}
			return out.refused(err)
		}
	}
}

// changed returns when something is not as it was before, and nothing has moved for a while since. It returns an error
// when ctx ends or the files cannot be looked at.
func changed(ctx context.Context, root string, before map[string]stamp) error {
	last, every := before, lookEvery
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(every):
		}
		now, err := look(root)
		if err != nil {
			return err
		}
		moved := !maps.Equal(now, last)
		if !moved && !maps.Equal(now, before) {
			return nil
		}
		if last, every = now, lookEvery; moved {
			every = quietFor
		}
	}
}

// stamp tells two states of a file apart.
type stamp struct {
	size int64
	at   time.Time
	mode fs.FileMode
}

func stampOf(file string) (stamp, error) {
	info, err := os.Lstat(file)
	if err != nil {
		return stamp{}, err
	}
	return stamp{info.Size(), info.ModTime(), info.Mode()}, nil
}

// look returns the files of a module that matter. A file that goes meanwhile is not there.
func look(root string) (map[string]stamp, error) {
	files := map[string]stamp{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		name := ""
		if entry != nil {
			name = entry.Name()
		}
		switch {
		case errors.Is(err, fs.ErrNotExist) && path != root:
			return nil
		case err != nil:
			return err
		case entry.IsDir() && path != root && (name == "testdata" || name == "node_modules" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")):
			return filepath.SkipDir
		case entry.IsDir() || !strings.HasSuffix(name, ".go") && name != "go.mod" && name != "go.sum" && name != "go.work":
			return nil
		}
		if s, err := stampOf(path); err == nil {
			files[path] = s
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("wfe: looking at %s: %w", root, err)
	}
	return files, nil
}

// moduleRoot returns the folder of the go.mod above dir.
func moduleRoot(dir string) (string, error) {
	for root := dir; ; root = filepath.Dir(root) {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			return root, nil
		}
		if root == filepath.Dir(root) {
			return "", fmt.Errorf("wfe: %s is not in a Go module; run wfegen where there is a go.mod, or make a module with wfegen init", dir)
		}
	}
}

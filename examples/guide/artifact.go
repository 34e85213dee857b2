package guide

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	wfe "github.com/wfegen/wfe/runtime"
)

// Site is the data of a workflow whose steps hand on files.
//
//wfe:data
type Site struct {
	Title string
	Files wfe.Artifact
	Pages int
}

// Render makes the pages of a site.
//
//wfe:step
type Render struct {
	Title string
	Files wfe.Artifact `wfe:"out"`
}

// Run writes them to a directory of its own, and keeps that.
func (s *Render) Run(ctx context.Context) error {
	dir, err := wfe.VolumeOf(ctx).TempDir()
	if err != nil {
		return err
	}
	for _, page := range []string{"index.html", "about.html"} {
		if err := os.WriteFile(filepath.Join(dir, page), []byte("<h1>"+s.Title+"</h1>"), 0o644); err != nil {
			return err
		}
	}
	s.Files, err = wfe.VolumeOf(ctx).WriteDir("site", dir)
	return err
}

// Upload hands the pages of a site to a web server.
//
//wfe:step
type Upload struct {
	Files wfe.Artifact
	Pages int `wfe:"out"`
}

// Run finds the files that Render has written in a directory that is gone after it.
func (s *Upload) Run(ctx wfe.StepContext) (wfe.Result, error) {
	dir, err := ctx.Volume().Mount(s.Files)
	if err != nil {
		return ctx.Next(), err
	}
	pages, err := os.ReadDir(dir)
	if err != nil {
		return ctx.Next(), err
	}
	for _, page := range pages {
		fmt.Println("upload", page.Name())
	}
	s.Pages = len(pages)
	return ctx.Next(), nil
}

// Publishing renders a site and uploads it.
//
//wfe:workflow id=publishing version=1
func Publishing(w *wfe.Flow, s *Site) {
	s.Files = wfe.Do(w, Render{Title: s.Title}).Files
	uploaded, _ := wfe.Steer(w, Upload{Files: s.Files})
	s.Pages = uploaded.Pages
}

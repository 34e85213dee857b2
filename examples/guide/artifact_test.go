package guide_test

import (
	"context"
	"fmt"
	"os"

	"github.com/wfegen/wfe/examples/guide"
	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/artifact"
	"github.com/wfegen/wfe/runtime/store/memory"
)

func Example_artifact() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "artifacts")
	check(err)
	defer os.RemoveAll(dir)
	artifacts, err := artifact.OpenLayout(dir, artifact.Config{Quota: 10 << 30})
	check(err)
	defer artifacts.Close()

	h := wfe.NewHost(memory.New(), wfe.Config{Artifacts: artifacts})
	check(guide.Register(h, guide.NewSteps(nil)))
	check(h.Start(ctx))
	defer h.Stop(ctx)

	publishing, err := guide.StartPublishing(ctx, h, guide.Site{Title: "Shop"})
	check(err)
	site, err := publishing.Wait(ctx)
	check(err)
	fmt.Println(site.Pages, "pages in", site.Files.MediaType)
	// Output:
	// upload about.html
	// upload index.html
	// 2 pages in application/vnd.oci.image.layer.v1.tar+zstd
}

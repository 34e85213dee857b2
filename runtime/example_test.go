package wfe_test

import (
	"context"
	"fmt"
	"log"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store/memory"
)

// Letter is the data of the workflow.
type Letter struct {
	Name string
	Text string
}

// Compose is a step: exported fields are inputs, those tagged out are outputs.
type Compose struct {
	Name string
	Text string `wfe:"out"`
}

// Run does the work.
func (s *Compose) Run(context.Context) error {
	s.Text = "hello, " + s.Name
	return nil
}

func ExampleNewWorkflow() {
	hello := wfe.NewWorkflow("hello", 1, func(b *wfe.Generic[Letter]) {
		b.If("nameless", func(l *Letter) bool { return l.Name == "" }, func(b *wfe.Generic[Letter]) {
			b.Set("world", func(l *Letter) { l.Name = "world" })
		})
		b.Step("compose")
	})

	ctx := context.Background()
	h := wfe.NewHost(memory.New(), wfe.Config{}) // sqlite.Open in an application
	if err := h.Add(hello, Compose{}); err != nil {
		log.Fatal(err)
	}
	if err := h.Start(ctx); err != nil {
		log.Fatal(err)
	}
	defer h.Stop(ctx)

	letter, err := hello.Start(ctx, h, Letter{}, wfe.ID("first"))
	if err != nil {
		log.Fatal(err)
	}
	result, err := letter.Wait(ctx)
	fmt.Println(result.Text, err)
	// Output: hello, world <nil>
}

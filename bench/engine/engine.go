// Package engine is the engine as an application uses it: generated code, a host
// with its defaults, and a store in an SQLite file with its defaults.
package engine

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/wfegen/wfe/bench/harness"
	"github.com/wfegen/wfe/bench/linear"
	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store/sqlite"
)

// Style is one way to write the workflow that is measured.
type Style struct {
	start func(ctx context.Context, c wfe.Client, data linear.Payload, opts ...wfe.StartOption) (wfe.Handle[linear.Payload], error)
	get   func(c wfe.Client, id string) wfe.Handle[linear.Payload]
}

// The styles.
var (
	Builder = Style{linear.StartLinear, linear.GetLinear}
	Plain   = Style{linear.StartPlain, linear.GetPlain}
)

type engine struct {
	Style
	store *sqlite.Store
	host  *wfe.Host
}

var _ harness.Engine = (*engine)(nil)

// Open starts a host on a new database in the folder dir.
func (s Style) Open(dir string) (harness.Engine, error) {
	ctx := context.Background()
	st, err := sqlite.Open(ctx, filepath.Join(dir, "wfe.db"), sqlite.Config{})
	if err != nil {
		return nil, err
	}
	e := &engine{s, st, wfe.NewHost(st, wfe.Config{})}
	if err := linear.Register(e.host, linear.NewSteps()); err != nil {
		return nil, errors.Join(err, st.Close())
	}
	if err := e.host.Start(ctx); err != nil {
		return nil, errors.Join(err, st.Close())
	}
	return e, nil
}

func (e *engine) Start(ctx context.Context, id string, p harness.Payload) error {
	_, err := e.start(ctx, e.host, linear.Payload(p), wfe.ID(id))
	return err
}

func (e *engine) Wait(ctx context.Context, id string) (harness.Payload, error) {
	p, err := e.get(e.host, id).Wait(ctx)
	return harness.Payload(p), err
}

func (e *engine) Close() error {
	return errors.Join(e.host.Stop(context.Background()), e.store.Close())
}

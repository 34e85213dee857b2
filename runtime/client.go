package wfe

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/wfegen/wfe/runtime/codec"
	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/engine"
	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/internal/host"
	"github.com/wfegen/wfe/runtime/store"
)

// Client starts, reads and tells instances. A [Host] is one; [NewClient] makes
// one for a process that does not own the store. The generated functions of a
// workflow's package take a Client and are typed.
//
// A command returns when it is durable. One that the instance's status does not
// allow is a *CommandError, an id that is not there ErrNotFound. A command may be
// given twice. docs/semantics.md, "Control".
type Client interface {
	// Suspend makes an instance start nothing more. Bodies that run may end; what
	// they return is kept until Resume.
	Suspend(ctx context.Context, id string) error
	// Resume makes a suspended instance run on, from new inputs and with fresh
	// attempts of the steps that failed.
	Resume(ctx context.Context, id string) error
	// Retry is Resume for an instance in which a step has failed.
	Retry(ctx context.Context, id string) error
	// Cancel stops an instance and rolls back its open sagas. It returns when that
	// has begun; Wait waits for the end, which is Terminated, reason cancelled.
	Cancel(ctx context.Context, id string) error
	// Terminate ends an instance at once and rolls nothing back. why is kept with
	// it; it may be empty.
	Terminate(ctx context.Context, id, why string) error

	begin(ctx context.Context, r startRequest) error
	publish(ctx context.Context, e store.Event) (instance.Seq, error)
	command(ctx context.Context, r commandRequest) error
	load(ctx context.Context, id string) (*store.Row, error)
	wait(ctx context.Context, id string) (*store.Row, error)
	purge(ctx context.Context, p store.Purge) (int, error) // one batch
	reader() store.Reader
	definition(ctx context.Context, hash string) (*definition.Definition, error)
	// blocked returns why a live instance of a definition is left alone; nil if it is not, or that is not known.
	blocked(ctx context.Context, id, hash string) (*BlockedError, error)
	newID() string
}

// startRequest is a start on its way, also to the owner of the store.
type startRequest struct {
	Workflow string `json:"workflow"`
	Version  int    `json:"version"`
	ID       string `json:"id"`
	Data     []byte `json:"data"`

	Reference string           `json:"reference,omitempty"`
	Unique    bool             `json:"unique,omitempty"`
	At        instance.Instant `json:"at,omitempty"`
	Trace     []byte           `json:"trace,omitempty"` // the span context of a caller in another process
	referred  bool             // Reference was given
	from      *host.Message    // by which it came; nil if by none
}

// hash is of what was asked for: equal starts of one id are one. The fingerprint
// of the data's type is no part of that.
func (r startRequest) hash() ([]byte, error) {
	_, data, err := codec.SplitHeader(r.Data)
	if err != nil {
		return nil, err
	}
	h := sha256.New()
	fmt.Fprintf(h, "%q %d ", r.Workflow, r.Version)
	h.Write(data)
	return h.Sum(nil), nil
}

// check looks at the reference.
func (r startRequest) check() error {
	switch {
	case r.Unique && !r.referred:
		return errors.New("Unique needs a Reference")
	case !r.referred:
		return nil
	}
	if err := definition.CheckName(r.Reference); err != nil {
		return fmt.Errorf("the reference %q %w", r.Reference, err)
	}
	return nil
}

// Ref names a workflow and the type of its data.
type Ref[D any] struct {
	ID      string
	Version int // 0 is the newest
	Data    codec.Codec[D]
}

// StartOption changes a start.
type StartOption func(*startRequest)

// ID starts the instance under an id of the caller's: 1 to 255 bytes. Starting
// the same again returns the instance that is there; another start under the id
// is ErrAlreadyExists. Without it the id is random.
func ID(id string) StartOption { return func(r *startRequest) { r.ID = id } }

// Reference gives the instance a key of the caller's own: 1 to 255 bytes. Query
// finds instances by it, and any number of them may have the same.
func Reference(key string) StartOption {
	return func(r *startRequest) { r.Reference, r.referred = key, true }
}

// Unique refuses the start, with ErrReferenceTaken, while another live instance of
// the workflow has the Reference, and keeps others from getting it while this one
// lives.
func Unique() StartOption { return func(r *startRequest) { r.Unique = true } }

// StartAt has the instance begin at t; until then it is there and does nothing. A
// time in the past is now. One whose workflow has no nodes completes at once.
func StartAt(t time.Time) StartOption {
	return func(r *startRequest) { r.At = max(instance.At(t), 1) }
}

// Start begins an instance and returns when that is durable. Generated functions
// call it.
func Start[D any](ctx context.Context, c Client, ref Ref[D], data *D, opts ...StartOption) (Handle[D], error) {
	r := startRequest{Workflow: ref.ID, Version: ref.Version, ID: c.newID()}
	for _, o := range opts {
		o(&r)
	}
	if err := definition.CheckName(r.ID); err != nil {
		return Handle[D]{}, fmt.Errorf("wfe: starting %s: the id %q %w", ref.ID, r.ID, err)
	}
	if err := r.check(); err != nil {
		return Handle[D]{}, fmt.Errorf("wfe: starting %s %q: %w", ref.ID, r.ID, err)
	}
	var err error
	if r.Data, err = payload(ref.Data, data); err != nil {
		return Handle[D]{}, fmt.Errorf("wfe: starting %s %q: its data: %w", ref.ID, r.ID, err)
	}
	if err := c.begin(ctx, r); err != nil {
		return Handle[D]{}, err
	}
	return Handle[D]{c, ref, r.ID}, nil
}

// Get returns the handle of an instance, which need not exist. Generated
// functions call it.
func Get[D any](c Client, ref Ref[D], id string) Handle[D] { return Handle[D]{c, ref, id} }

func payload[T any](c codec.Codec[T], v *T) ([]byte, error) {
	b, err := c.Marshal(v)
	if err != nil {
		return nil, err
	}
	if len(b) > engine.MaxPayload {
		return nil, fmt.Errorf("%w: %d bytes; at most %d are allowed", ErrTooLarge, len(b), engine.MaxPayload)
	}
	return b, nil
}

func readDefinition(ctx context.Context, st store.Reader, hash string) (*definition.Definition, error) {
	body, err := st.Definition(ctx, hash)
	if err != nil {
		return nil, fmt.Errorf("wfe: reading a definition: %w", err)
	}
	return definition.Decode(body)
}

// notFound makes the store's error the caller's.
func notFound(id string, err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("wfe: instance %q: %w", id, ErrNotFound)
	}
	return fmt.Errorf("wfe: instance %q: %w", id, err)
}

func decodeRequest(body []byte) (r startRequest, err error) {
	err = json.Unmarshal(body, &r)
	return r, err
}

package host

import (
	"errors"
	"fmt"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/engine"
	"github.com/wfegen/wfe/runtime/instance"
)

// A blocked instance can still be terminated, since that runs none of its code: it
// would be there for ever if the program that it began on is gone.

// onlyTerminates reports whether the transition of an instance that turned out to
// be blocked was to terminate it.
func (h *Host) onlyTerminates(a *actor, p *pending, err error) bool {
	var blocked *BlockedError
	return a.start == nil && errors.As(err, &blocked) && p.mail[0].in.Kind == instance.Terminate
}

// terminateBlocked makes the transition of p.mail without the workflow's code, on the
// stored definition. What comes with the Terminate comes too late.
func (h *Host) terminateBlocked(a *actor, p *pending) error {
	r, err := h.Store.Load(h.life, a.id)
	if err != nil {
		return fmt.Errorf("wfe: loading instance %q: %w", a.id, err)
	}
	body, err := h.Store.Definition(h.life, r.Definition)
	if err != nil {
		return fmt.Errorf("wfe: reading the definition of instance %q: %w", a.id, err)
	}
	d, err := definition.Decode(body)
	if err != nil {
		return &BlockedError{Instance: a.id, Reason: err.Error()}
	}
	if err := a.decode(r); err != nil {
		return err
	}
	a.wf = &Workflow{Definition: d, Hash: r.Definition, Settings: make([]definition.Settings, len(d.Nodes))}
	p.in, p.fx, p.from = p.in[:0], engine.Effects{}, a.state.Status
	for j := range p.mail {
		in := p.mail[j].in
		if in.Tag = j; in.Kind.IsCommand() {
			p.in = append(p.in, in)
		}
	}
	program := &engine.Program{Definition: d, Settings: a.wf.Settings, Code: noCode{}}
	env := engine.Env{Now: h.Clock.Now(), Grace: h.Grace}
	if err := engine.Advance(program, a.state, p.in, env, &p.fx); err != nil {
		return &BlockedError{Instance: a.id, Reason: err.Error()}
	}
	return h.written(a, p)
}

// noCode is code of which nothing is called.
type noCode struct{ engine.Code }

func (noCode) Decode([]byte) (any, error)             { return struct{}{}, nil }
func (noCode) Fields() []string                       { return nil }
func (noCode) Redact(_ any, message string) string    { return message }
func (noCode) Secrets(any) []string                   { return nil }
func (noCode) Encode(b []byte, _ any) ([]byte, error) { return b, errNoCode }
func (noCode) Envelope(b []byte) []byte               { return b }

var errNoCode = errors.New("an instance that is blocked has no data to encode")

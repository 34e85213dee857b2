package wfe

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"reflect"
	"runtime"
	"strings"

	"github.com/wfegen/wfe/runtime/codec"
	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/internal/direct"
	"github.com/wfegen/wfe/runtime/internal/poll"
	"github.com/wfegen/wfe/runtime/internal/secret"
)

// directRun runs a workflow function as ordinary Go, in a test.
type directRun struct {
	run   *direct.Run
	test  *direct.Test
	in    surroundings
	saved directData
}

var _ flowRun = (*directRun)(nil)

// RunDirect runs a workflow function as ordinary Go. It is for package wfetest,
// whose Run is what tests call.
func RunDirect[D any](t *direct.Test, fn func(w *Flow, data *D), data *D) (direct.Outcome, error) {
	types, err := directTypes(t, packageOf(fn))
	if err != nil {
		return direct.Outcome{}, err
	}
	if text, err := codec.JSON[D]().Append(nil, data); err == nil && !isObject(text) {
		return direct.Outcome{}, notObject[D]()
	}
	in := surroundings{log: slog.New(slog.DiscardHandler), types: types}
	var middleware []StepMiddleware
	for _, p := range t.Parts {
		switch p := p.(type) {
		case StepMiddleware:
			middleware = append(middleware, p)
		case ArtifactStore:
			in.artifacts = newArtifacts(Config{Artifacts: p, Logger: in.log})
		}
	}
	in.bodies = chain(middleware)
	t.Ask = poll.NewClient([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}).Do
	id, version := directIdentity(t, fn)
	d := newDirectRun(t, in, id, version, data)
	d.run.Instance = "1"
	return d.main(func() { fn(&Flow{d}, data) })
}

// main runs the function of the workflow. An error says how the run was misused.
func (d *directRun) main(f func()) (o direct.Outcome, err error) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case direct.Misuse:
			err = errors.New(string(v))
		default:
			panic(v)
		}
	}()
	return d.run.Main(f), nil
}

// newDirectRun makes a run of a workflow that works on data.
func newDirectRun[D any](t *direct.Test, in surroundings, workflow string, version int, data *D) *directRun {
	saved := &savedData[D]{codec.JSON[D](), data, nil}
	return &directRun{test: t, in: in, saved: saved, run: &direct.Run{World: &t.World, Workflow: workflow, Version: version, Data: saved,
		Redact: func(message string) string { return secret.Redact(message, data) }}}
}

// directIdentity is the id of a workflow function and its version: those that its
// directive gives it, if a part of the test knows what it was compiled to.
func directIdentity(t *direct.Test, fn any) (id string, version int) {
	if own, _, err := directSets(t, packageOf(fn)); err == nil {
		if w := compiledFrom(own.workflows, fn); w != nil {
			return w.identity()
		}
	}
	name := functionName(fn)
	return definition.Kebab(name[strings.LastIndexByte(name, '.')+1:]), 1
}

// functionName is the name of a function behind the path of its package:
// order.Pipeline.
func functionName(fn any) string {
	f := runtime.FuncForPC(reflect.ValueOf(fn).Pointer())
	if f == nil {
		return "workflow"
	}
	name := f.Name()
	return name[strings.LastIndexByte(name, '/')+1:]
}

// packageOf is the import path of a function's package, as reflect says it of types.
func packageOf(fn any) string {
	f := runtime.FuncForPC(reflect.ValueOf(fn).Pointer())
	if f == nil {
		return ""
	}
	base := strings.LastIndexByte(f.Name(), '/') + 1
	last, _, _ := strings.Cut(f.Name()[base:], ".")
	if plain, err := url.PathUnescape(last); err == nil { // the linker escapes a dot there
		last = plain
	}
	return f.Name()[:base] + last
}

// directSets sorts the parts of a test: those of the package pkg, whose names have no
// package in front of them, and the others.
func directSets(t *direct.Test, pkg string) (own StepSet, others []StepSet, err error) {
	for i, p := range t.Parts {
		switch p := p.(type) {
		case StepMiddleware, ArtifactStore, func(*Host) error:
		case interface{ set() StepSet }:
			if set := p.set(); set.of(pkg) {
				own.steps, own.events = append(own.steps, set.steps...), append(own.events, set.events...)
				own.workflows = append(own.workflows, set.workflows...)
			} else {
				others = append(others, set)
			}
		default:
			if err := own.take(p); err != nil {
				return own, nil, fmt.Errorf("part %d: %w", i+1, err)
			}
		}
	}
	return own, others, nil
}

// directTypes finds the steps and events that the parts of a test are to a workflow of
// the package pkg.
func directTypes(t *direct.Test, pkg string) (*types, error) {
	own, others, err := directSets(t, pkg)
	if err != nil {
		return nil, err
	}
	types, err := newTypes(own, others)
	if err != nil {
		return nil, err
	}
	for _, g := range t.Events {
		it, name := types.event(reflect.TypeOf(g.Value).Elem())
		if it == nil {
			it = g.Event.(eventType)
			name = definition.Kebab(it.goType().Name())
			types.events[it.goType()] = named[eventType]{it, name}
		}
		payload, err := it.write(g.Value)
		if err != nil {
			return nil, fmt.Errorf("event %s with key %q: %w", name, g.Key, err)
		}
		t.World.Events = append(t.World.Events, direct.Event{Name: name, Key: g.Key, Payload: payload})
	}
	return types, types.probed(t.Probe)
}

// ofChild is what a child of the package pkg has around it: there, names of steps have
// other packages in front of them.
func (d *directRun) ofChild(pkg string) surroundings {
	own, others, err := directSets(d.test, pkg)
	if err != nil {
		direct.Misused("%v", err)
	}
	t, err := newTypes(own, others)
	if err == nil {
		err = t.probed(d.test.Probe)
	}
	if err != nil {
		direct.Misused("package %s: %v", pkg, err)
	}
	t.events = d.in.types.events // have one name everywhere
	in := d.in
	in.types = t
	return in
}

// directData is the data of a direct run.
type directData interface {
	direct.Data
	text() ([]byte, error) // as JSON
	has(path []string) bool
	value() reflect.Value // a pointer to it
}

// savedData keeps what was last saved of some data.
type savedData[D any] struct {
	codec codec.Codec[D]
	data  *D
	last  []byte
}

func (s *savedData[D]) Save() error {
	b, err := s.codec.AppendPayload(nil, s.data)
	if err != nil {
		return err
	}
	if len(b) > MaxPayload {
		return fmt.Errorf("the data would be %d bytes; at most %d are allowed", len(b), MaxPayload)
	}
	fresh := new(D)
	if err := s.codec.Unmarshal(b, fresh); err != nil {
		return fmt.Errorf("the data do not decode any more: %w", err)
	}
	*s.data, s.last = *fresh, b
	return nil
}

func (s *savedData[D]) Restore() {
	fresh := new(D)
	if s.last != nil && s.codec.Unmarshal(s.last, fresh) == nil {
		*s.data = *fresh
	}
}

func (s *savedData[D]) text() ([]byte, error)  { return s.codec.Append(nil, s.data) }
func (s *savedData[D]) has(path []string) bool { return hasValue(reflect.TypeFor[D](), path) }
func (s *savedData[D]) value() reflect.Value   { return reflect.ValueOf(s.data) }

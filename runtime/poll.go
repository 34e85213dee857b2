package wfe

import (
	"context"
	"encoding/json"
	"reflect"
	"slices"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/internal/host"
	"github.com/wfegen/wfe/runtime/internal/poll"
	"github.com/wfegen/wfe/runtime/internal/probe"
)

// Endpoint is what a Poll asks, and until when.
type Endpoint = poll.Endpoint

// Condition says which answer a Poll waits for.
type Condition = poll.Condition

// Response is the answer that a Poll has waited for.
type Response = poll.Response

// AddressError says that a Poll was to reach an address that the host does not allow.
type AddressError = poll.AddressError

// Poll asks e over HTTP until the answer is the one that e.Until describes, and goes
// on. Between two requests it holds nothing. An error of the network is not the
// answer yet; that e.Timeout is over is an error of this node, which has no retries
// unless OnError gives it some. out, if it is given, hands the answer to the data.
//
// It reaches public addresses, and those of Config.PollAllow. The rules:
// docs/semantics.md, "Polling".
func (b Block[D, B]) Poll(id string, e Endpoint, out ...func(data *D, r *Response)) B {
	c := b.c
	n := c.add(b.seq, id, definition.Node{Kind: definition.Poll})
	compiled, err := poll.Compile(e, func(path []string) bool { return hasValue(authored[D](), path) })
	if err != nil {
		c.fail("node %q: %w", c.Nodes[n].ID, err)
		return b.self()
	}
	set := &c.settings[n]
	set.Delay, set.Within, set.Timeout = compiled.Interval, compiled.Timeout, compiled.Each
	c.polls[n] = compiled
	c.code[n].fill = func(data []byte) ([]byte, error) {
		r, err := compiled.Fill(data)
		if err != nil {
			return nil, err
		}
		return json.Marshal(r)
	}
	c.code[n].out = func(data any, value []byte) error {
		r, err := poll.Decode(value)
		if err != nil {
			return err
		}
		for _, f := range out {
			f(data.(*D), &r)
		}
		return nil
	}
	if len(out) == 0 {
		c.code[n].out = nil
	}
	return b.self()
}

// pollBody makes one request.
func pollBody(c *poll.Compiled, in surroundings) host.Body {
	return func(ctx context.Context, call host.Call) host.Result {
		var r poll.Request
		if err := json.Unmarshal(call.Input, &r); err != nil {
			return host.Result{Err: &instance.StepError{Message: "its request does not decode: " + err.Error(), Permanent: true}}
		}
		run := newStepContext(ctx, in, call)
		answer, err := in.asks(run, r)
		if err != nil {
			run.Logger().Info("a poll had no answer", "error", err)
			failed := recorded(err)
			failed.Permanent = failed.Permanent || poll.Permanent(err)
			return host.Result{Err: failed}
		}
		if miss := c.Miss(answer); miss != "" {
			return host.Result{Kind: instance.SleepUntil, Persist: []byte(miss)}
		}
		return host.Result{Value: answer.Encode()}
	}
}

// asks returns what makes requests, with all middleware around it. A test may answer
// them instead.
func asks(client *poll.Client, test *probe.Probe, all []PollMiddleware) PollFunc {
	ask := func(ctx StepContext, r PollRequest) (Response, error) {
		if test != nil && test.Answer != nil {
			if answer, given, err := test.Answer(ctx.Node); given {
				return answer, err
			}
		}
		return client.Do(ctx, r)
	}
	for _, m := range slices.Backward(all) {
		ask = m(ask)
	}
	return ask
}

// hasValue reports whether the JSON of a type may have a text, a number or a bool at
// a path of names.
func hasValue(t reflect.Type, path []string) bool {
	if implements(t, jsonMarshaler) || implements(t, textMarshaler) {
		return len(path) == 0 // it says when it is filled what it is
	}
	switch t.Kind() {
	case reflect.Pointer:
		return hasValue(t.Elem(), path)
	case reflect.Interface:
		return true
	case reflect.Map:
		return len(path) > 0 && hasValue(t.Elem(), path[1:])
	case reflect.Struct:
		if len(path) == 0 {
			return false
		}
		for _, f := range reflect.VisibleFields(t) {
			if jsonName(f) == path[0] && saved(t, f) && !(f.Anonymous && transparent(f)) && hasValue(f.Type, path[1:]) {
				return true
			}
		}
		return false
	case reflect.Bool, reflect.String, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64:
		return len(path) == 0
	}
	return false
}

package wfetest

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/codec"
	"github.com/wfegen/wfe/runtime/internal/direct"
	"github.com/wfegen/wfe/runtime/internal/probe"
)

// Case is what [Equivalent] runs a workflow with.
type Case[D any] struct {
	Name string // of the subtest; default: its number
	Data D      // what it begins with
	// Parts returns the parts of one run, as Run takes them. It is called for each, so
	// that the fakes of one run know nothing of those of the other. A
	// func(*wfe.Host) error among them registers with the host what else it needs:
	// children that are written with a builder.
	Parts func() []any
}

// Equivalent runs a workflow that is written as plain Go twice for each case: directly,
// and as wfegen has compiled it, on the real engine over a store in memory. It fails
// the test where the two do not come to the same: the same end and error, the same
// data, the same steps with the same inputs, results and errors.
//
// Steps of branches that run at the same time may come in any order among each other,
// and lists in the data too then. Where one branch ends others, by a failure or by
// End, what these have done by then differs from run to run: only the status at the
// end is compared.
//
//	wfetest.Equivalent(t, order.OrderPipeline,
//		wfetest.Case[order.Order]{Name: "approved", Data: order.Order{ID: "o1", Cents: 200_000}, Parts: func() []any {
//			return []any{order.NewSteps(newGateway()), wfetest.Event("o1", order.Approval{OK: true})}
//		}})
//
// After a panic in plain code, or a Fail in a compensation, that suspends the instance
// the data are not compared.
//
// A case that the workflow waits in for ever, or in which it is suspended, is one like
// the others. Both runs are in a bubble of testing/synctest, as [Test] says.
func Equivalent[D any](t *testing.T, fn func(w *wfe.Flow, data *D), cases ...Case[D]) {
	t.Helper()
	for i, c := range cases {
		if c.Name == "" {
			c.Name = fmt.Sprint(i + 1)
		}
		t.Run(c.Name, func(t *testing.T) {
			var want comparison
			synctest.Test(t, func(t *testing.T) { want = c.direct(t, fn) })
			if !t.Failed() {
				Test(t, func(r *Rig) {
					if msg := want.differs(c.compiled(r, fn, want)); msg != "" {
						r.T.Errorf("wfetest: compiled, the workflow does something else than directly:\n%s", msg)
					}
				})
			}
		})
	}
}

// comparison is what a run of a case came to.
type comparison struct {
	end     string // status and reason
	failure string // step and message
	data    string // as JSON
	plain   bool   // plain code has suspended it
	runs    []StepRun
	forks   [][]direct.Fork // of each run, where it is direct
	test    *direct.Test    // of a direct run
}

func (c Case[D]) parts() *direct.Test {
	if c.Parts == nil {
		return newDirectTest(nil)
	}
	return newDirectTest(c.Parts())
}

// direct runs the function.
func (c Case[D]) direct(t *testing.T, fn func(w *wfe.Flow, data *D)) comparison {
	t.Helper()
	test := c.parts()
	test.Wait = time.Sleep
	data := c.Data
	out, trace := run(t, test, fn, &data)
	return comparison{end: ending(out.Status, out.Reason), failure: failing(out.Failure), data: text(t, data),
		plain: out.Status == wfe.Suspended && out.Failure != nil && out.Failure.Step == "", runs: out.Runs, forks: trace.forks, test: test}
}

// compiled runs what the function was compiled to, with the events and the timeouts
// that the direct run had.
func (c Case[D]) compiled(r *Rig, fn func(w *wfe.Flow, data *D), want comparison) comparison {
	r.T.Helper()
	test := c.parts()
	ref, register, err := wfe.Compiled(test, fn)
	if err != nil {
		r.T.Fatalf("wfetest: %v", err)
	}
	for _, p := range test.Parts {
		if artifacts, ok := p.(wfe.ArtifactStore); ok {
			r.Config.Artifacts = artifacts
		}
	}
	r.Host(register, func(p *probe.Probe) {
		p.Doubles = test.Probe.Doubles
		p.Answer = func(node string) (wfe.Response, bool, error) { return direct.Next(test.Answers, node) }
	})
	i := Start(r, func(ctx context.Context, c wfe.Client, data D, opts ...wfe.StartOption) (wfe.Handle[D], error) {
		return wfe.Start(ctx, c, ref, &data, opts...)
	}, c.Data)
	later := publish(r, want.test)
	if want.end == string(wfe.Runnable) {
		r.Advance(year)
	} else {
		i.until("has ended, or is suspended", func(now wfe.Instance[D]) (bool, error) {
			later.publishFor(r, want.test, now.Waiting)
			return now.Status != wfe.Runnable, nil
		})
	}
	now := i.Get()
	return comparison{end: ending(now.Status, now.Reason), failure: failing(now.Failure), data: text(r.T, now.Data), runs: r.Runs()}
}

// held are events that are published when another wait than one that is to time out
// waits for them.
type held []direct.Event

// publish publishes what no wait that is to time out could take.
func publish(r *Rig, t *direct.Test) *held {
	var later held
	for _, e := range t.World.Events {
		if slices.ContainsFunc(t.Timeouts, func(o *direct.Timeout) bool {
			return slices.ContainsFunc(o.Held, func(h direct.Event) bool { return h.Name == e.Name && h.Key == e.Key })
		}) {
			later = append(later, e)
		} else {
			publishEvent(r, e)
		}
	}
	return &later
}

func (h *held) publishFor(r *Rig, t *direct.Test, waits []wfe.Waiting) {
	for _, w := range waits {
		if slices.ContainsFunc(t.Timeouts, func(o *direct.Timeout) bool { return direct.IsNode(w.Node, o.Node) }) {
			continue
		}
		if n := slices.IndexFunc(*h, func(e direct.Event) bool { return e.Name == w.Event && e.Key == w.Key }); n >= 0 {
			publishEvent(r, (*h)[n])
			*h = slices.Delete(*h, n, n+1)
			return
		}
	}
}

// publishEvent publishes an event that is encoded.
func publishEvent(r *Rig, e direct.Event) {
	r.T.Helper()
	header, text, err := codec.SplitHeader(e.Payload)
	if err != nil {
		r.T.Fatalf("wfetest: event %s: %v", e.Name, err)
	}
	event := wfe.Event[json.RawMessage]{Name: e.Name, Codec: codec.JSON[json.RawMessage]()}
	event.Codec.Schema = header.Schema
	Publish(r, event.Publish, e.Key, text)
}

func ending(s wfe.Status, why wfe.Reason) string {
	if why == "" {
		return string(s)
	}
	return fmt.Sprintf("%s (%s)", s, why)
}

var (
	childID   = regexp.MustCompile(`\b1(/\d+\.\d+)+`)
	childNode = regexp.MustCompile(`: node \S+: `)
)

// failing is what is compared of a failure. Ids of nodes and of children are not the
// same in both runs, and a panic in plain code is a failure of another node.
func failing(f *wfe.Failure) string {
	if f == nil {
		return ""
	}
	message := message(f.Message)
	if f.Step == "" || strings.HasPrefix(message, panicked) {
		return message
	}
	return f.Step + ": " + message
}

// panicked begins the message of a panic.
const panicked = "panic: "

func message(s string) string {
	if at := strings.Index(s, panicked); at > 0 {
		s = s[at:] // whatever of a node it was in
	}
	return childNode.ReplaceAllString(childID.ReplaceAllString(firstLine(s), "1/..."), ": ")
}

func text(t testing.TB, data any) string {
	t.Helper()
	b, err := json.Marshal(data)
	if err != nil {
		t.Fatalf("wfetest: the data: %v", err)
	}
	return string(b)
}

// differs says what a compiled run did otherwise; "" if all is the same.
func (want comparison) differs(got comparison) string {
	if want.end != got.end {
		return fmt.Sprintf("  it is %s, because of %q\n  directly %s, because of %q", got.end, got.failure, want.end, want.failure)
	}
	if want.test.Cut {
		return ""
	}
	msg := ""
	if want.failure != got.failure {
		msg += fmt.Sprintf("  its failure is %q\n  directly %q\n", got.failure, want.failure)
	}
	// Where it suspends, a panic leaves the data as they were before the code that it was in;
	// Go does not say where between two statements that begins. So does a Fail in a compensation.
	if a, b := want.order(got.data), want.order(want.data); a != b && !want.plain {
		msg += fmt.Sprintf("  its data are %s\n  directly %s\n", a, b)
	}
	if trace := mismatchOf(got.runs, want.leaves()); trace != "" {
		msg += "  its steps:\n" + trace
	}
	return msg
}

// order is data as they are compared: where branches ran at the same time, lists are
// in no order.
func (want comparison) order(data string) string {
	if !slices.ContainsFunc(want.forks, func(f []direct.Fork) bool { return len(f) > 0 }) {
		return data
	}
	if sorted, err := unordered([]byte(data)); err == nil {
		return sorted
	}
	return data
}

// leaves are the runs of a direct run, each after those that were not beside it.
func (want comparison) leaves() []leaf {
	leaves := make([]leaf, len(want.runs))
	for i := range want.runs {
		l := leaf{text: withInputs(want.runs[i]), like: &want.runs[i]}
		for k := range i {
			if !direct.Beside(want.forks[k], want.forks[i]) {
				l.before = append(l.before, k)
			}
		}
		leaves[i] = l
	}
	return leaves
}

// sameJSON reports whether two texts say the same: a character that stands for what is no UTF-8 may be written as itself, or as an escape.
func sameJSON(a, b string) bool {
	var x, y any
	return a == b || json.Unmarshal([]byte(a), &x) == nil && json.Unmarshal([]byte(b), &y) == nil && reflect.DeepEqual(x, y)
}

func withInputs(r StepRun) string { return r.String() + " of " + r.Inputs }

// same reports whether two runs are one, in a direct and in a compiled run.
func same(a, b StepRun) bool {
	if (a.Err == nil) != (b.Err == nil) || a.Err != nil && message(a.Err.Error()) != message(b.Err.Error()) {
		return false
	}
	return a.Step == b.Step && sameJSON(a.Inputs, b.Inputs) && a.Attempt == b.Attempt && a.Undo == b.Undo && a.Result == b.Result
}

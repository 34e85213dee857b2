package wfe

import (
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/internal/direct"
)

// callNode is what the options of a call say.
type callNode struct {
	flowOptions
	call string
}

// node reads the options of a call, which may have those that are named.
func (d *directRun) node(call string, opts []Option, may string) callNode {
	o := callNode{call: call}
	for _, opt := range opts {
		if opt != nil {
			opt.set(&o.flowOptions)
		}
	}
	for _, given := range []struct {
		name string
		is   bool
	}{
		{"Name", o.name != ""}, {"Limit", o.limit != 0}, {"Sequential", o.sequential}, {"OnError", o.policy != nil}, {"AsOf", !o.asOf.IsZero()},
		{"CancelWhen", o.cancel != nil}, {"Version", o.child.Version != 0}, {"Abandon", o.child.Abandon},
	} {
		if given.is && !slices.Contains(strings.Fields(may), given.name) {
			direct.Misused("wfe.%s takes no option wfe.%s; its options are: %s", call, given.name, strings.ReplaceAll(may, " ", ", "))
		}
	}
	if o.name == "" {
		o.name = d.named(call)
	}
	switch {
	case o.repeated:
		direct.Misused("wfe.%s is given one option twice", call)
	case o.limit < 0 || o.limit > definition.MaxLimit:
		direct.Misused("wfe.%s: a limit is 1 to %d; it is %d", call, definition.MaxLimit, o.limit)
	}
	return o
}

// named is what a directive in the source calls the call that is being made.
func (d *directRun) named(call string) string {
	if d.test.ID == nil {
		return ""
	}
	var pcs [16]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for {
		f, more := frames.Next()
		if !strings.HasPrefix(f.Function, "github.com/wfegen/wfe/runtime.") {
			return d.test.ID(f.File, f.Line, call)
		}
		if !more {
			return ""
		}
	}
}

// id is the segment of the node's id, if no option says so: otherwise.
func (o callNode) id(otherwise string) string {
	if o.name != "" {
		return o.name
	}
	return otherwise
}

func (o callNode) cancels() direct.Cancel {
	return direct.Cancel{Cond: o.cancel, Proceed: o.proceed}
}

// onError is the policy that the option says, or the one that is otherwise so.
func (o callNode) onError(otherwise RetryPolicy) RetryPolicy {
	if o.policy != nil {
		return *o.policy
	}
	return otherwise
}

func (d *directRun) step(c stepCall) (outcome string) {
	may := "Name OnError CancelWhen"
	if c.item != nil {
		may += " Limit Sequential"
	}
	o := d.node(c.call, c.opts, may)
	step, name := d.in.types.step(c.typ)
	if step == nil {
		direct.Misused("step type %s is not among the parts: give what NewSteps of its package returns, or a %s with its dependencies", c.typ, c.typ)
	}
	s := direct.Step{Node: o.id(name), Name: name, Body: step.body(d.in), Undo: step.undo(d.in), Sequential: o.sequential, Cancel: o.cancels()}
	retry, timeout := policyOf(step)
	s.Settings = definition.Settings{Retry: o.onError(retry), Timeout: timeout, Undo: retry, UndoTimeout: timeout}
	d.undoneBy(step, &s)
	switch s.Settings.Retry.Then {
	case Compensate, CompensateThenRetry, CompensateThenSuspend:
		if s.Undo == nil {
			direct.Misused("node %q: its policy compensates, and step %s has no compensation: give it an Undo method", s.Node, name)
		}
	}
	if c.item != nil {
		s.Branch = func(item []byte) {
			if err := c.item(step.branches(), item); err != nil {
				panic(err)
			}
		}
	}
	s.Input, s.Err = step.write(nil, c.step)
	value, outcome := d.run.Step(s)
	if value == nil && s.Err == nil {
		value = s.Input // as it was given, and stored
	}
	if value != nil {
		reflect.ValueOf(c.step).Elem().SetZero()
		if err := step.read(value, c.step); err != nil {
			panic(fmt.Errorf("the outputs of step %s do not decode: %w", name, err))
		}
	}
	return outcome
}

func policyOf(step stepType) (RetryPolicy, time.Duration) {
	retry, timeout := step.settings()
	if retry == nil {
		return definition.DefaultRetry(), timeout
	}
	return *retry, timeout
}

// undoneBy has another step undo s, where the directive of s names one: its inputs
// are those of the run that is undone and, where that has none, of the data, by name
// and type; so are its outputs stored in the data.
func (d *directRun) undoneBy(step stepType, s *direct.Step) {
	typ := step.undoneBy()
	if typ == nil {
		return
	}
	by, name := d.in.types.step(typ)
	if by == nil {
		direct.Misused("step %s is undone by step type %s, which is not among the parts", s.Name, typ)
	}
	s.Undo = by.body(d.in)
	s.Settings.Undo, s.Settings.UndoTimeout = policyOf(by)
	data := d.saved.value()
	c := new(core)
	fromData, _ := c.wire(data.Type().Elem(), typ, false)
	toData, _ := c.wire(data.Type().Elem(), typ, true)
	fromDone, _ := c.wire(step.goType(), typ, false)
	s.UndoInput = func(done []byte) ([]byte, error) {
		was, undo := reflect.New(step.goType()), reflect.New(typ)
		if err := step.read(done, was.Interface()); err != nil {
			return nil, err
		}
		fromData.copy(undo.Elem(), data.Elem())
		fromDone.copy(undo.Elem(), was.Elem())
		return by.write(nil, undo.Interface())
	}
	s.UndoDone = func(value []byte) error {
		undo := reflect.New(typ)
		if err := by.read(value, undo.Interface()); err != nil {
			return fmt.Errorf("the outputs of step %s do not decode: %w", name, err)
		}
		toData.copyBack(data.Elem(), undo.Elem())
		return nil
	}
}

func (d *directRun) wait(c waitCall) bool {
	o := d.node(c.call, c.opts, "Name OnError AsOf CancelWhen")
	event, name := d.in.types.event(c.event)
	if event == nil { // nobody can have published one
		name = definition.Kebab(c.event.Name())
	}
	return d.run.Wait(direct.Wait{Node: o.id(name), Event: name, Key: c.key, Within: c.within,
		Retry: o.onError(definition.DefaultRetry()), Cancel: o.cancels(),
		Take: func(payload []byte) error { return event.read(payload, c.into) }})
}

func (d *directRun) block(c blockCall) *Failure {
	call, id := "Saga", "saga"
	if c.try {
		call, id = "Try", "try"
	}
	o := d.node(call, c.opts, "Name OnError CancelWhen")
	return publicFailure(d.run.Saga(direct.Saga{Node: o.id(id), Body: c.body, Try: c.try, Policy: o.policy, Cancel: o.cancels()}))
}

func (d *directRun) undo(body func(), opts []Option) {
	d.run.Undo(d.node("Undo", opts, "Name").id("undo"), body)
}

func (d *directRun) parallel(branches []func()) {
	d.run.Parallel(d.node("Parallel", nil, "").id("parallel"), branches)
}

func (d *directRun) each(c eachCall) {
	o := d.node("ForEach", c.opts, "Name Limit Sequential CancelWhen")
	d.run.Each(direct.Loop{Node: o.id("for-items"), Items: c.items, Err: c.err, Sequential: o.sequential, Cancel: o.cancels(), Item: func(item []byte) {
		if err := c.item(item); err != nil {
			panic(err)
		}
	}})
}

func (d *directRun) recur(rhythm Rhythm, body func() bool, opts []Option) {
	o := d.node("Recur", opts, "Name CancelWhen")
	r := direct.Rounds{Node: o.id("recur"), Every: rhythm.every, Body: body, Cancel: o.cancels()}
	if rhythm.cron != "" {
		next, err := rhythm.next()
		if err != nil {
			direct.Misused("node %q: %v", r.Node, err)
		}
		r.Next = next
	} else if r.Every <= 0 {
		direct.Misused("node %q: its interval is %s; it must be longer than 0", r.Node, r.Every)
	}
	d.run.Recur(r)
}

func (d *directRun) sleep(c sleepCall) {
	o := d.node(c.call, c.opts, "Name CancelWhen")
	due := func() time.Time { return d.run.Now().Add(c.d) }
	if c.call == "SleepUntil" {
		due = func() time.Time { return c.until }
	}
	d.run.Sleep(o.id("sleep"), due, o.cancels())
}

func (d *directRun) end() { d.run.End(d.node("End", nil, "").id("end")) }

func (d *directRun) now() time.Time { return instance.At(d.run.Now()).Time() }

func (d *directRun) fail(err error) {
	d.run.Fail(d.node("Fail", nil, "").id("fail"), failing(err))
}

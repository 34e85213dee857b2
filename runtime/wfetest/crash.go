package wfetest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/wfegen/wfe/runtime/store/memory"
)

// when says on which side of a commit the host crashes.
type when string

const (
	never  when = ""
	before when = "before" // nothing of the commit was written
	after  when = "after"  // all of it was, and nobody was told
)

// crash is where a rig's host crashes.
type crash struct {
	at       int // the commit, from 1
	when     when
	happened atomic.Bool
}

func (c *crash) hit() bool { return c.happened.Load() }

// fault is what befalls the n-th commit.
func (c *crash) fault(n int) memory.Fault {
	if c.when == never || n != c.at {
		return memory.None
	}
	c.happened.Store(true)
	if c.when == before {
		return memory.CrashBefore
	}
	return memory.CrashAfter
}

// CrashEverywhere runs the scenario once, and then once more for each commit of
// the store with a crash before it, and one with a crash after it. After a crash
// another host goes on. Each run must come to the same end as the first one: the
// instances that ended there end with the same status and data (lists may be in
// another order), and the ledger of Rig.Effect has the same entries, whatever their
// keys and order.
//
// The scenario makes all that it uses, doubles of the outside world included; what
// these know must outlive the crash, so let Rig.Effect decide whether something was
// done before. It runs with crashes too, so what it requires must hold there; Ran
// does nothing then. Each crash is a subtest, and its name says how to run it alone.
func CrashEverywhere(t *testing.T, scenario func(r *Rig)) {
	t.Helper()
	var want result
	commits := 0
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 0, never)
		r.run(func(r *Rig) {
			scenario(r)
			want = r.result()
			commits = r.store.Commits()
		})
	})
	if t.Failed() {
		return // it fails without a crash
	}
	for _, when := range []when{before, after} {
		// How often a host commits is not always the same: go on until there is no
		// commit left. Runs that a -run flag leaves out tell nothing.
		for at, left := 1, true; left && at <= 2*commits+100; at++ {
			t.Run(fmt.Sprintf("%s commit %d", when, at), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					left = crashOnce(newRig(t, at, when), scenario, want)
				})
			})
			if t.Failed() {
				return // one is enough to look at
			}
		}
	}
}

// crashOnce runs the scenario with a crash; false when it did not come to it.
func crashOnce(r *Rig, scenario func(r *Rig), want result) bool {
	r.T.Helper()
	defer func() {
		if r.T.Failed() {
			r.T.Logf("wfetest: the host crashed %s commit %d; to run this alone: go test -count=1 -run '%s'", r.crash.when, r.crash.at, pattern(r.T.Name()))
		}
	}()
	r.run(func(r *Rig) {
		scenario(r)
		got := r.resultOf(want)
		if msg := want.differs(got); msg != "" && r.crash.hit() {
			r.T.Errorf("wfetest: with a crash %s commit %d the scenario ends otherwise:\n%s", r.crash.when, r.crash.at, msg)
		}
	})
	return r.crash.hit()
}

// pattern makes a -run flag of a test's name.
func pattern(name string) string {
	parts := strings.Split(name, "/")
	for i, p := range parts {
		parts[i] = "^" + p + "$"
	}
	return strings.Join(parts, "/")
}

// result is to what a scenario came.
type result struct {
	ends    []outcome
	effects []string // sorted
}

// result waits until nothing can happen before time passes, and says what has.
func (r *Rig) result() result {
	r.T.Helper()
	r.Settle()
	res := result{}
	for _, i := range r.all {
		res.ends = append(res.ends, r.end(i))
	}
	for _, e := range r.Effects() {
		res.effects = append(res.effects, fmt.Sprintf("instance %s: %s", e.Instance, e))
	}
	slices.Sort(res.effects)
	return res
}

func (r *Rig) end(i ended) outcome {
	r.T.Helper()
	o, err := i.end()
	if err != nil {
		r.T.Fatalf("wfetest: instance %s: its data: %v", o.id, err)
	}
	return o
}

// resultOf waits until what ended in the run without a crash has ended, and says
// what has happened.
func (r *Rig) resultOf(want result) result {
	r.T.Helper()
	for n, i := range r.all {
		if n < len(want.ends) && !want.ends[n].live {
			r.until(func() string {
				return fmt.Sprintf("instance %s has ended, as it does without a crash", want.ends[n].id)
			}, func() (bool, error) {
				return !r.end(i).live, nil
			})
		}
	}
	return r.result()
}

// differs says what is not as wanted; "" if all is.
func (want result) differs(got result) string {
	var b strings.Builder
	if len(got.ends) != len(want.ends) {
		fmt.Fprintf(&b, "  it starts %d instances; without a crash %d\n", len(got.ends), len(want.ends))
	}
	for n := range min(len(got.ends), len(want.ends)) {
		w, g := want.ends[n], got.ends[n]
		switch {
		case w.live:
		case w.status != g.status:
			fmt.Fprintf(&b, "  instance %s is %s; without a crash %s\n", w.id, g.status, w.status)
		case w.data != g.data:
			fmt.Fprintf(&b, "  instance %s has the data %s\n  without a crash %s\n", w.id, g.data, w.data)
		}
	}
	more, less := difference(got.effects, want.effects), difference(want.effects, got.effects)
	for _, e := range more {
		fmt.Fprintf(&b, "  one effect more: %s\n", e)
	}
	for _, e := range less {
		fmt.Fprintf(&b, "  one effect less: %s\n", e)
	}
	return b.String()
}

// difference returns the entries of a that are not in b, as often as they are too many.
func difference(a, b []string) []string {
	b = slices.Clone(b)
	var out []string
	for _, x := range a {
		if i := slices.Index(b, x); i >= 0 {
			b = slices.Delete(b, i, i+1)
		} else {
			out = append(out, x)
		}
	}
	return out
}

// unordered writes JSON with the elements of each array sorted by their text.
func unordered(text []byte) (string, error) {
	var v any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return "", err
	}
	out, err := json.Marshal(sorted(v))
	return string(out), err
}

func sorted(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = sorted(v[k])
		}
	case []any:
		texts := make(map[int]string, len(v))
		order := make([]int, len(v))
		for i := range v {
			b, _ := json.Marshal(sorted(v[i]))
			texts[i], order[i] = string(b), i
		}
		slices.SortFunc(order, func(a, b int) int { return cmp.Compare(texts[a], texts[b]) })
		out := make([]any, len(v))
		for i, at := range order {
			out[i] = v[at]
		}
		return out
	}
	return v
}

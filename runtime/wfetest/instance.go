package wfetest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	wfe "github.com/wfegen/wfe/runtime"
)

// Instance is an instance of a workflow over D, in a scenario.
type Instance[D any] struct {
	r      *Rig
	id     string
	open   func(ctx context.Context) (wfe.Handle[D], error)
	handle wfe.Handle[D]
	host   int // on which handle works
}

// ended is an Instance without its type parameter.
type ended interface{ end() (outcome, error) }

// outcome is how an instance ended.
type outcome struct {
	id, status, data string
	live             bool
}

// Start starts an instance by a generated Start function, or by that of a workflow
// of wfe.NewWorkflow. Without wfe.ID its id is "1", that of the next "2".
func Start[D any](r *Rig, start func(ctx context.Context, c wfe.Client, data D, opts ...wfe.StartOption) (wfe.Handle[D], error),
	data D, opts ...wfe.StartOption) *Instance[D] {
	r.T.Helper()
	r.names++
	opts = append([]wfe.StartOption{wfe.ID(fmt.Sprint(r.names))}, opts...)
	i := &Instance[D]{r: r, open: func(ctx context.Context) (wfe.Handle[D], error) { return start(ctx, r.host, data, opts...) }}
	r.do("starting an instance", i.reopen)
	i.id = i.handle.ID()
	r.all = append(r.all, i)
	return i
}

// Get returns an instance that was started otherwise, by a generated Get function.
func Get[D any](r *Rig, get func(c wfe.Client, id string) wfe.Handle[D], id string) *Instance[D] {
	r.T.Helper()
	i := &Instance[D]{r: r, id: id, open: func(context.Context) (wfe.Handle[D], error) { return get(r.host, id), nil }}
	r.do("finding an instance", i.reopen)
	return i
}

// Publish publishes an event by a generated Publish function, or by that of an
// event of wfe.NewEvent. It is published once, whatever crashes.
func Publish[E any](r *Rig, publish func(ctx context.Context, c wfe.Client, key string, e E, opts ...wfe.PublishOption) error,
	key string, e E, opts ...wfe.PublishOption) {
	r.T.Helper()
	r.names++
	opts = append([]wfe.PublishOption{wfe.Dedup(fmt.Sprint("wfetest-", r.names))}, opts...)
	r.do("publishing an event", func(ctx context.Context) error { return publish(ctx, r.host, key, e, opts...) })
}

func (i *Instance[D]) reopen(ctx context.Context) (err error) {
	if i.host == i.r.starts {
		return nil
	}
	if i.handle, err = i.open(ctx); err == nil {
		i.host = i.r.starts
	}
	return err
}

// ID returns its id.
func (i *Instance[D]) ID() string { return i.id }

// Do does something with the instance: cancel it, resume it. It is done again if
// the host crashes meanwhile.
func (i *Instance[D]) Do(f func(ctx context.Context, h wfe.Handle[D]) error) {
	i.r.T.Helper()
	i.r.do(fmt.Sprintf("doing something with instance %s", i.id), func(ctx context.Context) error {
		if err := i.reopen(ctx); err != nil {
			return err
		}
		return f(ctx, i.handle)
	})
}

// Get returns the instance as it is now.
func (i *Instance[D]) Get() (now wfe.Instance[D]) {
	i.r.T.Helper()
	i.Do(func(ctx context.Context, h wfe.Handle[D]) (err error) {
		now, err = h.Get(ctx)
		return err
	})
	return now
}

// Until waits until cond holds for what is stored. what completes "until instance
// 1 ...", for the message when it cannot come about.
func (i *Instance[D]) Until(what string, cond func(now wfe.Instance[D]) bool) wfe.Instance[D] {
	i.r.T.Helper()
	return i.until(what, func(now wfe.Instance[D]) (bool, error) {
		if ok := cond(now); ok || now.Ended.IsZero() {
			return ok, nil
		}
		return false, errors.New("it has ended")
	})
}

func (i *Instance[D]) until(what string, cond func(now wfe.Instance[D]) (bool, error)) (now wfe.Instance[D]) {
	i.r.T.Helper()
	i.r.until(func() string { return fmt.Sprintf("instance %s %s%s", i.id, what, describe(now)) }, func() (bool, error) {
		now = i.Get()
		return cond(now)
	})
	return now
}

// UntilComplete waits until the instance is complete, and returns its data.
func (i *Instance[D]) UntilComplete() D {
	i.r.T.Helper()
	return i.until("is complete", func(now wfe.Instance[D]) (bool, error) {
		switch {
		case now.Status == wfe.Complete:
			return true, nil
		case now.Status == wfe.Suspended || !now.Ended.IsZero():
			return false, errors.New("it will not be")
		}
		return false, nil
	}).Data
}

// UntilEnded waits until the instance has ended in any way.
func (i *Instance[D]) UntilEnded() wfe.Instance[D] {
	i.r.T.Helper()
	return i.Until("has ended", func(now wfe.Instance[D]) bool { return !now.Ended.IsZero() })
}

// UntilSuspended waits until the instance is suspended.
func (i *Instance[D]) UntilSuspended() wfe.Instance[D] {
	i.r.T.Helper()
	return i.Until("is suspended", func(now wfe.Instance[D]) bool { return now.Status == wfe.Suspended })
}

// UntilAwaiting waits until the instance waits for an event of that name.
func (i *Instance[D]) UntilAwaiting(event string) (w wfe.Waiting) {
	i.r.T.Helper()
	i.Until("awaits event "+event, func(now wfe.Instance[D]) bool {
		for _, w = range now.Waiting {
			if w.Event == event {
				return true
			}
		}
		return false
	})
	return w
}

// UntilBegun waits until a run of a step has begun that has not ended. node is the
// id of its node, or the end of that from a slash on: "charge-card" for
// "payment/charge-card".
func (i *Instance[D]) UntilBegun(node string) StepRun {
	i.r.T.Helper()
	return i.untilRun("has step "+node+" running", func() (StepRun, bool) { return i.r.find(i.r.active, i.id, node) })
}

// UntilRan waits until a run of a step has ended, well or not, unless one has
// already. node is as in UntilBegun.
func (i *Instance[D]) UntilRan(node string) StepRun {
	i.r.T.Helper()
	return i.untilRun("has run step "+node, func() (StepRun, bool) { return i.r.find(i.r.runs, i.id, node) })
}

func (i *Instance[D]) untilRun(what string, find func() (StepRun, bool)) (found StepRun) {
	i.r.T.Helper()
	i.until(what, func(now wfe.Instance[D]) (ok bool, err error) {
		i.r.mu.Lock()
		defer i.r.mu.Unlock()
		if found, ok = find(); !ok && !now.Ended.IsZero() {
			return false, errors.New("it has ended")
		}
		return ok, nil
	})
	return found
}

// describe says where an instance stands, for a message.
func describe[D any](now wfe.Instance[D]) string {
	s := fmt.Sprintf("; it is %s", cmp.Or(string(now.Status), "not known"))
	if now.Reason != "" {
		s += fmt.Sprintf(" (%s)", now.Reason)
	}
	if f := now.Failure; f != nil {
		s += fmt.Sprintf(", node %s failed in attempt %d: %s", f.Node, f.Attempt, f.Message)
	}
	for _, w := range now.Waiting {
		s += fmt.Sprintf(", node %s awaits event %s with key %q", w.Node, w.Event, w.Key)
	}
	return s
}

// end says how the instance has ended, for a comparison.
func (i *Instance[D]) end() (outcome, error) {
	now := i.Get()
	o := outcome{id: i.id, status: string(now.Status), live: now.Ended.IsZero()}
	if now.Reason != "" {
		o.status += " (" + string(now.Reason) + ")"
	}
	text, err := json.Marshal(now.Data)
	if err != nil {
		return o, err
	}
	o.data, err = unordered(text)
	return o, err
}

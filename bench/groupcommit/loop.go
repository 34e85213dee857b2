package main

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/wfegen/wfe/bench/harness"
)

type instance struct {
	id   string
	p    harness.Payload
	cur  int
	done chan struct{}
}

// op is one change of an instance on its way to the disk.
type op struct {
	in     *instance
	start  bool
	status int64
	data   []byte
	at     int64
	then   func() // once it is durable
}

// The states of an instance.
const (
	running = 1
	ended   = 2
)

type loop struct {
	q       chan op     // to the writer
	ready   chan func() // to the workers
	all     sync.Map    // instances by id
	stopped chan error  // how the writer ended
}

var _ harness.Engine = (*loop)(nil)

const workers = 4

func open(dir string) (harness.Engine, error) {
	c, err := connect(dir)
	if err != nil {
		return nil, err
	}
	l := &loop{q: make(chan op, 1<<16), ready: make(chan func(), 1<<17), stopped: make(chan error, 1)}
	w, err := newWriter(c)
	if err != nil {
		return nil, err
	}
	go func() { l.stopped <- w.run(l.q, l.ready) }()
	for range workers {
		go func() {
			for f := range l.ready {
				f()
			}
		}()
	}
	return l, nil
}

func (l *loop) Start(_ context.Context, id string, p harness.Payload) error {
	in := &instance{id: id, p: p, done: make(chan struct{})}
	l.all.Store(id, in)
	data, err := json.Marshal(&p)
	if err != nil {
		return err
	}
	durable := make(chan struct{})
	l.q <- op{in: in, start: true, data: data, at: time.Now().UnixMilli(), then: func() { close(durable); l.step(in) }}
	select {
	case <-durable:
		return nil
	case err := <-l.stopped:
		return err
	}
}

// step runs the next step of an instance and queues what it did.
func (l *loop) step(in *instance) {
	in.p.Steps++
	in.cur++
	o := op{in: in, status: running, at: time.Now().UnixMilli(), then: func() { l.step(in) }}
	if in.cur == harness.Steps {
		o.status = ended
		o.then = func() { close(in.done) }
	}
	o.data, _ = json.Marshal(&in.p) // it has encoded before
	l.q <- o
}

func (l *loop) Wait(_ context.Context, id string) (harness.Payload, error) {
	v, _ := l.all.Load(id)
	in := v.(*instance)
	select {
	case <-in.done:
		return in.p, nil
	case err := <-l.stopped:
		return harness.Payload{}, err
	}
}

// Close ends the writer; what is queued is written.
func (l *loop) Close() error {
	close(l.q)
	return <-l.stopped
}

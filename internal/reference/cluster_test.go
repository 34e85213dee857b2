package reference

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
	"github.com/wfegen/wfe/runtime/store/memory"
)

// cluster is a store and the processes that share it, one as the owner, in fake
// time. It notes all that happens in the world of the bodies and to the store, and
// what of that is wrong.
type cluster struct {
	t      *testing.T
	faults faults
	store  *memory.Store
	start  time.Time
	config wfe.Config
	worlds []*world

	// boundary, if set, is called when a run begins and when it has ended, with mu held.
	boundary func(p *process, what string)

	running sync.WaitGroup // goroutines of the cluster

	mu      sync.Mutex // guards what follows; the store's may be held around it, never inside
	over    bool
	jumped  time.Duration // by the wall clock
	ahead   time.Duration // the most of that so far
	lives   int           // processes so far
	up      *process      // the one that owns the store and has recovered; nil while there is none
	owner   *process
	since   time.Time // when it became the owner
	sign    time.Time // last sign of life of the owner
	epoch   int64
	doomed  bool // the owner was killed by the fault of its last commit
	rows    map[string][]durable
	acked   map[string]bool // instances that clients know to have begun
	resumed map[string]bool // instances that may have been resumed
	ledger  []*entered
	trace   []string
	wrong   []string
}

// durable is an instance as it was stored at a time.
type durable struct {
	at      time.Time // when it was stored or, later, the owner knew
	row     *store.Row
	unknown bool // the owner does not know yet that it is stored
}

// entered is a run of a body in the ledger, which outlives processes.
type entered struct {
	wfe.StepInfo
	at    time.Time
	by    *process
	seen  int // what the body knew of its instance
	ended bool
	err   error
}

// leaseTime is after how long without a sign of life another process takes the store.
const leaseTime = 10 * time.Second

func newCluster(t *testing.T, f faults, programs ...program) *cluster {
	c := &cluster{t: t, faults: f, store: memory.New(), start: time.Now(), sign: time.Now(),
		rows: map[string][]durable{}, acked: map[string]bool{}, resumed: map[string]bool{}}
	c.faults.start = c.start
	for _, p := range programs {
		w := newWorld(p)
		w.start = c.start
		w.see = c.see
		c.worlds = append(c.worlds, w)
	}
	c.store.Inject(c.fault)
	return c
}

// note adds a line to the trace.
func (c *cluster) note(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.noteLocked(format, args...)
}

func (c *cluster) noteLocked(format string, args ...any) {
	c.trace = append(c.trace, fmt.Sprintf("%v ", time.Since(c.start).Truncate(tick))+fmt.Sprintf(format, args...))
}

// fail notes that something is wrong. c.mu is held.
func (c *cluster) fail(format string, args ...any) {
	c.wrong = append(c.wrong, fmt.Sprintf("%v: ", time.Since(c.start))+fmt.Sprintf(format, args...))
}

// story is what happened, in an order that does not depend on the scheduler.
func (c *cluster) story() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	lines := slices.Clone(c.trace)
	slices.SortStableFunc(lines, byTime)
	return strings.Join(lines, "\n")
}

// clock is the wall clock of all processes, which jumps, and a monotonic one.
type clock struct{ c *cluster }

func (k clock) Now() instance.Instant {
	k.c.mu.Lock()
	defer k.c.mu.Unlock()
	return instance.At(time.Now().Add(k.c.jumped))
}

func (k clock) Since() time.Duration { return time.Since(k.c.start) }

func (k clock) AfterFunc(d time.Duration, f func()) func() bool { return time.AfterFunc(d, f).Stop }

func (c *cluster) jump(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.jumped += d
	c.ahead = max(c.ahead, c.jumped)
	c.noteLocked("the clock jumps by %v", d)
}

// machine runs one process after the other until the cluster is over.
func (c *cluster) machine(name string) {
	for !c.isOver() {
		p := c.boot(name)
		err := p.host.Start(p.ctx)
		if err == nil {
			c.mu.Lock()
			c.up = p
			c.mu.Unlock()
			<-p.host.Done()
		}
		c.mu.Lock()
		if c.up == p {
			c.up = nil
		}
		c.noteLocked("%s has ended", p.name)
		c.mu.Unlock()
		c.running.Go(func() { _ = p.host.Stop(done()) })
		time.Sleep(c.faults.upTo(2*time.Second, "restart", p.name))
	}
}

func (c *cluster) isOver() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.over
}

// boot makes the next process of a machine.
func (c *cluster) boot(name string) *process {
	c.mu.Lock()
	c.lives++
	p := &process{Store: c.store, c: c, name: fmt.Sprintf("%s%d", name, c.lives)}
	c.mu.Unlock()
	p.ctx, p.cancel = context.WithCancel(context.Background())
	config := c.config
	config.Name, config.Clock, config.Schedulers = p.name, clock{c}, 1
	config.Beat, config.Poll = 2_000_000_033, 249_999_937 // never at the same time as what happens each second
	config.StepMiddleware = []wfe.StepMiddleware{p.watch}
	p.host = wfe.NewHost(p, config)
	for i, w := range c.worlds {
		if err := w.register(p.host, workflow(i)); err != nil {
			c.t.Error(err)
		}
	}
	return p
}

// workflow is the id of the n-th program.
func workflow(n int) string { return fmt.Sprintf("program%d", n) }

// kill ends a process as kill -9 does.
func (c *cluster) kill(p *process) {
	c.mu.Lock()
	owner := c.owner == p && !p.dead
	c.mu.Unlock()
	if owner {
		c.store.Crash()
	}
	c.buried(p)
}

// buried takes down a process that is dead for the store.
func (c *cluster) buried(p *process) {
	c.mu.Lock()
	if p.dead {
		c.mu.Unlock()
		return
	}
	p.dead = true
	if c.up == p {
		c.up = nil
	}
	c.noteLocked("%s is killed", p.name)
	c.mu.Unlock()
	p.cancel()
	c.running.Go(func() { _ = p.host.Stop(done()) })
}

// end stops all processes.
func (c *cluster) end() {
	c.mu.Lock()
	c.over = true
	c.faults.rate = 0
	p := c.owner
	c.mu.Unlock()
	for ; p != nil; p = c.next(p) {
		c.kill(p)
	}
	c.running.Wait()
}

// next waits for the process that takes over from p; nil if there is none.
func (c *cluster) next(p *process) *process {
	time.Sleep(5 * time.Second)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.owner == p {
		return nil
	}
	return c.owner
}

func done() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// process is one life of a host, and the store as it sees it.
type process struct {
	store.Store // what is not a method here meets no faults
	c           *cluster
	name        string
	host        *wfe.Host
	ctx         context.Context // ends when it is killed
	cancel      context.CancelFunc

	// guarded by c.mu
	dead bool // it was killed
	cut  bool // it does not reach the store
}

var errFault = errors.New("an injected fault of the store")

// reach is the error of a call that does not come through to the store.
func (p *process) reach(call, key string) error {
	c := p.c
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case p.dead:
		return store.ErrFenced
	case p.cut, c.faults.strikes(call, key):
		return errFault
	}
	return nil
}

// Acquire waits until the owner has given the store up, or has shown no sign of
// life for the time of a lease.
func (p *process) Acquire(ctx context.Context, host string, standby func(string)) (store.Lease, error) {
	c := p.c
	for {
		if err := p.reach("acquire", p.name); err != nil {
			return store.Lease{}, err
		}
		attempt, cancel := context.WithTimeout(ctx, time.Second)
		l, err := c.store.Acquire(attempt, host, standby)
		cancel()
		if err == nil {
			return l, p.took(l)
		}
		if ctx.Err() != nil {
			return store.Lease{}, err
		}
		c.mu.Lock()
		stale := time.Since(c.sign) >= leaseTime
		if stale {
			c.sign = time.Now() // one process takes it
		}
		c.mu.Unlock()
		if stale {
			c.store.Crash()
		}
	}
}

func (p *process) took(l store.Lease) error {
	c := p.c
	c.mu.Lock()
	dead := p.dead || c.over
	if !dead {
		c.owner, c.since, c.sign, c.epoch = p, time.Now(), time.Now(), l.Epoch
		c.noteLocked("%s owns the store", p.name)
	}
	c.mu.Unlock()
	if dead {
		c.store.Crash()
		return store.ErrFenced
	}
	return nil
}

func (p *process) Release(ctx context.Context, l store.Lease) error {
	if err := p.reach("release", p.name); err != nil {
		return err
	}
	return p.c.store.Release(ctx, l)
}

func (p *process) Commit(ctx context.Context, l store.Lease, b store.Batch) ([]store.Outcome, error) {
	return p.write(l, b, func() ([]store.Outcome, error) { return p.c.store.Commit(ctx, l, b) })
}

func (p *process) Settle(ctx context.Context, l store.Lease, b store.Batch) ([]store.Outcome, error) {
	out, err := p.write(l, b, func() ([]store.Outcome, error) { return p.c.store.Settle(ctx, l, b) })
	if errors.Is(err, errFault) {
		err = fmt.Errorf("%w: %w", store.ErrUnknown, err)
	}
	return out, err
}

// write does a write of the owner. What befalls it is up to cluster.fault.
func (p *process) write(l store.Lease, b store.Batch, do func() ([]store.Outcome, error)) ([]store.Outcome, error) {
	c := p.c
	time.Sleep(time.Microsecond) // so that all else has happened that happens now
	c.mu.Lock()
	dead, cut, fenced := p.dead, p.cut, l.Epoch < c.epoch
	c.mu.Unlock()
	switch {
	case dead:
		return nil, store.ErrFenced
	case cut:
		return nil, errFault
	}
	out, err := do()
	c.mu.Lock()
	doomed := c.doomed && err != nil
	c.doomed = c.doomed && !doomed
	if err == nil {
		c.sign = time.Now()
		if fenced {
			c.fail("%s has written under epoch %d, after another process took the store under %d", p.name, l.Epoch, c.epoch)
		}
	}
	c.mu.Unlock()
	for i := range b.Items {
		if r := b.Items[i].Instance; r != nil {
			c.stored(r.ID, err != nil)
		}
	}
	if doomed {
		c.buried(p)
	}
	return out, err
}

// stored keeps an instance as it is stored now. What was durable before the present
// time is of no interest but the last of it that the owner knows of.
func (c *cluster) stored(id string, unknown bool) {
	row, err := c.store.Load(context.Background(), id)
	if err != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	rows, now := c.rows[id], time.Now()
	if n := len(rows); n > 0 && rows[n-1].row.Rev >= row.Rev {
		if last := &rows[n-1]; last.unknown && !unknown {
			last.at, last.unknown = now, false
		}
		return
	}
	for i, d := range slices.Backward(rows) {
		if d.at.Before(now) && !d.unknown {
			rows = rows[i:]
			break
		}
	}
	c.rows[id] = append(rows, durable{now, row, unknown})
}

func (p *process) Load(ctx context.Context, id string) (*store.Row, error) {
	if err := p.reach("load", id); err != nil {
		return nil, err
	}
	return p.c.store.Load(ctx, id)
}

func (p *process) Definition(ctx context.Context, hash string) ([]byte, error) {
	if err := p.reach("definition", hash); err != nil {
		return nil, err
	}
	return p.c.store.Definition(ctx, hash)
}

func (p *process) Reply(ctx context.Context, request string) (store.Reply, error) {
	if err := p.reach("reply", ""); err != nil { // a request has a random name
		return store.Reply{}, err
	}
	return p.c.store.Reply(ctx, request)
}

func (p *process) Ready(ctx context.Context, after int64, limit int) ([]store.Key, error) {
	if err := p.reach("ready", fmt.Sprint(after)); err != nil {
		return nil, err
	}
	return p.c.store.Ready(ctx, after, limit)
}

func (p *process) Due(ctx context.Context, after store.Timer, limit int) ([]store.Timer, error) {
	if err := p.reach("due", ""); err != nil {
		return nil, err
	}
	return p.c.store.Due(ctx, after, limit)
}

func (p *process) Undelivered(ctx context.Context, after instance.Seq, limit int) ([]store.Event, error) {
	if err := p.reach("undelivered", ""); err != nil {
		return nil, err
	}
	return p.c.store.Undelivered(ctx, after, limit)
}

func (p *process) Waits(ctx context.Context, e store.Event, after store.Wait, limit int) ([]store.Wait, error) {
	if err := p.reach("waits", e.Key); err != nil {
		return nil, err
	}
	return p.c.store.Waits(ctx, e, after, limit)
}

func (p *process) Match(ctx context.Context, m store.Match) (store.Event, error) {
	if err := p.reach("match", m.Key); err != nil {
		return store.Event{}, err
	}
	return p.c.store.Match(ctx, m)
}

func (p *process) Later(ctx context.Context, limit int) ([]store.Later, error) {
	if err := p.reach("later", ""); err != nil {
		return nil, err
	}
	return p.c.store.Later(ctx, limit)
}

func (p *process) Inbox(ctx context.Context, after int64, limit int) ([]store.Msg, error) {
	if err := p.reach("inbox", ""); err != nil {
		return nil, err
	}
	return p.c.store.Inbox(ctx, after, limit)
}

// Publish may be done and yet fail.
func (p *process) Publish(ctx context.Context, e []store.Event) ([]instance.Seq, error) {
	if err := p.reach("publish", e[0].Key); err != nil {
		return nil, err
	}
	seqs, err := p.c.store.Publish(ctx, e)
	if lost := p.reach("published", e[0].Key); err == nil && lost != nil {
		return nil, fmt.Errorf("%w: %w", store.ErrUnknown, lost)
	}
	return seqs, err
}

// Post may be done and yet fail.
func (p *process) Post(ctx context.Context, m []store.Msg) error {
	if err := p.reach("post", m[0].Class); err != nil {
		return err
	}
	if err := p.c.store.Post(ctx, m); err != nil {
		return err
	}
	return p.reach("posted", m[0].Class)
}

package direct

import (
	"fmt"
	"strings"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/engine"
	"github.com/wfegen/wfe/runtime/instance"
)

// Run is a direct run of one instance. It is used by one goroutine.
type Run struct {
	*World
	Instance string
	Workflow string
	Version  int
	Depth    int // how many instances are above it
	Data     Data
	Redact   func(message string) string // takes secrets out of what people read

	position
	pointers instance.PtrID // the last one
	seq      int            // the last place in the order of undoing
	cursors  map[[2]string]int
}

// Data is the data of an instance.
type Data interface {
	// Save encodes the data and reads them again, so that nothing outside shares
	// memory with them.
	Save() error
	// Restore makes them what they were when they were saved last.
	Restore()
}

// World is what an instance shares with its children.
type World struct {
	Clock
	Events   []Event
	Timeouts []*Timeout
	Answers  []*Answer
	Ask      Ask
	// At says in which branches the body is that was run last.
	At []Fork
	// Cut says that a branch has ended others that run beside it on a host: what
	// they have done by then is not always the same.
	Cut   bool
	forks int
	calls int
}

// maxCalls is how many calls one run may make: more are taken for a loop without an end.
const maxCalls = 250_000

// Outcome is how a run ended.
type Outcome struct {
	Status  instance.Status // Runnable if nothing can happen any more
	Reason  instance.Reason
	Failure *instance.Failure
	Stuck   string // why it is Runnable
	Waiting *Waiting
}

// Misuse is what a Run panics with when it is not used as it has to be.
type Misuse string

// Misused ends the run, and the test with it.
func Misused(format string, args ...any) { panic(Misuse(fmt.Sprintf(format, args...))) }

// position is where in the function the run is.
type position struct {
	prefix  string // of ids
	last    string // the node that was left last, in the present block
	index   int    // of the element around it
	forks   []Fork // the branches around it, outermost first
	scope   *scope
	watches []*watch
}

// stop leaves closures, as the value of a panic.
type stop struct {
	kind  stopKind
	cause *instance.Failure
	then  definition.Action // failed: Terminate, if a policy says so
	watch *watch            // cancelled: by which condition
	end   Outcome           // over
}

type stopKind int

const (
	failed    stopKind = iota // up to the saga around it, which is rolled back
	cancelled                 // up to the node of the condition
	left                      // up to the end of the block
	over                      // the run has ended
)

// Main runs the function of the workflow.
func (r *Run) Main(f func()) Outcome {
	if err := r.Data.Save(); err != nil {
		Misused("the data of workflow %s cannot be saved: %v", r.Workflow, err)
	}
	s := r.body(func() {
		f()
		r.save("")
	})
	switch {
	case s == nil:
		return Outcome{Status: instance.Complete}
	case s.kind == failed: // a panic in plain code
		return Outcome{Status: instance.Suspended, Failure: s.cause}
	}
	return s.end
}

// body runs a block to its end, and returns what else has ended it.
func (r *Run) body(f func()) *stop {
	if s := r.attempt(f); s != nil && s.kind != left {
		return s
	}
	return nil
}

// within is body, and hands on what has ended it.
func (r *Run) within(f func()) {
	if s := r.body(f); s != nil {
		panic(s)
	}
}

// attempt calls f and returns what it was left by; nil if it returned. A panic of
// plain code is a failure.
func (r *Run) attempt(f func()) (s *stop) {
	here := r.position
	defer func() {
		v := recover()
		after := r.after()
		saga, _ := r.around()
		r.position = here
		switch v := v.(type) {
		case nil:
		case *stop:
			s = v
		case Misuse:
			panic(v)
		default:
			message := engine.Panicked(v)
			if saga == nil {
				r.Data.Restore() // for the code would run again
			} else if err := r.Data.Save(); err != nil {
				r.Data.Restore()
				message = err.Error()
			}
			s = &stop{kind: failed, cause: r.failure(after, "", message, 1)}
		}
	}()
	f()
	return nil
}

// node is one activation of a node.
type node struct {
	id  string
	ptr instance.PtrID
}

// enter reaches a node: the data are saved, as in the transition that does so.
func (r *Run) enter(segment string) node {
	if r.calls++; r.calls > maxCalls {
		Misused("the workflow made %d calls of wfe and has not ended: is there a loop without an end?", maxCalls)
	}
	n := node{r.segment(segment), r.pointer()}
	r.save(n.id)
	r.askAll()
	return n
}

// segment returns the id with that last segment.
func (r *Run) segment(name string) string {
	if err := definition.CheckSegment(name); err != nil {
		Misused("node %q: segment %q: %v", r.prefix+name, name, err)
	}
	return r.prefix + name
}

// leave ends a node.
func (r *Run) leave(n node) {
	r.last = n.id
	r.save(n.id)
	r.askAll()
}

// save saves the data. What cannot be saved is an error of the node, without a retry.
func (r *Run) save(at string) {
	if err := r.Data.Save(); err != nil {
		r.Data.Restore()
		r.fault(r.failure(at, "", err.Error(), 1))
	}
}

// inside has ids begin with that of n.
func (r *Run) inside(n node) { r.prefix, r.last = n.id+"/", "" }

// after returns the node which the present code follows, or that it is the
// beginning of.
func (r *Run) after() string {
	if r.last != "" {
		return r.last
	}
	return strings.TrimSuffix(r.prefix, "/")
}

func (r *Run) pointer() instance.PtrID {
	r.pointers++
	return r.pointers
}

func (r *Run) next() int {
	r.seq++
	return r.seq
}

func (r *Run) failure(node, step, message string, attempt int) *instance.Failure {
	return &instance.Failure{Node: node, Step: step, Message: r.Redact(message), Attempt: uint32(attempt), At: instance.At(r.Now()), Ptr: r.pointers}
}

// End ends the instance as Complete.
func (r *Run) End(segment string) {
	r.enter(segment)
	panic(&stop{kind: over, end: Outcome{Status: instance.Complete}})
}

// Fail fails for good. It is a way out of the code that stands there, and no node: what that has changed is kept, but
// where the instance is suspended.
func (r *Run) Fail(segment, message string) {
	id := r.segment(segment)
	then := definition.Terminate
	switch saga, compensating := r.around(); {
	case compensating:
		r.Data.Restore()
	case saga != nil:
		then = definition.Default
		fallthrough
	default:
		r.save(r.after())
	}
	r.final(r.failure(id, "", message, 1), then, nil)
}

// suspend ends the run where an operator would have to look at the instance.
func (r *Run) suspend(cause *instance.Failure) {
	panic(&stop{kind: over, end: Outcome{Status: instance.Suspended, Failure: cause}})
}

func (r *Run) terminate(cause *instance.Failure) {
	panic(&stop{kind: over, end: Outcome{Status: instance.Terminated, Reason: instance.ReasonFailed, Failure: cause}})
}

// stuck ends the run where nothing can happen any more.
func (r *Run) stuck(o Outcome) {
	o.Status = instance.Runnable
	panic(&stop{kind: over, end: o})
}

// IsNode reports whether a name stands for the node of that id: it is the id, or
// the end of it from a slash on.
func IsNode(id, name string) bool {
	n := len(id) - len(name)
	return id == name || n > 0 && id[n-1] == '/' && id[n:] == name
}

package reference

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	wfe "github.com/wfegen/wfe/runtime"
)

// kind is the sort of a node.
type kind int

const (
	step kind = iota
	set
	delay
	choose // If
	decide
	while
	each
	parallel
	saga
	await
	end
	later // ScheduleAfter
	recur
	steer    // a step that steers
	function // Func
	child    // an instance of another workflow
	kinds
)

// kindNames begin the ids of nodes.
var kindNames = []string{"step", "set", "delay", "if", "decide", "while", "each", "parallel", "saga", "await", "end", "later", "recur", "steer", "func", "child"}

// node is a part of a program. Which fields mean something depends on kind.
type node struct {
	kind   kind
	id     string
	policy wfe.RetryPolicy
	chosen bool // the policy was set with OnError

	blocks [][]*node // then and else; cases; body; branches; body; timeout; outcomes
	comp   []*node   // a saga's own compensation; that of a child; that of a step, in place of its Undo
	conds  []cond    // choose: one; decide: by case; then a default follows if there is a block more
	rounds int       // while, recur
	items  int       // each
	limit  int       // each; 0 is one after the other
	all    bool      // decide
	split  bool      // each: the elements are those that a step branches into, which is the node itself

	work      time.Duration // step: of the body; delay: of itself; await: until the timeout
	fails     int           // step: as many runs of it fail, then it succeeds; each item counts by itself
	forever   bool          // step: it always fails
	permanent bool          // step: its errors are
	stubborn  bool          // step: it goes on when it is told to stop
	undo      bool          // step: it has a compensation
	undoWork  time.Duration
	undoFails int
	published time.Duration // await, steer: when its events are published; 0 is never

	pauses  []pause // steer: what it returns before it ends
	outcome int     // steer: the block that its outcome chooses; none if there are not so many
	field   int     // function: which part of the data it changes
}

// pause is a result after which a step runs again.
type pause struct {
	kind pauseKind
	d    time.Duration // of the sleep; until the timeout of the wait
}

type pauseKind int

const (
	persist pauseKind = iota
	sleeps
	waits
)

// cond holds depending on how much has been done so far.
type cond struct{ mod, rest int }

func (c cond) holds(log []string) bool { return len(log)%c.mod == c.rest }

// lasts is how long what is done takes, for the first time or a further one: never
// as long as anything else.
func lasts(work time.Duration, what string, before int) time.Duration {
	return work + chance(fmt.Sprint(what, " ", before))
}

// chance is a part of a second that a text always gets.
func chance(text string) time.Duration {
	h := sha256.Sum256([]byte(text))
	return time.Duration(binary.BigEndian.Uint64(h[:]) % uint64(time.Second))
}

// program is a workflow to run.
type program struct {
	seed  uint64
	nodes []*node
}

func (p program) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "seed %d\n", p.seed)
	write(&b, 1, p.nodes)
	return b.String()
}

func write(b *strings.Builder, depth int, nodes []*node) {
	in := strings.Repeat("  ", depth)
	for _, n := range nodes {
		fmt.Fprintf(b, "%s%s", in, n.id)
		switch n.kind {
		case step:
			fmt.Fprintf(b, " work=%v fails=%d forever=%v permanent=%v stubborn=%v undo=%v/%v/%d", n.work, n.fails, n.forever, n.permanent, n.stubborn, n.undo, n.undoWork, n.undoFails)
		case steer:
			fmt.Fprintf(b, " work=%v fails=%d forever=%v permanent=%v stubborn=%v undo=%v/%v/%d pauses=%v published=%v outcome=%d", n.work, n.fails, n.forever, n.permanent, n.stubborn, n.undo, n.undoWork, n.undoFails, n.pauses, n.published, n.outcome)
		case function:
			fmt.Fprintf(b, " work=%v fails=%d forever=%v permanent=%v stubborn=%v field=%d", n.work, n.fails, n.forever, n.permanent, n.stubborn, n.field)
		case await:
			fmt.Fprintf(b, " timeout=%v published=%v", n.work, n.published)
		case delay, later:
			fmt.Fprintf(b, " %v", n.work)
		case recur:
			fmt.Fprintf(b, " every=%v rounds=%d", n.work, n.rounds)
		case each:
			fmt.Fprintf(b, " items=%d limit=%d split=%v", n.items, n.limit, n.split)
			if n.split {
				fmt.Fprintf(b, " work=%v fails=%d forever=%v permanent=%v stubborn=%v undo=%v/%v/%d", n.work, n.fails, n.forever, n.permanent, n.stubborn, n.undo, n.undoWork, n.undoFails)
			}
		case choose, decide:
			fmt.Fprintf(b, " conds=%v all=%v", n.conds, n.all)
		case while:
			fmt.Fprintf(b, " rounds=%d", n.rounds)
		}
		if n.chosen {
			fmt.Fprintf(b, " policy=%+v", n.policy)
		}
		b.WriteString("\n")
		for i, block := range n.blocks {
			if len(n.blocks) > 1 {
				fmt.Fprintf(b, "%s -%d-\n", in, i)
			}
			write(b, depth+1, block)
		}
		if n.comp != nil {
			fmt.Fprintf(b, "%s -compensation-\n", in)
			write(b, depth+1, n.comp)
		}
	}
}

const (
	maxDepth = 6
	maxNodes = 60
)

// random makes the program of a seed.
func random(seed uint64) program { return generate(seed, false) }

// generate makes the program of a seed. With blocks some of its steps have a block
// as their compensation.
func generate(seed uint64, blocks bool) program {
	g := generator{rnd: rand.New(rand.NewPCG(seed, 1)), blocks: blocks}
	g.left = []int{2, 4, 8, 16, 30, maxNodes}[g.rnd.IntN(6)]
	return program{seed, g.block(1)}
}

type generator struct {
	rnd  *rand.Rand
	left int // nodes that may still be made
	made int
	comp int // compensations around what is made

	blocks bool // a step may have a block as its compensation
}

func (g *generator) chance(percent int) bool { return g.rnd.IntN(100) < percent }

// span is a time that no other one equals, nor their sums.
func (g *generator) span(most time.Duration) time.Duration {
	return time.Millisecond + time.Duration(g.rnd.Int64N(int64(most)))
}

func (g *generator) block(depth int) []*node {
	block := []*node{}
	for range 1 + g.rnd.IntN(4) {
		if g.left <= 0 {
			break
		}
		g.left--
		block = append(block, g.node(depth))
	}
	return block
}

func (g *generator) node(depth int) *node {
	k := kind(g.rnd.IntN(int(kinds)))
	switch {
	case g.chance(40):
		k = step
	case k == end && (g.comp > 0 || !g.chance(20)), depth >= maxDepth:
		k = []kind{step, set, delay, await}[g.rnd.IntN(4)]
	case g.chance(25):
		k = saga
	}
	n := &node{kind: k, id: fmt.Sprint(kindNames[k], g.made)}
	g.made++
	g.fill(n, depth)
	return n
}

func (g *generator) fill(n *node, depth int) {
	inner := func() []*node { return g.block(depth + 1) }
	switch n.kind {
	case step:
		g.step(n)
		if n.undo && g.blocks && g.comp == 0 && g.chance(30) {
			g.comp++
			n.comp = inner()
			g.comp--
		}
	case steer:
		g.step(n)
		for range g.rnd.IntN(4) {
			n.pauses = append(n.pauses, pause{pauseKind(g.rnd.IntN(3)), g.span(5 * time.Second)})
		}
		if g.chance(70) {
			n.published = g.span(10 * time.Second)
		}
		for range g.rnd.IntN(3) {
			n.blocks = append(n.blocks, inner())
		}
		n.outcome = g.rnd.IntN(len(n.blocks) + 1)
	case child:
		n.blocks = [][]*node{inner()}
		n.chosen, n.policy = true, wfe.RetryPolicy{MaxRetries: g.rnd.IntN(3), Interval: g.span(time.Second), Factor: 1}
		if n.undo = g.blocks && g.comp == 0 && g.chance(50); n.undo {
			g.comp++
			n.comp = inner()
			g.comp--
		}
		g.then(n)
	case function:
		g.step(n)
		n.undo, n.field = false, g.rnd.IntN(fields)
		if n.policy.Then != wfe.Suspend && n.policy.Then != "" {
			n.policy.Then = wfe.Terminate
		}
	case delay:
		n.work = g.span(3 * time.Second)
	case choose:
		n.conds = []cond{g.cond()}
		n.blocks = [][]*node{inner()}
		if g.chance(50) {
			n.blocks = append(n.blocks, inner())
		}
	case decide:
		n.all = g.chance(30)
		for range 1 + g.rnd.IntN(3) {
			n.conds = append(n.conds, g.cond())
			n.blocks = append(n.blocks, inner())
		}
		if g.chance(70) {
			n.blocks = append(n.blocks, inner())
		}
	case later:
		n.work = g.span(3 * time.Second)
		n.blocks = [][]*node{inner()}
	case recur:
		n.work = g.span(3 * time.Second)
		n.rounds = g.rnd.IntN(4)
		n.blocks = [][]*node{inner()}
	case while:
		n.rounds = g.rnd.IntN(4)
		n.blocks = [][]*node{inner()}
	case each:
		n.items = g.rnd.IntN(6)
		if n.split = g.chance(40); n.split {
			g.step(n)
		}
		if g.chance(60) {
			n.limit = 1 + g.rnd.IntN(4)
		}
		first := &node{kind: step, id: fmt.Sprintf("step%d", g.made)} // else what follows happens to all elements at one time
		g.made++
		g.step(first)
		n.blocks = [][]*node{append([]*node{first}, g.block(depth+1)...)}
	case parallel:
		for range g.rnd.IntN(4) {
			n.blocks = append(n.blocks, inner())
		}
	case saga:
		n.blocks = [][]*node{inner()}
		if g.chance(30) {
			g.comp++
			n.comp = inner()
			g.comp--
		}
		if g.chance(40) {
			n.chosen = true
			n.policy = wfe.RetryPolicy{MaxRetries: g.rnd.IntN(3), Interval: g.span(time.Second), Factor: 1 + float64(g.rnd.IntN(2)),
				Then: []wfe.Action{"", "", wfe.Suspend, wfe.Terminate, wfe.CompensateThenSuspend}[g.rnd.IntN(5)]}
		}
	case await:
		n.work = g.span(5 * time.Second)
		if g.chance(70) {
			n.published = g.span(10 * time.Second)
		}
		n.blocks = [][]*node{inner()}
		n.chosen, n.policy = true, wfe.RetryPolicy{}
	}
}

func (g *generator) cond() cond {
	m := 1 + g.rnd.IntN(3)
	return cond{m, g.rnd.IntN(m)}
}

func (g *generator) step(n *node) {
	n.work = g.span(5 * time.Second)
	n.stubborn = g.chance(20)
	if n.undo = g.chance(60); n.undo {
		n.undoWork = g.span(time.Second)
		if g.chance(20) {
			n.undoFails = 1 + g.rnd.IntN(3)
		}
	}
	switch {
	case g.chance(30):
		n.fails = 1 + g.rnd.IntN(4)
	case g.chance(15):
		n.forever = true
	}
	n.permanent = g.chance(10)
	n.chosen = true
	n.policy = wfe.RetryPolicy{MaxRetries: g.rnd.IntN(4), Interval: g.span(time.Second), Factor: 1 + float64(g.rnd.IntN(2))}
	g.then(n)
}

// then says what follows when the retries are used up.
func (g *generator) then(n *node) {
	if g.chance(40) {
		n.policy.Then = []wfe.Action{wfe.Suspend, wfe.Terminate, wfe.Compensate, wfe.CompensateThenRetry, wfe.CompensateThenSuspend}[g.rnd.IntN(5)]
		if !n.undo && n.policy.Then != wfe.Suspend {
			n.policy.Then = wfe.Terminate
		}
	}
}

package wfetest

import (
	"fmt"
	"slices"
	"strings"
)

// Expected is a part of what Instance.Ran expects: a string, as StepRun.String returns
// it, or what Sequence or Parallel returns. Its node may be the end of an id from
// a slash on.
type Expected any

type sequence []Expected
type parallel []Expected

// Sequence is one after the other, for a branch of Parallel.
func Sequence(parts ...Expected) Expected { return sequence(parts) }

// Parallel is all of the branches, in any order and interleaved.
func Parallel(branches ...Expected) Expected { return parallel(branches) }

// Ran fails the test unless the steps of the instance ran just so up to now: all
// of them, in this order, each attempt and compensation a run of its own.
//
//	order.Ran("validate-order",
//		wfetest.Parallel("reserve-stock", "reserve-stock"),
//		"charge-card failed", "charge-card#2")
//
// Where a crash made steps run again, under CrashEverywhere, it does nothing.
func (i *Instance[D]) Ran(parts ...Expected) {
	i.r.T.Helper()
	if i.r.crash.hit() {
		return
	}
	var ran []StepRun
	for _, run := range i.r.Runs() {
		if run.Instance == i.id {
			ran = append(ran, run)
		}
	}
	if msg := mismatch(ran, parts); msg != "" {
		i.r.T.Errorf("wfetest: the steps of instance %s ran otherwise than expected:\n%s", i.id, msg)
	}
}

// leaf is one expected run, and the leaves that come before it.
type leaf struct {
	text   string
	before []int
	like   *StepRun // in place of text: the run that is to be the same
}

// plan lists the runs that parts expect, after those in before, and returns those that end it.
func plan(leaves []leaf, part Expected, before []int) ([]leaf, []int) {
	switch p := part.(type) {
	case sequence:
		for _, part := range p {
			leaves, before = plan(leaves, part, before)
		}
		return leaves, before
	case parallel:
		var ends []int
		for _, branch := range p {
			var end []int
			leaves, end = plan(leaves, branch, before)
			ends = append(ends, end...)
		}
		if len(p) == 0 {
			ends = before
		}
		return leaves, ends
	}
	return append(leaves, leaf{text: fmt.Sprint(part), before: before}), []int{len(leaves)}
}

// mismatch says where runs are not what is expected; "" if they are.
func mismatch(ran []StepRun, parts []Expected) string {
	leaves, _ := plan(nil, sequence(parts), nil)
	return mismatchOf(ran, leaves)
}

// mismatchOf is mismatch for leaves.
func mismatchOf(ran []StepRun, leaves []leaf) string {
	m := matcher{ran: ran, leaves: leaves, after: make([][]int, len(leaves)), done: make([]bool, len(leaves)), deepest: -1}
	for i, l := range leaves {
		for _, b := range l.before {
			m.after[b] = append(m.after[b], i)
		}
	}
	if m.match(0) {
		return ""
	}
	var b strings.Builder
	for i := range max(len(ran), m.deepest+1) {
		mark, text := " ", "nothing more"
		if i < len(ran) {
			text = ran[i].String()
			if len(leaves) > 0 && leaves[0].like != nil {
				text = withInputs(ran[i])
			}
			if ran[i].Err != nil {
				text += ": " + firstLine(ran[i].Err.Error())
			}
		}
		if i == m.deepest {
			mark = ">"
		}
		fmt.Fprintf(&b, "  %s %d. %s\n", mark, i+1, text)
	}
	if len(m.wanted) == 0 {
		b.WriteString("  expected there: nothing more")
	} else {
		fmt.Fprintf(&b, "  expected there: %s", strings.Join(m.wanted, ", or "))
	}
	return b.String()
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// matcher lays runs onto leaves.
type matcher struct {
	ran     []StepRun
	leaves  []leaf
	after   [][]int // of each leaf, those that come next
	done    []bool
	tries   int
	deepest int      // the run up to which it went
	wanted  []string // the leaves that could have come there
}

// match lays the runs from n on. Among branches that begin alike it searches,
// within bounds.
func (m *matcher) match(n int) bool {
	m.tries++
	if n == len(m.ran) && !slices.Contains(m.done, false) {
		return true
	}
	if n > m.deepest {
		m.deepest, m.wanted = n, m.open()
	}
	for i, l := range m.leaves {
		if n == len(m.ran) || m.tries > 5*len(m.ran)+1_000 {
			break
		}
		if m.done[i] || !l.is(m.ran[n]) || !m.ready(i) || m.twin(i) {
			continue
		}
		m.done[i] = true
		if m.match(n + 1) {
			return true
		}
		m.done[i] = false
	}
	return false
}

// open returns what can come next.
func (m *matcher) open() (texts []string) {
	for i, l := range m.leaves {
		if !m.done[i] && m.ready(i) {
			texts = append(texts, l.text)
		}
	}
	slices.Sort(texts)
	return slices.Compact(texts)
}

// twin reports whether a leaf before i that can come now is the same, and the same
// leaves come after both, so that one stands for the other.
func (m *matcher) twin(i int) bool {
	for k := range i {
		if !m.done[k] && m.ready(k) && m.leaves[k].text == m.leaves[i].text && slices.Equal(m.after[k], m.after[i]) {
			return true
		}
	}
	return false
}

func (m *matcher) ready(i int) bool {
	return !slices.ContainsFunc(m.leaves[i].before, func(b int) bool { return !m.done[b] })
}

// is reports whether a run is the expected one.
func (l leaf) is(r StepRun) bool {
	if l.like != nil {
		return same(*l.like, r)
	}
	want, undo := strings.CutPrefix(l.text, "undo ")
	how := strings.TrimPrefix(strings.TrimPrefix(r.String(), "undo "), r.Node)
	name, ok := strings.CutSuffix(want, how)
	return ok && undo == r.Undo && isNode(r.Node, name)
}

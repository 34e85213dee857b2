package flow

import (
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/wfegen/wfe/internal/analysis/diag"
)

// state is what is known at a point of a workflow function. nil is a point that is never reached.
type state struct {
	pairs   map[string]pair
	written map[string]written
	caught  map[*types.Var]span // variables that a wfe.Undo has taken: where
	undone  map[*types.Var]bool // variables that a wfe.Undo reads as they are when the saga rolls back
	given   map[*types.Var]int  // the unit in which a variable has got the value that it has
}

// pair is two places that share memory, or did so until the last call.
type pair struct {
	a, b   place
	same   bool // not only what both point to, but they themselves: one is found through a pointer to the other
	broken bool // a call lies between
	loose  bool // by an element that may be another one: nothing is said of elements of one thing

	aLonger, bLonger bool // one may reach beyond the end of the other, as slices of one array
}

// within reports whether it is two elements of one thing that share memory.
func (p pair) within() bool { return p.a.key() == p.b.key() }

// turned is the pair with the other place first.
func (p pair) turned() pair {
	p.a, p.b, p.aLonger, p.bLonger = p.b, p.a, p.bLonger, p.aLonger
	return p
}

// or is what is known of two places that share memory in one way or another.
func (p pair) or(q pair) pair {
	p.same, p.broken, p.aLonger, p.bLonger = p.same || q.same, p.broken || q.broken, p.aLonger || q.aLonger, p.bLonger || q.bLonger
	if p.loose && !q.loose {
		p.a, p.b = q.a, q.b
	}
	p.loose = p.loose && q.loose
	return p
}

// written is an element that was written through one name, when it might be read through another one.
type written struct {
	at        span
	by, other place
	appends   bool // behind the end of a slice
	within    bool // the other one is another element of the same thing
}

func (w written) diagnostic() diag.Diagnostic {
	switch {
	case w.appends:
		return appended(w.at, w.by, w.other)
	case w.within:
		return elementsShared(w.at, w.by, w.other)
	}
	return aliased(w.at, w.by, w.other)
}

func newState() *state {
	return &state{map[string]pair{}, map[string]written{}, map[*types.Var]span{}, map[*types.Var]bool{}, map[*types.Var]int{}}
}

func (s *state) clone() *state {
	if s == nil {
		return nil
	}
	return &state{maps.Clone(s.pairs), maps.Clone(s.written), maps.Clone(s.caught), maps.Clone(s.undone), maps.Clone(s.given)}
}

// join is the state at a point that is reached from two.
func join(a, b *state) *state {
	if a == nil {
		return b.clone()
	}
	if b == nil {
		return a.clone()
	}
	out := a.clone()
	for k, p := range b.pairs {
		out.pairs[k] = p.or(out.pairs[k])
	}
	maps.Copy(out.written, b.written)
	maps.Copy(out.caught, b.caught)
	maps.Copy(out.undone, b.undone)
	maps.DeleteFunc(out.given, func(v *types.Var, unit int) bool {
		other, ok := b.given[v]
		return !ok || other != unit
	})
	return out
}

// same reports whether a second state says nothing new.
func same(a, b *state) bool {
	if a == nil || b == nil {
		return a == b
	}
	if len(a.pairs) != len(b.pairs) || len(a.written) != len(b.written) || len(a.caught) != len(b.caught) || len(a.undone) != len(b.undone) {
		return false
	}
	for k, p := range a.pairs {
		if q, ok := b.pairs[k]; !ok || p.broken != q.broken || p.loose != q.loose || p.aLonger != q.aLonger || p.bLonger != q.bLonger {
			return false
		}
	}
	return true
}

// rest breaks what shares memory: behind a call each place has its own.
func (s *state) rest() {
	if s == nil {
		return
	}
	for k, p := range s.pairs {
		p.broken = true
		s.pairs[k] = p
	}
}

// share notes that a place shares memory with what a source says, and so does what shares it with that.
func (s *state) share(to place, from source) { s.shareWith(to, from, nil, nil) }

// shareAll notes what the places of an assignment share memory with behind it. What they shared before is in old: it is
// where their values come from.
func (s *state) shareAll(to []place, from [][]source, old map[string]pair) {
	var gone []place // what has another value now
	for _, p := range to {
		if p.root != nil && !ofMany(p.path) {
			gone = append(gone, p)
		}
	}
	for i, p := range to {
		if p.root == nil {
			continue
		}
		others := through(p, old, true)
		for j, one := range from[i] {
			s.shareWith(p, one, old, gone)
			for _, o := range others {
				s.shareWith(o, one, old, gone)
			}
			for _, other := range from[i][:j] { // what was one place is two parts of the value
				a, b := p.with(one.sub...), p.with(other.sub...)
				if rest, ok := one.from.below(other.from); ok {
					s.pair(pair{a: a.with(rest...), b: b, loose: !meet(one.from, other.from)})
				} else if rest, ok := other.from.below(one.from); ok {
					s.pair(pair{a: a, b: b.with(rest...), loose: !meet(one.from, other.from)})
				}
			}
		}
	}
}

// through are the other places that are written when one is: x where p points to it, and *p is written.
// With broken ones, which were so until the last call.
func through(p place, pairs map[string]pair, broken bool) []place {
	var out []place
	for _, q := range pairs {
		if q.broken && !broken {
			continue
		}
		for _, q := range [2]pair{q, q.turned()} {
			if rest, ok := q.a.below(p); ok && (q.same || anyShared(rest)) && !q.within() {
				out = append(out, q.b.with(rest...))
			}
		}
	}
	slices.SortFunc(out, func(a, b place) int { return strings.Compare(a.key(), b.key()) })
	return out
}

func (s *state) shareWith(to place, from source, old map[string]pair, gone []place) {
	a, b := to.with(from.sub...), from.from
	same := from.same || len(from.sub) > 0 && from.sub[len(from.sub)-1].kind == pointed
	lost := func(p place) bool {
		return slices.ContainsFunc(gone, func(g place) bool { _, ok := g.below(p); return ok })
	}
	known := maps.Clone(s.pairs)
	if !lost(b) {
		s.pair(pair{a: a, b: b, same: same, aLonger: from.longer, bLonger: from.shorter})
	}
	through := func(p pair, past bool) {
		for _, q := range [2]pair{p, p.turned()} {
			one, inside := b.below(q.a)
			if other, both := b.below(q.b); inside && both {
				in := q
				in.a, in.b = a.with(one...), a.with(other...)
				s.pair(in)
			}
			if past && lost(q.b) {
				continue
			}
			if rest, ok := q.a.below(b); ok {
				next := pair{a: a, b: q.b.with(rest...), same: same && (p.same || anyShared(rest)), broken: p.broken, loose: p.loose || !meet(q.a, b)}
				if len(rest) == 0 {
					next.aLonger, next.bLonger = from.longer || q.aLonger, from.shorter || q.bLonger
				}
				s.pair(next)
			} else if inside {
				s.pair(pair{a: a.with(one...), b: q.b, same: p.same, broken: p.broken, loose: p.loose || !meet(q.a, b), aLonger: q.aLonger, bLonger: q.bLonger})
			}
		}
	}
	for _, p := range known {
		through(p, false)
	}
	for k, p := range old {
		if _, ok := known[k]; !ok {
			through(p, true)
		}
	}
}

// most is how many pairs are looked at.
const most = 500

func (s *state) pair(p pair) {
	if p.a.key() > p.b.key() {
		p = p.turned()
	}
	if len(s.pairs) >= most {
		return
	}
	if p.a.key() == p.b.key() && (p.loose || !ofMany(p.a.path) || p.a.is(p.b)) {
		return // only two elements of one thing are two places
	}
	k := p.a.key() + "|" + p.b.key()
	if q, ok := s.pairs[k]; ok {
		p = p.or(q)
	}
	s.pairs[k] = p
}

// declared forgets what was known of a variable, which is another one now.
func (s *state) declared(v *types.Var) {
	s.replaced(place{root: v})
	for k, q := range s.pairs {
		if q.a.root == v || q.b.root == v {
			delete(s.pairs, k)
		}
	}
	delete(s.caught, v)
}

// replaced forgets what was known of a place that is given another value. A pointer to it still leads to it.
func (s *state) replaced(p place) {
	for k, q := range s.pairs {
		if q.a.foundBy(p.root) || q.b.foundBy(p.root) {
			q.a, q.b = q.a.varying(p.root), q.b.varying(p.root)
			s.pairs[k] = q
		}
	}
	if ofMany(p.path) {
		return
	}
	for k, q := range s.pairs {
		if rest, ok := p.below(q.a); ok && (len(rest) > 0 || !q.same) {
			delete(s.pairs, k)
		} else if rest, ok := p.below(q.b); ok && (len(rest) > 0 || !q.same) {
			delete(s.pairs, k)
		}
	}
	for k, w := range s.written {
		if _, ok := p.below(w.other); ok {
			delete(s.written, k)
		}
	}
}

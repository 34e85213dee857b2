package flow

import (
	"go/types"
	"maps"
)

// state is what is known at a point of a workflow function. nil is a point that is never reached.
type state struct {
	pairs   map[string]pair
	written map[string]written
	caught  map[*types.Var]span // variables that a wfe.Undo has taken: where
	given   map[*types.Var]int  // the unit in which a variable has got the value that it has
}

// pair is two places that share memory, or did so until the last call.
type pair struct {
	a, b   place
	same   bool // not only what both point to, but they themselves: one is found through a pointer to the other
	broken bool // a call lies between
}

// written is an element that was written through one name, when it might be read through another one.
type written struct {
	at        span
	by, other place
}

func newState() *state {
	return &state{map[string]pair{}, map[string]written{}, map[*types.Var]span{}, map[*types.Var]int{}}
}

func (s *state) clone() *state {
	if s == nil {
		return nil
	}
	return &state{maps.Clone(s.pairs), maps.Clone(s.written), maps.Clone(s.caught), maps.Clone(s.given)}
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
		p.same, p.broken = p.same || out.pairs[k].same, p.broken || out.pairs[k].broken
		out.pairs[k] = p
	}
	maps.Copy(out.written, b.written)
	maps.Copy(out.caught, b.caught)
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
	if len(a.pairs) != len(b.pairs) || len(a.written) != len(b.written) || len(a.caught) != len(b.caught) {
		return false
	}
	for k, p := range a.pairs {
		if q, ok := b.pairs[k]; !ok || p.broken != q.broken {
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

// share notes that two places share memory, and so does what shares it with the second one.
func (s *state) share(a, b place) {
	s.pair(pair{a, b, len(a.path) > 0 && a.path[len(a.path)-1].kind == pointed, false})
	for _, p := range maps.Clone(s.pairs) {
		for _, q := range [2]pair{p, {p.b, p.a, p.same, p.broken}} {
			if rest, ok := q.a.below(b); ok && q.b.key() != a.key() {
				s.pair(pair{a, q.b.with(rest...), false, p.broken})
			} else if rest, ok := b.below(q.a); ok && q.b.key() != a.key() {
				s.pair(pair{a.with(rest...), q.b, p.same, p.broken})
			}
		}
	}
}

// most is how many pairs are looked at.
const most = 500

func (s *state) pair(p pair) {
	if p.a.key() > p.b.key() {
		p.a, p.b = p.b, p.a
	}
	if p.a.key() == p.b.key() || len(s.pairs) >= most {
		return
	}
	k := p.a.key() + "|" + p.b.key()
	if q, ok := s.pairs[k]; ok {
		p.same, p.broken = p.same || q.same, p.broken || q.broken
	}
	s.pairs[k] = p
}

// replaced forgets what was known of a place that is given another value.
func (s *state) replaced(p place) {
	for _, h := range p.path {
		if h.kind == beyond || h.kind == inside {
			return // one element of many
		}
	}
	for k, q := range s.pairs {
		if _, ok := p.below(q.a); ok {
			delete(s.pairs, k)
		} else if _, ok := p.below(q.b); ok {
			delete(s.pairs, k)
		}
	}
	for k, w := range s.written {
		if _, ok := p.below(w.other); ok {
			delete(s.written, k)
		}
	}
}

package flow

import (
	"go/ast"
	"go/types"
)

// access is a read or a write of a place.
type access struct {
	place    place
	at       span
	writes   bool
	constant string   // the value that is written, where it is a constant
	in       ast.Node // the transition
}

// recorder collects what a branch that runs beside others does to what is not its own.
type recorder struct {
	own map[*types.Var]bool // variables that it declares
	got []access
}

func (w *walker) note(a access) {
	if a.place.root == nil || packageLevel(a.place.root) {
		return
	}
	a.in = w.statement
	for _, r := range w.recorders {
		if !r.own[a.place.root] && !isFlow(a.place.root.Type()) {
			r.got = append(r.got, a)
		}
	}
}

// noteAll notes an access by all names of the place.
func (w *walker) noteAll(a access, s *state) {
	if len(w.recorders) == 0 {
		return
	}
	w.note(a)
	for _, p := range through(a.place, s.pairs, false) {
		a.place = p
		w.note(a)
	}
}

// record runs a branch, and returns what it does to what is not its own.
func (w *walker) record(run func()) *recorder {
	r := &recorder{own: map[*types.Var]bool{}}
	w.recorders = append(w.recorders, r)
	run()
	w.recorders = w.recorders[:len(w.recorders)-1]
	return r
}

// changes reports whether a write keeps what is there, since it reads it in the same transition.
func (r *recorder) changes(a access) bool {
	for _, b := range r.got {
		if !b.writes && b.in == a.in && b.in != nil && b.place.overlaps(a.place) {
			return true
		}
	}
	return false
}

// belongs reports whether a read is a part of such a write.
func (r *recorder) belongs(a access) bool {
	for _, b := range r.got {
		if b.writes && b.in == a.in && b.in != nil && b.place.overlaps(a.place) {
			return true
		}
	}
	return false
}

// ownElement reports whether a place is an element by an index of the branch's own.
func (r *recorder) ownElement(p place) bool {
	for _, h := range p.path {
		for _, v := range h.by {
			if r.own[v] {
				return true
			}
		}
	}
	return false
}

// compare reports what one branch does that another one, or itself for another element, would see or undo. Two plain writes are reported
// once, when first.
func (w *walker) compare(one, other *recorder, what string, first bool) {
	for _, a := range one.got {
		if !a.writes {
			continue
		}
		for _, b := range other.got {
			if !a.place.overlaps(b.place) || one.ownElement(a.place) && other.ownElement(b.place) {
				continue
			}
			switch {
			case !b.writes:
				if !other.belongs(b) {
					w.report(sharedRead(b.at, b.place, what, a.at))
				}
			case other.changes(b), a.constant != "" && a.constant == b.constant && len(a.place.path) == len(b.place.path):
			case first || one.changes(a):
				w.report(sharedWrite(b.at, b.place, what, a.at))
			}
		}
	}
}

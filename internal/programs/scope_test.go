package programs

import (
	"slices"
)

// kind is the type of a variable.
type kind int

const (
	number  kind = iota // int
	text                // string
	truth               // bool
	numbers             // []int
	item                // Item
	acted               // Act, as a call left it
	pinged              // Ping
	failure             // *wfe.Failure
	problem             // error, which is given a value wherever it is used
)

var kindNames = map[kind]string{number: "int", text: "string", truth: "bool", numbers: "[]int", item: "Item", acted: "Act", pinged: "Ping", failure: "*wfe.Failure", problem: "error"}

// variable is a local variable of a generated function.
type variable struct {
	id     int
	name   string
	kind   kind
	block  int  // in which it is declared
	round  int  // of the loop in which it is declared; 0 is none
	par    int  // how deep in parallel bodies
	fixed  bool // may not be assigned any more
	frozen bool // may not be assigned, nor hidden
	loop   bool // it counts the rounds of a loop
	keep   bool // may not be hidden
	used   bool
}

// leaves says what return means.
type leaves int

const (
	nothing leaves = iota // there is none
	flow                  // the workflow's
	closure               // a closure's without results
	again                 // a closure's of Recur
	helper                // a helper's, with results
)

// scope is where statements are generated. It is copied for a block within.
type scope struct {
	vars    []*variable
	out     *[]string
	ids     map[string]bool // of the nodes of this sequence
	block   int
	round   int
	depth   int
	par     int
	strand  string // a Go expression
	saga    bool   // Undo has a saga around it
	fails   bool   // a failure here has one outcome
	caught  bool   // and a Try sees it
	child   bool   // a child may not be suspended, and waits for no event
	undo    bool   // in a closure of Undo
	mult    int    // how often this runs
	brk     bool   // break leaves something
	cont    bool   // continue leads somewhere
	ret     leaves
	results []kind
	bare    bool        // the results have names
	named   []*variable // and are these
	ranged  bool        // a loop around ranges over d.Ns
	again   string      // of Recur: whether there is another round
	plain   bool        // no calls
	ended   bool        // the last statement does not go on
}

// inner is the scope of a block in s, whose lines go to out.
func (g *generator) inner(s *scope, out *[]string) *scope {
	in := *s
	in.vars = slices.Clone(s.vars)
	in.out = out
	in.block = g.count()
	in.depth++
	in.ended = false
	return &in
}

// sequence is the scope of a block that has ids of its own.
func (g *generator) sequence(s *scope, out *[]string) *scope {
	in := g.inner(s, out)
	in.ids = map[string]bool{}
	return in
}

// body is the scope of the rounds of a loop.
func (g *generator) body(s *scope, out *[]string, times int) *scope {
	in := g.sequence(s, out)
	in.round = g.count()
	in.mult *= max(times, 1)
	in.brk, in.cont = true, true
	return in
}

// function is the scope of a function literal.
func (g *generator) function(s *scope, out *[]string) *scope {
	in := g.sequence(s, out)
	in.brk, in.cont, in.ret, in.results = false, false, closure, nil
	return in
}

// parallel is the scope of a body that runs beside others.
func (g *generator) parallel(s *scope, out *[]string, strand string) *scope {
	in := g.function(s, out)
	in.par++
	in.fails, in.caught = false, false
	in.strand = strand
	return in
}

// add makes a variable visible.
func (g *generator) add(s *scope, name string, k kind) *variable {
	v := &variable{id: g.count(), name: name, kind: k, block: s.block, round: s.round, par: s.par}
	s.vars = slices.DeleteFunc(s.vars, func(o *variable) bool { return o.name == name })
	s.vars = append(s.vars, v)
	g.all = append(g.all, v)
	return v
}

// name is one for a new variable: often one that is there, which it hides.
func (g *generator) naming(s *scope) string {
	if g.chance(20) {
		var names []string
		for _, v := range s.vars {
			if v.block != s.block && !v.frozen && !v.keep {
				names = append(names, v.name)
			}
		}
		if len(names) > 0 {
			return names[g.r.IntN(len(names))]
		}
	}
	return g.fresh("x")
}

// readable returns the variables of a kind that may be read in s.
func (s *scope) readable(k kind) (out []*variable) {
	for _, v := range s.vars {
		if v.kind == k && (!s.undo || v.round == 0 && !v.loop || v.frozen && !v.loop || v.round == s.round && !v.loop) {
			out = append(out, v)
		}
	}
	return out
}

// writable returns those that may be assigned.
func (s *scope) writable(k kind) (out []*variable) {
	for _, v := range s.readable(k) {
		if !v.fixed && !v.frozen && v.par == s.par && (!s.undo || v.round == 0 || v.block == s.block) {
			out = append(out, v)
		}
	}
	return out
}

// read notes that a variable is read.
func (s *scope) read(v *variable) string {
	v.used = true
	if s.undo && v.round != 0 && v.block != s.block {
		v.fixed = true
	}
	return v.name
}

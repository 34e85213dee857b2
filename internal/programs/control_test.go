package programs

import (
	"fmt"
	"slices"
	"strings"
)

// ifElse generates an if.
func (g *generator) ifElse(s *scope) {
	if g.chance(20) { // an error is asked for, which is not saved
		err, give, use := g.pick("err", g.fresh("err")), ":=", ""
		if known := g.problem(s); known != nil {
			err, give = known.name, "="
		}
		if g.chance(60) {
			use = "d.Sum += len(" + err + ".Error())\n"
		}
		head := fmt.Sprintf("if %s %s checked(%s); %[1]s %[4]s nil {\n", err, give, g.number(s), g.pick("!=", "=="))
		if strings.Contains(head, "!=") {
			head += use
		}
		g.branches(s, s, head)
		return
	}
	if g.chance(25) {
		var out []string
		k := []kind{number, text}[g.r.IntN(2)]
		x := g.value(s, k)
		in := g.inner(s, &out)
		v := g.add(in, g.naming(s), k)
		v.used = true
		g.branches(s, in, fmt.Sprintf("if %s := %s; %[1]s != %[3]s && %[4]s {\n", v.name, x, map[kind]string{number: "3", text: `"c"`}[k], g.truth(in)))
		return
	}
	g.branches(s, s, fmt.Sprintf("if %s {\n", g.truth(s)))
}

// nested generates a block of its own.
func (g *generator) nested(s *scope) {
	var out []string
	s.line("{\n%s}", g.within(g.inner(s, &out), 2+g.r.IntN(2)))
}

// loop writes a loop whose head and body are generated, with its id if it has nodes.
func (g *generator) loop(s *scope, before int, id, head, body string) {
	up := ""
	if g.nodes > before {
		up = above(g.node(s, id))
	}
	s.line("%s%s {\n%s}", up, head, body)
}

// rounds generates the body of a loop, which is often left, or gone on with, between two steps.
func (g *generator) rounds(in *scope) string {
	g.block(in, 1+g.r.IntN(2))
	if !in.ended && g.chance(60) {
		in.line("if upTo(%s, %d) == %d {\n%s\n}", g.numberOf(in, 1), 2+g.r.IntN(2), g.r.IntN(2), g.pick("break", "continue", "continue"))
		if !in.undo {
			g.do(in)
		}
	}
	return g.within(in, 1+g.r.IntN(2))
}

// while generates a for without a range.
func (g *generator) while(s *scope) {
	before := g.nodes
	times := 1 + g.r.IntN(3)
	var out []string
	switch g.r.IntN(5) {
	case 0, 1: // three clauses
		in := g.body(s, &out, times)
		i := g.add(in, g.fresh("i"), number)
		i.block, i.round, i.loop, i.used = 0, s.round, true, true
		head := fmt.Sprintf("for %s := 0; %[1]s < %d; %[1]s%[3]s", i.name, times, g.pick("++", "++", " += 2"))
		if g.chance(20) {
			head = fmt.Sprintf("for %s, j := 0, %d; %[1]s < j; %[1]s, j = %[1]s+1, j-%[3]d", i.name, times+1, g.r.IntN(2))
		}
		i.fixed = true
		if g.chance(15) {
			*in.out = append(*in.out, "if "+g.truth(in)+" {\n"+i.name+"++\n}\n")
		}
		if s.saga && g.chance(60) {
			c := g.add(in, g.fresh("x"), number)
			c.fixed = true
			in.line("%s := %s", c.name, i.name)
			in.text(mark(c))
		}
		g.loop(s, before, "for", head, g.rounds(in))
	case 2, 3: // a condition
		n := g.add(s, g.fresh("x"), number)
		n.frozen, n.loop, n.used = true, true, true
		s.line("%s := 0", n.name)
		head := fmt.Sprintf("for %s < %d", n.name, times)
		if g.chance(40) {
			head += " && (" + g.truth(s) + ")"
		}
		in := g.body(s, &out, times)
		in.line("%s++", n.name)
		g.loop(s, before, "for", head, g.rounds(in))
	default:
		n := g.add(s, g.fresh("x"), number)
		n.frozen, n.loop, n.used = true, true, true
		s.line("%s := 0", n.name)
		in := g.body(s, &out, times+1)
		in.line("if %s++; %[1]s > %d {\nbreak\n}", n.name, times)
		g.loop(s, before, "for", "for", g.rounds(in))
	}
}

// each generates a for over a range.
func (g *generator) each(s *scope) {
	before := g.nodes
	var out []string
	times := 1 + g.r.IntN(3)
	if g.chance(35) {
		in := g.body(s, &out, times)
		over := fmt.Sprint(times)
		if g.chance(40) {
			over = fmt.Sprintf("upTo(%s, %d)", g.numberOf(s, 1), times+1)
		}
		switch n := g.r.IntN(4); {
		case n == 0:
			g.loop(s, before, "for", "for range "+over, g.rounds(in))
		case n == 1 && len(s.writable(number)) > 0:
			vs := s.writable(number)
			v := vs[g.r.IntN(len(vs))]
			g.loop(s, before, "for", fmt.Sprintf("for %s = range %s", v.name, over), g.rounds(in))
		default:
			i := g.add(in, g.fresh("i"), number)
			g.loop(s, before, "for", fmt.Sprintf("for %s := range %s", i.name, over), mark(i)+g.rounds(in))
		}
		return
	}
	over, k, id := "d.Items", item, "for-items"
	times = 3
	in := g.body(s, &out, times)
	vs := s.readable(numbers)
	switch n := g.r.IntN(5); {
	case n == 0:
		over, k, id, in.ranged = "d.Ns", number, "for-ns", true
	case n == 1 && len(vs) > 0 && !s.undo:
		v := vs[g.r.IntN(len(vs))]
		over, k, id = s.read(v), number, ""
		if fixed := v.fixed; !fixed {
			v.fixed = true
			defer func() { v.fixed = false }()
		}
	case n == 2:
		over, k, id = fmt.Sprintf("[]int{%s, %s}", g.numberOf(s, 0), g.numberOf(s, 0)), number, "for"
	case n == 3:
		over, k, id = fmt.Sprintf("[2]string{%s, %s}", g.text(s), g.text(s)), text, "for"
	}
	i, e := g.add(in, g.fresh("i"), number), g.add(in, g.naming(in), k)
	head := fmt.Sprintf("for %s, %s := range %s", i.name, e.name, over)
	first := mark(i) + mark(e)
	if g.chance(30) {
		in.vars = in.vars[:len(in.vars)-2]
		in.vars = append(in.vars, e)
		head = fmt.Sprintf("for _, %s := range %s", e.name, over)
		first = mark(e)
		i.used = true
	}
	g.loop(s, before, id, head, first+g.rounds(in))
}

// choice generates a switch.
func (g *generator) choice(s *scope) {
	var out []string
	in := g.inner(s, &out)
	tag := []kind{number, text, truth}[g.r.IntN(3)] // truth: it has none
	head := "switch"
	if g.chance(30) && tag != truth {
		x := g.value(s, tag)
		if g.chance(30) {
			tag = number
			x = g.act(s) + ".Out"
			g.left--
		}
		v := g.add(in, g.naming(s), tag)
		head = fmt.Sprintf("switch %s := %s;", v.name, x)
		v.used = true
		if tag == number {
			head += fmt.Sprintf(" (%s + %s) %% 3", v.name, g.number(in))
		} else {
			head += " " + v.name
		}
	} else if tag == number {
		head += fmt.Sprintf(" (%s) %% 4", g.number(in))
	} else if tag == text {
		head += " " + g.text(in)
	}
	type branch struct{ head, body string }
	var cases []branch
	for i := range 1 + g.r.IntN(3) {
		var lines []string
		head := ""
		switch tag {
		case number:
			head = fmt.Sprintf("case %d:\n", i)
			if i == 1 && g.chance(60) {
				head = "case 1, 3:\n"
			}
		case text:
			head = fmt.Sprintf("case %q:\n", string(rune('a'+i)))
		default:
			head = "case " + g.truth(in) + ":\n"
		}
		b := g.sequence(in, &lines)
		b.brk = true
		cases = append(cases, branch{head, g.within(b, 1+g.r.IntN(3))})
	}
	if g.chance(50) {
		var lines []string
		b := g.sequence(in, &lines)
		b.brk = true
		at := g.r.IntN(len(cases) + 1)
		cases = append(cases[:at], append([]branch{{"default:\n", g.within(b, 1+g.r.IntN(3))}}, cases[at:]...)...)
	}
	text := ""
	calls := false
	for _, c := range cases {
		calls = calls || waits(c.body)
	}
	for _, c := range cases {
		if tag == truth && calls && c.head != "default:\n" {
			text += above(g.fresh("c"))
		}
		text += c.head + c.body
	}
	id := ""
	if calls {
		id = above(g.node(s, "switch"))
	}
	s.line("%s%s {\n%s}", id, head, text)
}

// strandOf is that of a branch.
func (s *scope) strandOf(name, element string) string {
	if element == "" {
		return fmt.Sprintf("%s + %q", s.strand, "/"+name)
	}
	return fmt.Sprintf("%s + %q + strconv.Itoa(%s)", s.strand, "/"+name+".", element)
}

// forEach generates a loop whose elements run beside each other.
func (g *generator) forEach(s *scope) {
	var out []string
	over, k, id := "d.Items", item, "for-items"
	if g.chance(40) {
		over, k, id = fmt.Sprintf("[]int{%d, %d, %d}", g.r.IntN(3), 3+g.r.IntN(3), 6+g.r.IntN(3)), number, ""
	}
	opts := ""
	e := g.fresh("e")
	var in *scope
	if g.chance(25) {
		in = g.function(s, &out)
		opts = ", wfe.Sequential()"
	} else {
		field := e
		if k == item {
			field += ".N"
		}
		in = g.parallel(s, &out, s.strandOf(g.fresh("e"), field))
		if g.chance(25) {
			opts = fmt.Sprintf(", wfe.Limit(%d)", 1+g.r.IntN(2))
		}
	}
	in.mult *= 3
	in.round = g.count()
	v := g.add(in, e, k)
	v.frozen = true
	body := g.eachBody(in)
	name := g.node(s, id)
	s.line("wfe.ForEach(w, %s, func(%s %s) {\n%s}%s%s)", over, e, kindNames[k], body, opts, named(name))
}

// eachBody generates the body of an element, which waits for something.
func (g *generator) eachBody(in *scope) string {
	start := g.start(in)
	g.block(in, 2+g.r.IntN(4))
	text := strings.Join(*in.out, "")
	if !waits(text) {
		text = g.act(start) + "\n" + text
	}
	return text
}

// waits reports whether there is a call of wfe or of a helper in a text; a Fail is none that waits.
func waits(text string) bool {
	text = strings.ReplaceAll(text, "wfe.Fail(w, ", "")
	return strings.Contains(text, "(w, ") || strings.Contains(text, "(w)")
}

// start is the scope s as it is now.
func (g *generator) start(s *scope) *scope {
	now := *s
	now.vars = slices.Clone(s.vars)
	return &now
}

// beside generates branches that run beside each other, each with a variable of its own.
func (g *generator) beside(s *scope) {
	p := g.fresh("p")
	n := 2 + g.r.IntN(2)
	var own []*variable
	vars := s.vars
	for range n {
		v := g.add(s, g.fresh("x"), number)
		own = append(own, v)
		s.line("var %s int", v.name)
		s.text(mark(v))
	}
	text, ids := "", map[string]bool{} // branches add nothing to the ids of what is in them
	for i := range n {
		var out []string
		in := g.parallel(s, &out, s.strandOf(p, "")+fmt.Sprintf(" + %q", fmt.Sprint(".", i)))
		in.vars, in.ids = append(vars[:len(vars):len(vars)], own[i]), ids
		own[i].par = in.par
		text += "func() {\n" + g.eachBody(in) + "},\n"
		own[i].par = s.par
	}
	s.line("%swfe.Parallel(w,\n%s)", above(g.node(s, "parallel")), text)
}

// sagaPolicy is the policy of a saga.
func (g *generator) sagaPolicy(s *scope) string {
	if !g.chance(30) {
		return ""
	}
	then := ""
	if s.par == 0 && s.fails && g.chance(40) {
		then = ", Then: wfe.Terminate"
		if !s.child && g.chance(50) {
			then = ", Then: wfe.Suspend"
		}
	}
	return fmt.Sprintf(", wfe.OnError(wfe.RetryPolicy{MaxRetries: %d, Interval: time.Second%s})", g.r.IntN(2), then)
}

// saga generates a saga.
func (g *generator) saga(s *scope) {
	var out []string
	in := g.function(s, &out)
	in.saga = true
	opts := g.sagaPolicy(s)
	if opts != "" {
		in.mult *= 2
	}
	body := g.within(in, 2+g.r.IntN(4))
	s.line("wfe.Saga(w, func() {\n%s}%s%s)", body, opts, named(g.node(s, "saga")))
}

// try generates a saga whose failure is looked at.
func (g *generator) try(s *scope) {
	var out []string
	in := g.function(s, &out)
	in.saga = true
	in.fails, in.caught = true, true
	opts := ""
	if g.chance(25) {
		opts = ", wfe.OnError(wfe.Retry(1, time.Second))"
		in.mult *= 2
	}
	g.block(in, 2+g.r.IntN(4))
	if !in.ended && g.chance(60) {
		in.line("wfe.Do(w, Act{%s, Fails: -upTo(%s, 2)}, wfe.Name(%q))", g.fields(in), g.numberOf(in, 1), g.fresh("n"))
		g.nodes++
	}
	body := strings.Join(out, "")
	x := fmt.Sprintf("wfe.Try(w, func() {\n%s}%s", body, opts)
	name := g.node(s, "try")
	switch vs := s.writable(failure); {
	case g.chance(40):
		g.initIf(s, failure, x+named(name)+")")
	case len(vs) > 0 && g.chance(50):
		s.line("%s%s = %s)", above(name), vs[g.r.IntN(len(vs))].name, x)
	default:
		v := g.add(s, g.fresh("f"), failure)
		s.line("%s%s := %s)", above(name), v.name, x)
		s.text(mark(v))
		g.branches(s, s, "if "+s.read(v)+" != nil {\n")
	}
}

// undo generates what a saga does when it rolls back.
func (g *generator) undo(s *scope) {
	var out []string
	in := g.function(s, &out)
	in.undo, in.saga = true, false
	in.line("%s", g.noteOf(in))
	body := g.within(in, 1+g.r.IntN(3))
	s.line("wfe.Undo(w, func() {\n%s}%s)", body, named(g.node(s, "undo")))
}

// noteOf is a note as a statement.
func (g *generator) noteOf(s *scope) string {
	var out []string
	in := *s
	in.out = &out
	g.note(&in)
	return strings.TrimSuffix(out[0], "\n")
}

// recur generates rounds by the clock.
func (g *generator) recur(s *scope) {
	times := 1 + g.r.IntN(3)
	n := g.add(s, g.fresh("x"), number)
	n.frozen, n.loop, n.used = true, true, true
	s.line("%s := 0", n.name)
	var out []string
	in := g.function(s, &out)
	in.round = g.count()
	in.mult *= times
	in.ret, in.again = again, fmt.Sprintf("%s < %d", n.name, times)
	in.line("%s++", n.name)
	body := g.eachBody(in)
	if !returns(*in.out) {
		body += "return " + in.again + "\n"
	}
	s.line("wfe.Recur(w, wfe.Every(time.Hour), func() bool {\n%s}%s)", body, named(g.node(s, "recur")))
}

// returns reports whether the last statement is a return.
func returns(lines []string) bool {
	return len(lines) > 0 && strings.HasPrefix(lines[len(lines)-1], "return")
}

// branch generates a step that branches.
func (g *generator) branch(s *scope) {
	x := fmt.Sprintf("wfe.Branch(w, Split{%s%s}, func(", g.fields(s), g.failing(s, 1))
	var out []string
	e := g.fresh("e")
	in := g.parallel(s, &out, s.strandOf(g.fresh("e"), e))
	in.mult *= 3
	in.round = g.count()
	g.add(in, e, number).frozen = true
	x += fmt.Sprintf("%s int) {\n%s}", e, g.eachBody(in))
	name := g.node(s, "split")
	if g.chance(50) {
		s.line("%s%s)", above(name), x)
		return
	}
	g.take(s, number, above(name), x+").Made", "d.B")
}

// child generates another workflow, and a call of it.
func (g *generator) child(s *scope) {
	g.childs++
	at := s.strandOf(g.fresh("s"), "")
	call := fmt.Sprintf("Data{ID: d.ID, At: %s, A: %s, B: %s, S: %s, Items: d.Items}", at, g.number(s), g.number(s), g.text(s))
	fn := fmt.Sprintf("%sC%d", g.name, g.childs)
	left := g.left
	g.left = min(g.left/2, 10)
	used := g.left
	body := g.workflow(flow, true, s.fails)
	g.left = left - (used - g.left)
	g.funcs = append(g.funcs, fmt.Sprintf("//wfe:workflow\nfunc %s(w *wfe.Flow, d *Data) {\n%s}\n", fn, body))
	x := fmt.Sprintf("wfe.SubWorkflow(w, %s, %s%s)", fn, call, named(g.node(s, "")))
	switch g.r.IntN(3) {
	case 0:
		s.line("%s", x)
	case 1:
		g.take(s, number, "", x+".A", "d.A")
	default:
		g.take(s, text, "", x+".S", "d.S")
	}
}

// helperFunc is a function that is given the Flow, and where it may be called.
type helperFunc struct {
	name               string
	results            []kind
	par                bool
	saga, fails, child bool
	caught             bool
	ranged             bool
	unsaved            bool // it is given an error and a pointer
	mult               int
}

// help calls a helper, a new one or one that is there.
func (g *generator) help(s *scope) {
	var h *helperFunc
	for _, o := range g.helpers {
		if o.par == (s.par > 0) && (!o.saga || s.saga) && (!o.fails || s.fails) && (!o.caught || s.caught) && (o.child || !s.child) && (o.ranged || !s.ranged) && s.mult <= o.mult && g.chance(60) {
			h = o
			break
		}
	}
	if h == nil {
		h = g.helper(s)
	}
	name := g.node(s, h.name)
	more := ""
	if h.unsaved {
		more = fmt.Sprintf(", checked(%s), &Item{N: %s, S: %s}", g.number(s), g.number(s), g.text(s))
	}
	call := fmt.Sprintf("%s(w, d, %s, %s, %s%s)", h.name, s.strandOf(g.fresh("h"), ""), g.number(s), g.text(s), more)
	switch len(h.results) {
	case 1:
		if g.chance(70) {
			g.take(s, h.results[0], above(name), call, map[kind]string{number: "d.A", text: "d.S", truth: "d.F"}[h.results[0]])
			return
		}
	case 2:
		if g.chance(70) {
			one, two := g.add(s, g.fresh("x"), h.results[0]), g.add(s, g.fresh("x"), h.results[1])
			s.line("%s%s, %s := %s", above(name), one.name, two.name, call)
			s.text(mark(one) + mark(two))
			return
		}
	}
	s.line("%s%s", above(name), call)
}

// helper generates one that may be called in s.
func (g *generator) helper(s *scope) *helperFunc {
	h := &helperFunc{name: fmt.Sprintf("p%sh%d", strings.TrimPrefix(g.name, "P"), g.count()), par: s.par > 0, saga: s.saga, fails: s.fails, caught: s.caught, child: s.child, ranged: s.ranged, mult: s.mult}
	for range g.r.IntN(3) {
		h.results = append(h.results, []kind{number, text, truth}[g.r.IntN(3)])
	}
	var out []string
	in := &scope{out: &out, ids: map[string]bool{}, block: g.count(), round: g.count(), depth: s.depth + 1, par: s.par, strand: "at", saga: s.saga, fails: s.fails, caught: s.caught,
		child: s.child, mult: s.mult, ret: helper, results: h.results, ranged: s.ranged}
	x, y := g.add(in, g.fresh("x"), number), g.add(in, g.fresh("x"), text)
	names := make([]string, len(h.results))
	byName := g.chance(40)
	in.bare = byName && len(h.results) > 0
	for i, k := range h.results {
		if names[i] = kindNames[k]; byName {
			v := g.add(in, g.fresh("r"), k)
			v.keep, v.used = true, true
			in.named = append(in.named, v)
			names[i] = v.name + " " + kindNames[k]
		}
	}
	left := g.left
	g.left = min(g.left/2, 8)
	used := g.left
	start := g.start(in)
	more := ""
	if h.unsaved = g.chance(35); h.unsaved {
		e := &hidden{g, g.fresh("err"), g.fresh("p")}
		more = fmt.Sprintf(", %s error, %s *Item", e.err, e.at)
		in.line("d.Sum += len(fmt.Sprint(%s)) + %s.N", e.err, e.at)
		if g.chance(50) {
			e.guard(in)
		}
		e.call(in)
	}
	g.block(in, 1+g.r.IntN(2))
	if !in.ended && g.chance(60) {
		g.do(in)
		in.line("if upTo(%s + %s, 2) == 0 {\nreturn %s\n}", s.read(x), g.numberOf(in, 1), g.returned(in))
	}
	g.block(in, 1+g.r.IntN(3))
	if !waits(strings.Join(out, "")) {
		out = append([]string{g.act(start) + "\n"}, out...)
	}
	if len(h.results) > 0 && !returns(out) {
		in.line("return %s", g.returned(in))
	}
	g.left = left - (used - g.left)
	g.helpers = append(g.helpers, h)
	g.funcs = append(g.funcs, fmt.Sprintf("func %s(w *wfe.Flow, d *Data, at string, %s int, %s string%s) (%s) {\n%s}\n", h.name, x.name, y.name, more, strings.Join(names, ", "), strings.Join(out, "")))
	return h
}

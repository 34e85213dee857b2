package programs

import (
	"fmt"
	"strconv"
	"strings"
)

// node counts one, and returns whether it may have the default id otherwise, and else a name for it.
func (g *generator) node(s *scope, id string) string {
	g.left--
	g.nodes++
	if id != "" && !s.ids[id] && g.chance(35) {
		s.ids[id] = true
		return ""
	}
	return g.fresh("n")
}

// above names a statement.
func above(name string) string {
	if name == "" {
		return ""
	}
	return "//wfe:id " + name + "\n"
}

// named is the option that names a call.
func named(name string) string {
	if name == "" {
		return ""
	}
	return fmt.Sprintf(", wfe.Name(%q)", name)
}

// fields are those of a step that all have.
func (g *generator) fields(s *scope) string {
	return fmt.Sprintf("By: d.ID, At: %s, What: %q, In: %s", s.strand, g.fresh("k"), g.number(s))
}

// failing is what a step's Fails is set to: below 0 is for good, more than most is more often than it is tried.
func (g *generator) failing(s *scope, most int) string {
	if g.chance(60) {
		return ""
	}
	if s.fails && !s.undo && (!s.child || s.saga) && g.seldom(s) {
		switch g.r.IntN(7) {
		case 0:
			return ", Fails: -1"
		case 1:
			return ", Fails: " + strconv.Itoa(most+1)
		case 2, 3:
			return fmt.Sprintf(", Fails: -upTo(%s, %d)", g.numberOf(s, 1), 2+g.r.IntN(2))
		case 4:
			return fmt.Sprintf(", Fails: %d*upTo(%s, 2)", most+1, g.numberOf(s, 1))
		}
	}
	return fmt.Sprintf(", Fails: upTo(%s, %d)", g.numberOf(s, 1), most+1)
}

// seldom is whether something may fail that nothing catches.
func (g *generator) seldom(s *scope) bool { return s.caught || g.chance(7) }

// policy is an option of a step.
func (g *generator) policy(s *scope, undone bool) string {
	if s.undo || !g.chance(12) {
		return ""
	}
	var of []string
	if undone {
		of = append(of, "Then: wfe.Compensate")
	}
	if s.fails && g.seldom(s) {
		if undone {
			of = append(of, "Then: wfe.CompensateThenRetry")
		}
		if !s.child {
			of = append(of, "Factor: 2")
		}
		if s.par == 0 && g.chance(25) {
			of = append(of, "Then: wfe.Terminate")
			if !s.child {
				of = append(of, "Then: wfe.Suspend")
			}
		}
	}
	if len(of) == 0 {
		return ""
	}
	return fmt.Sprintf(", wfe.OnError(wfe.RetryPolicy{MaxRetries: %d, Interval: time.Second, %s})", g.r.IntN(2), of[g.r.IntN(len(of))])
}

// act is a call of a step of type Act alone.
func (g *generator) act(s *scope) string {
	g.nodes++
	return fmt.Sprintf("wfe.Do(w, Act{%s}, wfe.Name(%q))", g.fields(s), g.fresh("n"))
}

// do generates a step.
func (g *generator) do(s *scope) {
	switch g.r.IntN(5) {
	case 0:
		g.simpleStep(s, "Book", "book", "Out", 2, true)
		return
	case 1:
		g.simpleStep(s, "Lend", "lend", "Ref", 1, true)
		return
	}
	fields := g.fields(s) + g.failing(s, 2)
	if g.chance(60) {
		fields += ", Text: " + g.text(s)
	}
	call := func(own bool) (string, string) {
		name := g.node(s, "act")
		if own && name != "" && g.chance(30) {
			return above(name), fmt.Sprintf("wfe.Do(w, Act{%s}%s)", fields, g.policy(s, false))
		}
		return "", fmt.Sprintf("wfe.Do(w, Act{%s}%s%s)", fields, g.policy(s, false), named(name))
	}
	switch g.r.IntN(8) {
	case 0:
		id, x := call(true)
		s.line("%s%s", id, x)
	case 1:
		id, x := call(true)
		name := g.naming(s)
		v := g.add(s, name, acted)
		s.line("%s%s := %s", id, name, x)
		s.text(mark(v))
	case 2:
		to := "_"
		if vs := s.writable(acted); len(vs) > 0 {
			to = vs[g.r.IntN(len(vs))].name
		}
		id, x := call(true)
		s.line("%s%s = %s", id, to, x)
	case 3:
		if s.depth < 9 {
			_, x := call(false)
			g.initIf(s, number, x+".Out")
			return
		}
		fallthrough
	case 4:
		id, x := call(true)
		g.take(s, text, id, x+".Said", "d.S")
	default:
		id, x := call(true)
		g.take(s, number, id, x+".Out", g.pick("d.A", "d.B", "d.P.N"))
	}
}

// take hands the result of a call on: to a new variable, to one that is there, or to the data.
func (g *generator) take(s *scope, k kind, id, x, data string) {
	vs := s.writable(k)
	switch n := g.r.IntN(10); {
	case n < 3 && s.par == 0:
		s.line("%s%s = %s", id, data, x)
	case n < 6 && len(vs) > 0:
		s.line("%s%s = %s", id, vs[g.r.IntN(len(vs))].name, x)
	default:
		name := g.naming(s)
		v := g.add(s, name, k)
		if g.chance(20) {
			s.line("%svar %s = %s", id, name, x)
		} else {
			s.line("%s%s := %s", id, name, x)
		}
		s.text(mark(v))
	}
}

// initIf generates an if with a call as its init statement.
func (g *generator) initIf(s *scope, k kind, x string) {
	var out []string
	in := g.inner(s, &out)
	name := g.naming(s)
	v := g.add(in, name, k)
	cond := map[kind]string{number: fmt.Sprintf("%s > %d", name, g.r.IntN(12)), failure: name + " != nil"}[k]
	v.used = true
	head := fmt.Sprintf("if %s := %s; %s {\n", name, x, cond)
	g.branches(s, in, head)
}

// branches generates the blocks of an if whose head is written, in the scope of its init statement.
func (g *generator) branches(s, in *scope, head string) {
	before := g.nodes
	var then, other []string
	text := head + g.within(g.sequence(in, &then), 1+g.r.IntN(4)) + "}"
	if g.chance(40) {
		o := g.sequence(in, &other)
		if g.chance(35) {
			cond := g.truth(o)
			var deeper, last []string
			inner := g.sequence(o, &deeper)
			text += fmt.Sprintf(" else if %s {\n%s}", cond, g.within(inner, 1+g.r.IntN(3)))
			if g.chance(50) {
				text += fmt.Sprintf(" else {\n%s}", g.within(g.sequence(o, &last), 1+g.r.IntN(3)))
			}
		} else {
			text += fmt.Sprintf(" else {\n%s}", g.within(o, 1+g.r.IntN(3)))
		}
	}
	id := ""
	if g.nodes > before {
		id = above(g.node(s, "if"))
	}
	s.line("%s%s", id, text)
}

// simpleStep generates a step with one output that is a number.
func (g *generator) simpleStep(s *scope, typ, id, out string, most int, undone bool) {
	x := fmt.Sprintf("wfe.Do(w, %s{%s%s}%s", typ, g.fields(s), g.failing(s, most), g.policy(s, undone))
	name := g.node(s, id)
	up := ""
	if name != "" && g.chance(30) {
		up = above(name)
	} else {
		x += named(name)
	}
	if g.chance(50) {
		s.line("%s%s)", up, x)
		return
	}
	g.take(s, number, up, x+")."+out, g.pick("d.A", "d.B"))
}

// steer generates a step with an outcome.
func (g *generator) steer(s *scope) {
	x := fmt.Sprintf("wfe.Steer(w, Choose{%s%s}%s", g.fields(s), g.failing(s, 2), g.policy(s, true))
	x += named(g.node(s, "choose")) + ")"
	if g.chance(25) {
		s.line("%s", x)
		return
	}
	how := g.fresh("x")
	if g.chance(40) && s.depth < 7 {
		var out []string
		in := g.inner(s, &out)
		v := g.add(in, how, text)
		v.used = true
		g.branches(s, in, fmt.Sprintf("if _, %s := %s; %[1]s == %[3]s {\n", how, x, g.pick(`"a"`, `"b"`, `""`, `"3"`)))
		return
	}
	vs := s.writable(number)
	st := "_"
	if g.chance(50) {
		st = g.fresh("x")
	}
	v := g.add(s, how, text)
	s.line("%s, %s := %s", st, how, x)
	s.text(mark(v))
	if st != "_" {
		if len(vs) > 0 {
			s.line("%s = %s.Runs", vs[0].name, st)
		} else {
			u := g.add(s, g.fresh("x"), number)
			s.line("%s := %s.Runs", u.name, st)
			s.text(mark(u))
		}
	}
}

// wait generates a wait for an event.
func (g *generator) wait(s *scope) {
	key := `d.ID + "-never"`
	if s.par == 0 && !s.child && s.mult <= 3 {
		key = fmt.Sprintf("d.ID + %q", g.pick("-a", "-b", "-never"))
		if g.chance(30) && !strings.Contains(key, "never") {
			name := g.node(s, "ping")
			if g.chance(50) {
				v := g.add(s, g.fresh("x"), pinged)
				s.line("%s := wfe.WaitFor[Ping](w, %s%s)", v.name, key, named(name))
				s.text(mark(v))
				return
			}
			g.take(s, number, above(name), fmt.Sprintf("wfe.WaitFor[Ping](w, %s).N", key), "d.A")
			return
		}
	}
	x := fmt.Sprintf("wfe.WaitForWithin[Ping](w, %s, %s", key, g.duration(s))
	if g.chance(40) && s.depth < 7 {
		var out []string
		in := g.inner(s, &out)
		e, ok := g.add(in, g.fresh("x"), pinged), g.add(in, g.fresh("x"), truth)
		e.used, ok.used = true, true
		x += named(g.node(s, "ping"))
		g.branches(s, in, fmt.Sprintf("if %s, %s := %s); %s%[2]s && %[1]s.N < %[5]d {\n", e.name, ok.name, x, g.pick("", "!"), g.r.IntN(6)))
		return
	}
	name := g.node(s, "ping")
	if ts, ps := s.writable(truth), s.writable(pinged); len(ts) > 0 && len(ps) > 0 && g.chance(50) {
		s.line("%s%s, %s = %s)", above(name), ps[0].name, ts[0].name, x)
		return
	}
	e, ok := g.add(s, g.fresh("x"), pinged), g.add(s, g.fresh("x"), truth)
	s.line("%s%s, %s := %s)", above(name), e.name, ok.name, x)
	s.text(mark(e) + mark(ok))
}

// duration is an expression of type time.Duration.
func (g *generator) duration(s *scope) string {
	if g.chance(50) {
		return fmt.Sprintf("%d*time.Minute", 1+g.r.IntN(5))
	}
	return fmt.Sprintf("time.Duration(1+upTo(%s, 3))*time.Hour", g.numberOf(s, 1))
}

func (g *generator) sleep(s *scope) {
	name := g.node(s, "sleep")
	if g.chance(20) {
		s.line("%swfe.SleepUntil(w, time.Unix(%d, 0).UTC())", above(name), g.r.IntN(1000))
		return
	}
	s.line("wfe.Sleep(w, %s%s)", g.duration(s), named(name))
}

// leave leaves something, also the workflow, mostly if a condition holds.
func (g *generator) leave(s *scope) {
	x := ""
	switch n := g.r.IntN(4); {
	case n == 0 && s.fails && !s.undo && g.seldom(s):
		x = g.failWith(g.failure(s))
	case n == 1 && s.par == 0 && !s.undo && g.chance(15):
		x = above(g.node(s, "end")) + "wfe.End(w)"
	default:
		x = g.leaving(s)
	}
	if g.chance(10) && s.depth > 2 && !strings.HasPrefix(x, "d.") {
		s.line("%s", x)
		s.ended = true
		return
	}
	cond := g.truth(s)
	id := ""
	if strings.Contains(x, "wfe.End") {
		id = above(g.node(s, "if"))
	}
	s.line("%sif %s {\n%s\n}", id, cond, x)
}

package programs

import (
	"fmt"
	"slices"
	"strings"
)

// plain generates a statement without calls of wfe.
func (g *generator) plain(s *scope) {
	nest := s.depth < 9
	g.choose(s, []choice{
		{20, true, g.declare},
		{14, true, g.assign},
		{14, true, g.note},
		{8, s.par == 0, g.store},
		{6, s.par > 0, g.share},
		{5, nest, g.plainIf},
		{3, nest, g.plainLoop},
		{3, nest, g.plainSwitch},
		{4, true, g.literal},
		{3, true, g.local},
		{2, s.ret != nothing || s.brk, g.leavePlain},
		{3, s.fails && !s.undo, g.fail},
	})
}

// declare declares a variable.
func (g *generator) declare(s *scope) {
	k := []kind{number, number, number, text, text, truth, numbers, item}[g.r.IntN(8)]
	if g.chance(12) && k <= truth {
		name := g.naming(s)
		v := g.add(s, name, k)
		s.line("var %s %s", name, kindNames[k])
		s.text(mark(v))
		return
	}
	if g.chance(10) {
		a, b := g.number(s), g.text(s)
		one, two := g.naming(s), g.fresh("x")
		v, u := g.add(s, one, number), g.add(s, two, text)
		s.line("%s, %s := %s, %s", one, two, a, b)
		s.text(mark(v) + mark(u))
		return
	}
	x := g.value(s, k)
	name := g.naming(s)
	v := g.add(s, name, k)
	if g.chance(15) {
		s.line("var %s = %s", name, x)
	} else {
		s.line("%s := %s", name, x)
	}
	s.text(mark(v))
}

// assign assigns to a variable, or changes it.
func (g *generator) assign(s *scope) {
	k := []kind{number, number, number, text, truth, numbers, item, acted}[g.r.IntN(8)]
	vs := s.writable(k)
	if len(vs) == 0 {
		g.note(s)
		return
	}
	v := vs[g.r.IntN(len(vs))]
	switch {
	case k == number && g.chance(35):
		s.line("%s %s %s", v.name, g.pick("+=", "-="), g.number(s))
	case k == number && g.chance(30):
		s.line("%s%s", v.name, g.pick("++", "--"))
	case k == number && len(vs) > 1 && g.chance(40):
		if u := vs[g.r.IntN(len(vs))]; u != v {
			s.line("%s, %s = %s, %s", v.name, u.name, s.read(u), s.read(v))
			return
		}
		fallthrough
	default:
		if k == acted {
			s.line("%s.Out += %s", v.name, g.number(s))
			return
		}
		s.line("%s = %s", v.name, g.value(s, k))
	case k == text && g.chance(50):
		s.line("%s += %s", v.name, g.pick(`"a"`, `"b"`))
	case k == numbers && g.chance(70):
		if g.chance(50) {
			s.line("if len(%s) < 5 {\n%[1]s = append(%[1]s, %s)\n}", s.read(v), g.number(s))
		} else {
			s.line("if len(%s) > 1 {\n%[1]s[1] = %s\n}", s.read(v), g.number(s))
		}
	case k == item && g.chance(60):
		switch g.r.IntN(3) {
		case 0:
			s.line("%s.N++", v.name)
		case 1:
			s.line("%s.N = %s", v.name, g.number(s))
		default:
			s.line("%s.S = %s", v.name, g.text(s))
		}
	}
}

// note writes down what variables hold.
func (g *generator) note(s *scope) {
	var parts []string
	for _, k := range []kind{number, text, truth, numbers, item} {
		if vs := s.readable(k); len(vs) > 0 && g.chance(60) {
			parts = append(parts, s.read(vs[g.r.IntN(len(vs))]))
		}
	}
	if vs := s.readable(acted); len(vs) > 0 {
		v := vs[g.r.IntN(len(vs))]
		parts = append(parts, s.read(v)+g.pick(".Out", ".Said", ".In"))
	}
	if vs := s.readable(failure); len(vs) > 0 {
		parts = append(parts, "told("+s.read(vs[g.r.IntN(len(vs))])+")")
	}
	if len(parts) == 0 {
		parts = append(parts, g.number(s))
	}
	what := fmt.Sprintf(`"%s ", %s`, g.fresh("k"), strings.Join(parts, `, " ", `))
	if s.par > 0 {
		s.line("d.Bag = append(d.Bag, fmt.Sprint(%s, \" \", %s))", s.strand, what)
		return
	}
	s.line("d.Notes = append(d.Notes, fmt.Sprint(%s))", what)
}

// store writes to the data.
func (g *generator) store(s *scope) {
	switch g.r.IntN(9) {
	case 0, 1:
		s.line("d.%s = %s", g.pick("A", "B", "P.N"), g.number(s))
	case 2:
		s.line("d.%s += %s", g.pick("A", "B", "Sum"), g.number(s))
	case 3:
		s.line("d.S = clip(%s)", g.text(s))
	case 4:
		s.line("d.F = %s", g.truth(s))
	case 5:
		if !s.ranged {
			s.line("if len(d.Ns) < 5 {\nd.Ns = append(d.Ns, %s)\n}", g.number(s))
			return
		}
		s.line("d.A++")
	case 6:
		if !s.ranged {
			s.line("d.Ns = %s", g.numbers(s))
			return
		}
		s.line("d.B--")
	case 7:
		s.line("d.P = %s", g.item(s))
	case 8:
		s.line("d.A, d.B = d.B, %s", g.number(s))
	}
}

// share adds to what branches share.
func (g *generator) share(s *scope) { s.line("d.Sum += %s", g.number(s)) }

func (g *generator) plainScope(s *scope, out *[]string) *scope {
	in := g.inner(s, out)
	in.plain = true
	return in
}

func (g *generator) plainIf(s *scope) {
	cond := g.truth(s)
	var out, other []string
	then := g.within(g.plainScope(s, &out), 1+g.r.IntN(2))
	text := fmt.Sprintf("if %s {\n%s}", cond, then)
	if g.chance(35) {
		text += fmt.Sprintf(" else {\n%s}", g.within(g.plainScope(s, &other), 1))
	}
	s.line("%s", text)
}

func (g *generator) plainLoop(s *scope) {
	var out []string
	if s.mult > 12 {
		g.note(s)
		return
	}
	in := g.plainScope(s, &out)
	in.mult *= 3
	in.brk, in.cont = true, true
	if g.chance(50) {
		vs := s.readable(numbers)
		over := "d.Ns"
		if len(vs) > 0 && g.chance(50) {
			v := vs[g.r.IntN(len(vs))]
			over = s.read(v)
			fixed := v.fixed
			v.fixed = true
			defer func() { v.fixed = fixed }()
		} else {
			in.ranged = true
		}
		i, n := g.add(in, g.fresh("i"), number), g.add(in, g.fresh("n"), number)
		i.frozen, n.frozen = true, true
		s.line("for %s, %s := range %s {\n%s%s%s}", i.name, n.name, over, mark(i), mark(n), g.within(in, 1+g.r.IntN(2)))
		return
	}
	i := g.add(in, g.fresh("i"), number)
	i.frozen, i.used = true, true
	s.line("for %s := 0; %[1]s < %d; %[1]s++ {\n%[3]s}", i.name, 1+g.r.IntN(3), g.within(in, 1+g.r.IntN(2)))
}

func (g *generator) plainSwitch(s *scope) {
	text := "switch {\n"
	tag := g.chance(60)
	if tag {
		text = fmt.Sprintf("switch %s %% 3 {\n", "("+g.number(s)+")")
	}
	for i := range 1 + g.r.IntN(2) {
		var out []string
		in := g.plainScope(s, &out)
		in.brk = true
		if tag {
			text += fmt.Sprintf("case %d:\n", i)
		} else {
			text += fmt.Sprintf("case %s:\n", g.truth(s))
		}
		text += g.within(in, 1+g.r.IntN(2))
	}
	if g.chance(50) {
		var out []string
		in := g.plainScope(s, &out)
		in.brk = true
		text += "default:\n" + g.within(in, 1)
	}
	s.line("%s}", text)
}

// literal calls a function literal within one statement.
func (g *generator) literal(s *scope) {
	vs := s.writable(number)
	body := "func(n int) int {\nif n > 5 {\nreturn n - 5\n}\nreturn n + 1\n}(" + g.number(s) + ")"
	if len(vs) == 0 || g.chance(50) {
		name := g.naming(s)
		v := g.add(s, name, number)
		s.line("%s := %s", name, body)
		s.text(mark(v))
		return
	}
	s.line("%s = %s", vs[g.r.IntN(len(vs))].name, body)
}

// local has variables of types that are not saved, and a constant, between two calls.
func (g *generator) local(s *scope) {
	m, c := g.fresh("m"), g.fresh("c")
	v := g.add(s, g.fresh("x"), number)
	s.line("var %s int", v.name)
	s.text(mark(v))
	s.line("{\nconst %s = %d\n%s := map[string]int{\"a\": %s}\n%[3]s[%[5]s] += %[1]s\nfor _, key := range []string{\"a\", \"b\"} {\n%[6]s += %[3]s[key]\n}\n}",
		c, g.r.IntN(9), m, g.number(s), g.text(s), v.name)
}

// failure is an expression of an error.
func (g *generator) failure(s *scope) string {
	if g.chance(50) {
		return fmt.Sprintf("errors.New(%q)", g.fresh("bad"))
	}
	return fmt.Sprintf("fmt.Errorf(\"%s %%d\", %s)", g.fresh("bad"), g.number(s))
}

// failWith is a statement that fails. It is no node, so its name may be one that is there.
func (g *generator) failWith(err string) string {
	name := ""
	if g.chance(30) {
		name = above(g.fresh("n"))
	}
	return name + "wfe.Fail(w, " + err + ")"
}

// problem returns a variable for an error, nil for none. It may have been declared before calls.
func (g *generator) problem(s *scope) *variable {
	if vs := s.writable(problem); len(vs) > 0 && g.chance(70) {
		return vs[g.r.IntN(len(vs))]
	}
	if g.chance(60) {
		return nil
	}
	v := g.add(s, g.fresh("err"), problem)
	v.used = true
	s.line("var %s error", v.name)
	return v
}

// fail fails with an error of a function that is called there, where it has one.
func (g *generator) fail(s *scope) {
	if !g.seldom(s) {
		g.note(s)
		return
	}
	err, give, x := g.fresh("err"), ":=", ""
	known := g.problem(s)
	if known != nil {
		err, give = known.name, "="
	}
	if g.chance(40) {
		var out []string
		x = g.within(g.plainScope(s, &out), 1)
	}
	switch g.r.IntN(4) {
	case 0:
		s.line("if %s %s checked(%s); %[1]s != nil {\n%[4]s%[5]s\n}", err, give, g.number(s), x, g.failWith(err))
	case 1:
		cond := g.text(s)
		if known != nil && known.block != s.block {
			err = g.fresh("err")
		}
		n := g.add(s, g.fresh("x"), number)
		s.line("%s, %s := strconv.Atoi(\"1\" + %s)", n.name, err, cond)
		g.add(s, err, problem).used = true
		s.text(mark(n))
		s.line("if %s != nil {\n%s%s\n}", err, x, g.failWith(fmt.Sprintf("fmt.Errorf(\"%s: %%w\", %s)", g.fresh("bad"), err)))
	case 2:
		s.line("switch %s %s checked(%s); {\ncase %[1]s == nil:\n%[4]scase %[5]s:\n%[6]s\n}", err, give, g.number(s), x, g.truth(s), g.failWith(err))
	default:
		s.line("if %s %s checked(%s); %[1]s == nil {\n%[4]s} else {\n%[5]s\n}", err, give, g.number(s), x, g.failWith(err))
	}
}

// leavePlain leaves something, if a condition holds.
func (g *generator) leavePlain(s *scope) {
	cond := g.truth(s)
	s.line("if %s {\n%s\n}", cond, g.leaving(s))
}

// leaving is a statement that leaves something.
func (g *generator) leaving(s *scope) string {
	var of []string
	if s.brk {
		of = append(of, "break", "break")
	}
	if s.cont {
		of = append(of, "continue", "continue")
	}
	if s.ret != nothing && (s.ret != flow || g.chance(15)) {
		of = append(of, "return")
	}
	if len(of) == 0 {
		return "d.Sum++"
	}
	x := of[g.r.IntN(len(of))]
	switch {
	case x != "return":
	case s.ret == again && g.chance(50):
		x += " " + s.again + " && " + g.truth(s)
	case s.ret == again:
		x += " " + s.again
	case s.ret == helper:
		x += " " + g.returned(s)
	}
	return x
}

// returned are values for the results of a helper.
func (g *generator) returned(s *scope) string {
	taken := slices.ContainsFunc(s.named, func(v *variable) bool { return v.fixed }) // by an Undo
	if s.bare && (taken || g.chance(40)) {
		return ""
	}
	var out []string
	for _, k := range s.results {
		out = append(out, g.value(s, k))
	}
	return strings.Join(out, ", ")
}

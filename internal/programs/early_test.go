package programs

import (
	"fmt"
	"strings"
)

// early generates code that uses what cannot be saved, an error and a pointer, on ways that begin with calls and on ways
// without any.
func (g *generator) early(s *scope) {
	e := &hidden{g, g.fresh("err"), g.fresh("p")}
	s.line("%s, %s := checked(%s), &Item{N: %s, S: %s}", e.err, e.at, g.number(s), g.number(s), g.text(s))
	s.line("d.Sum += len(fmt.Sprint(%s)) + %s.N", e.err, e.at)
	for range g.r.IntN(3) {
		switch {
		case g.chance(30):
			s.line("%s.N += upTo(%s, 4)", e.at, g.numberOf(s, 1))
		case g.chance(50):
			e.guard(s)
		default:
			e.choice(s, true)
		}
		s.line("d.Sum += %s", e.number())
	}
	switch g.r.IntN(4) {
	case 0:
		e.call(s)
	case 1:
		e.choice(s, false)
	case 2:
		var then, other []string
		text := fmt.Sprintf("if %s {\n%s}", e.truth(), e.body(g.sequence(s, &then), ""))
		switch g.r.IntN(3) {
		case 0:
			text += fmt.Sprintf(" else {\n%s}", e.body(g.sequence(s, &other), ""))
		case 1:
			text += fmt.Sprintf(" else if n := %s; n > 3 {\nd.Sum += n + %s\n%s}", e.number(), e.number(), e.body(g.sequence(s, &other), ""))
		}
		s.line("%s%s", e.id(s, text, "if"), text)
	default:
		e.guard(s)
	}
}

// hidden is an error and a pointer.
type hidden struct {
	*generator
	err, at string
}

// number is an expression that uses one of them.
func (e *hidden) number() string {
	return e.pick("len(fmt.Sprint("+e.err+"))", e.at+".N", "len("+e.at+".S)", e.at+".twice().N")
}

func (e *hidden) truth() string {
	return e.pick(e.err+" != nil", e.err+" == nil", fmt.Sprintf("%s > %d", e.number(), e.r.IntN(12)), fmt.Sprintf("upTo(%s, 3) == %d", e.number(), e.r.IntN(3)))
}

// id names a statement that has calls.
func (e *hidden) id(s *scope, text, id string) string {
	if !waits(text) {
		return ""
	}
	return above(e.node(s, id))
}

// call is a step that is given what they say.
func (e *hidden) call(s *scope) {
	e.nodes++
	call := fmt.Sprintf("wfe.Do(w, Act{By: d.ID, At: %s, What: %q, In: %s}, wfe.Name(%q))", s.strand, e.fresh("k"), e.number(), e.fresh("n"))
	if vs := s.writable(number); len(vs) > 0 && e.chance(40) {
		call = vs[0].name + " = " + call + ".Out"
	}
	s.line("%s", call)
}

// body generates a block that begins with them. Its end is what leaves, if that is given.
func (e *hidden) body(in *scope, leave string) string {
	if e.chance(50) {
		in.line("d.Sum += %s", e.number())
	}
	if in.brk && e.chance(25) {
		in.line("if %s {\nbreak\n}", e.truth())
	}
	switch e.r.IntN(5) {
	case 0:
		return strings.Join(*in.out, "") + leave
	case 1:
		var out []string
		inner := e.sequence(in, &out)
		inner.brk = false
		text := fmt.Sprintf("if %s {\n%s}", e.truth(), e.body(inner, leave))
		in.line("%s%s", e.id(in, text, "if"), text)
		if leave != "" {
			in.line("d.Sum += %s", e.number())
		}
	case 2:
		in.line("%s", e.noteOf(in))
	default:
		e.call(in)
	}
	e.block(in, e.r.IntN(3))
	switch {
	case in.ended:
		leave = ""
	case strings.HasPrefix(leave, "return "): // of what is visible there
		leave = "return " + e.returned(in) + "\n"
	}
	return strings.Join(*in.out, "") + leave
}

// exit is a statement that leaves what is around s, "" for none.
func (e *hidden) exit(s *scope, inSwitch bool) string {
	switch {
	case s.cont:
		return "continue\n"
	case s.brk && !inSwitch:
		return "break\n"
	case s.ret == helper:
		return "return " + e.returned(s) + "\n"
	case s.ret == closure, s.ret == flow:
		return "return\n"
	}
	return ""
}

// guard generates an if that does not come back.
func (e *hidden) guard(s *scope) {
	leave := e.exit(s, false)
	if leave == "" {
		return
	}
	var out []string
	in := e.sequence(s, &out)
	in.brk = false
	text := fmt.Sprintf("if %s {\n%s}", e.truth(), e.body(in, leave))
	if e.chance(30) {
		text += fmt.Sprintf(" else {\nd.Sum += %s\n}", e.number())
	}
	s.line("%s%s", e.id(s, text, "if"), text)
}

// choice generates a switch, of which no case with a call comes back if guards is set.
func (e *hidden) choice(s *scope, guards bool) {
	leave := ""
	if guards {
		if leave = e.exit(s, true); leave == "" {
			return
		}
	}
	head, heads := "switch {", []string{e.truth(), e.truth() + ", " + e.truth(), e.truth()}
	switch e.r.IntN(4) {
	case 0:
		head, heads = "switch "+e.err+".(type) {", []string{"nil", "interface{ Unwrap() error }"}
	case 1:
		head, heads = fmt.Sprintf("switch n := %s; n %% 3 {", e.number()), []string{"0", "1, 4", "2"}
	}
	heads = heads[:1+e.r.IntN(len(heads))]
	if e.chance(50) {
		heads = append(heads, "")
	}
	text := ""
	for _, x := range heads {
		var out []string
		in := e.sequence(s, &out)
		in.brk = !guards
		body := "d.Sum += " + e.number() + "\n"
		if !guards || e.chance(70) {
			body = e.body(in, leave)
		}
		if x == "" {
			text += "default:\n" + body
		} else {
			text += above(e.fresh("c")) + "case " + x + ":\n" + body
		}
	}
	if !waits(text) {
		for _, line := range strings.Split(text, "\n") {
			if strings.HasPrefix(line, "//wfe:id ") {
				text = strings.Replace(text, line+"\n", "", 1)
			}
		}
	}
	text = head + "\n" + text + "}"
	s.line("%s%s", e.id(s, text, "switch"), text)
}

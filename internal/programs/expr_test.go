package programs

import (
	"fmt"
	"strconv"
)

// number returns an expression of type int.
func (g *generator) number(s *scope) string { return g.numberOf(s, 2) }

func (g *generator) numberOf(s *scope, depth int) string {
	if depth > 0 && g.chance(45) {
		a := g.numberOf(s, depth-1)
		switch g.r.IntN(6) {
		case 0, 1:
			return fmt.Sprintf("(%s + %s)", a, g.numberOf(s, depth-1))
		case 2:
			return fmt.Sprintf("(%s - %s)", a, g.numberOf(s, depth-1))
		case 3:
			return fmt.Sprintf("%s*%d", a, 2+g.r.IntN(3))
		case 4:
			return fmt.Sprintf("%s%%%d", a, 2+g.r.IntN(7))
		}
		return fmt.Sprintf("max(%s, %s)", a, g.numberOf(s, depth-1))
	}
	var from []string
	for _, v := range s.readable(number) {
		from = append(from, v.name)
	}
	for _, v := range s.readable(item) {
		from = append(from, v.name+".N")
	}
	for _, v := range s.readable(acted) {
		from = append(from, v.name+".Out", v.name+".In")
	}
	for _, v := range s.readable(pinged) {
		from = append(from, v.name+".N")
	}
	for _, v := range s.readable(numbers) {
		from = append(from, "len("+v.name+")")
	}
	if len(from) > 0 && g.chance(65) {
		return g.use(s, from[g.r.IntN(len(from))])
	}
	from = []string{"d.A", "d.B", "d.P.N", "len(d.Ns)", "len(d.S)"}
	if s.par == 0 && !s.undo {
		from = append(from, "d.Sum", "len(d.Notes)")
	}
	if g.chance(50) {
		return from[g.r.IntN(len(from))]
	}
	return strconv.Itoa(g.r.IntN(10))
}

// use marks the variable that an expression begins with, or has in parentheses.
func (g *generator) use(s *scope, x string) string {
	name := identifier(x)
	for _, v := range s.vars {
		if v.name == name {
			s.read(v)
		}
	}
	return x
}

func identifier(x string) string {
	if len(x) > 4 && x[:4] == "len(" {
		x = x[4:]
	}
	for i, c := range x {
		if c == '.' || c == ')' || c == '[' {
			return x[:i]
		}
	}
	return x
}

// text returns an expression of type string.
func (g *generator) text(s *scope) string {
	var from []string
	for _, v := range s.readable(text) {
		from = append(from, v.name)
	}
	for _, v := range s.readable(item) {
		from = append(from, v.name+".S")
	}
	for _, v := range s.readable(acted) {
		from = append(from, v.name+".Said", v.name+".Text")
	}
	for _, v := range s.readable(pinged) {
		from = append(from, v.name+".S")
	}
	if len(from) > 0 && g.chance(50) {
		return g.use(s, from[g.r.IntN(len(from))])
	}
	switch fs := s.readable(failure); g.r.IntN(7) {
	case 0:
		return "strconv.Itoa(" + g.numberOf(s, 1) + ")"
	case 1:
		return "clip(" + g.text(s) + " + " + g.text(s) + ")"
	case 2, 3:
		return "d.S"
	case 4:
		if len(fs) > 0 {
			return "clip(told(" + s.read(fs[g.r.IntN(len(fs))]) + "))"
		}
		return "strings.ToUpper(" + g.text(s) + ")"
	}
	if g.chance(12) {
		return strconv.Quote("h\xc3") // half a character, for which JSON has no text
	}
	return strconv.Quote(string(rune('a' + g.r.IntN(5))))
}

// truth returns an expression of type bool.
func (g *generator) truth(s *scope) string {
	if g.chance(15) {
		return fmt.Sprintf("(%s %s %s)", g.truth(s), g.pick("&&", "||"), g.truth(s))
	}
	switch g.r.IntN(8) {
	case 0:
		return g.text(s) + g.pick(" == ", " != ", " < ") + g.text(s)
	case 1:
		return "d.F"
	case 2:
		if vs := s.readable(truth); len(vs) > 0 {
			return g.pick("", "!") + s.read(vs[g.r.IntN(len(vs))])
		}
	case 3:
		if vs := s.readable(failure); len(vs) > 0 {
			return s.read(vs[g.r.IntN(len(vs))]) + g.pick(" == nil", " != nil")
		}
	case 4:
		return fmt.Sprintf("upTo(%s, %d) == %d", g.numberOf(s, 1), 2+g.r.IntN(2), g.r.IntN(2))
	}
	return g.numberOf(s, 1) + g.pick(" < ", " > ", " == ", " != ", " >= ") + g.numberOf(s, 1)
}

// numbers returns an expression of type []int that is memory of its own.
func (g *generator) numbers(s *scope) string {
	vs := s.readable(numbers)
	switch g.r.IntN(4) {
	case 0:
		if len(vs) > 0 {
			return "slices.Clone(" + s.read(vs[g.r.IntN(len(vs))]) + ")"
		}
	case 1:
		return "slices.Clone(d.Ns)"
	}
	out := "[]int{"
	for i := range 1 + g.r.IntN(3) {
		if i > 0 {
			out += ", "
		}
		out += g.numberOf(s, 0)
	}
	return out + "}"
}

// item returns an expression of type Item.
func (g *generator) item(s *scope) string {
	vs := s.readable(item)
	if len(vs) > 0 && g.chance(40) {
		return s.read(vs[g.r.IntN(len(vs))]) + ".twice()"
	}
	if g.chance(30) {
		return "d.P.twice()"
	}
	return fmt.Sprintf("Item{N: %s, S: %s}", g.number(s), g.text(s))
}

// value returns an expression of a kind.
func (g *generator) value(s *scope, k kind) string {
	switch k {
	case number:
		return g.number(s)
	case text:
		return g.text(s)
	case truth:
		return g.truth(s)
	case numbers:
		return g.numbers(s)
	case item:
		return g.item(s)
	}
	panic("no value of this kind")
}

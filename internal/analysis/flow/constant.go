package flow

import (
	"go/constant"
	"go/types"
	"strconv"
	"strings"
	"unicode/utf8"
)

// constant writes the value of a constant that another unit declares. An untyped one stays untyped, and exact.
func (w *writer) constant(c *types.Const) {
	basic, _ := c.Type().Underlying().(*types.Basic)
	text := literal(c.Val(), basic)
	if basic == c.Type() && basic.Info()&types.IsUntyped != 0 {
		w.text("%s", text)
		return
	}
	w.typ(c.Type())
	w.text("(%s)", text)
}

// literal is a constant as an expression of the kind of number that its type says.
func literal(v constant.Value, t *types.Basic) string {
	switch {
	case t.Info()&types.IsComplex != 0:
		v = constant.ToComplex(v)
		return "complex(" + floating(constant.Real(v)) + ", " + floating(constant.Imag(v)) + ")"
	case t.Info()&types.IsFloat != 0:
		return floating(v)
	case t.Kind() == types.UntypedRune:
		if r, exact := constant.Int64Val(v); exact && 0 <= r && r <= utf8.MaxRune && utf8.ValidRune(rune(r)) {
			return strconv.QuoteRuneToASCII(rune(r))
		}
		return "(0*'0' + " + v.ExactString() + ")"
	case v.Kind() == constant.Int && constant.Sign(v) < 0:
		return "(" + v.ExactString() + ")"
	}
	return v.ExactString()
}

// floating is a number as an expression that is exact: a literal, or a quotient of two.
func floating(v constant.Value) string {
	text := constant.ToFloat(v).ExactString()
	if strings.ContainsRune(text, 'p') {
		return "(" + text + ")"
	}
	num, denom, _ := strings.Cut(text, "/")
	if denom == "" {
		return "(" + num + ".0)"
	}
	return "(" + num + ".0 / " + denom + ".0)"
}

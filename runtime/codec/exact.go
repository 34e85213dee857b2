package codec

import (
	"errors"
	"math"
	"strconv"
	"unicode/utf8"
)

// Variables of a function are to be after a crash what they were before it. What JSON cannot say of one is written as
// another kind of value: a text that is not UTF-8 as an array of its base64, a number that is not finite as a string.

// AppendExactString appends s as a string, and one that is not UTF-8 as an array with its bytes in base64.
func AppendExactString[T ~string](b []byte, s T) []byte {
	if utf8.ValidString(string(s)) {
		return appendString(b, string(s))
	}
	return append(AppendBytes(append(b, '['), []byte(s)), ']')
}

// DecodeExactString reads what AppendExactString has written into *v. A null leaves *v as it is.
func DecodeExactString[T ~string](d *Decoder, v *T) {
	if d.next() != '[' {
		DecodeString(d, v)
		return
	}
	var text []byte
	if !d.FirstElem() {
		d.Fail(errExactString)
		return
	}
	DecodeBytes(d, &text)
	if d.NextElem() {
		d.Fail(errExactString)
		return
	}
	*v = T(text)
}

var errExactString = errors.New("want a string, or an array of one string in base64")

// AppendExactFloat32 is AppendExactFloat64 with the digits that 32 bits need.
func AppendExactFloat32[T ~float32](b []byte, v T) []byte { return appendExactFloat(b, float64(v), 32) }

// AppendExactFloat64 appends the shortest number that is read back as v, or "NaN", "+Inf" or "-Inf".
func AppendExactFloat64[T ~float64](b []byte, v T) []byte { return appendExactFloat(b, float64(v), 64) }

func appendExactFloat(b []byte, v float64, bits int) []byte {
	if number, err := appendFloat(b, v, bits); err == nil {
		return number
	}
	return append(strconv.AppendFloat(append(b, '"'), v, 'g', -1, bits), '"')
}

// DecodeExactFloat32 is DecodeExactFloat64 for 32 bits.
func DecodeExactFloat32[T ~float32](d *Decoder, v *T) {
	if f, ok := d.named(); ok {
		*v = T(f)
	} else {
		DecodeFloat32(d, v)
	}
}

// DecodeExactFloat64 reads what AppendExactFloat64 has written into *v. A null leaves *v as it is.
func DecodeExactFloat64[T ~float64](d *Decoder, v *T) {
	if f, ok := d.named(); ok {
		*v = T(f)
	} else {
		DecodeFloat64(d, v)
	}
}

// named reads a number that is not finite, if there is one.
func (d *Decoder) named() (f float64, ok bool) {
	if d.next() != '"' {
		return 0, false
	}
	start := d.pos
	text, ok := d.text()
	if !ok {
		return 0, false
	}
	switch string(text) {
	case "NaN":
		return math.NaN(), true
	case "+Inf":
		return math.Inf(1), true
	case "-Inf":
		return math.Inf(-1), true
	}
	d.failAt(start, errExactFloat)
	return 0, false
}

var errExactFloat = errors.New(`found another string, want a number, "NaN", "+Inf" or "-Inf"`)

// NotZero reports whether v is something else than the positive zero, as the option "omitzero" means it.
func NotZero[T ~float32 | ~float64](v T) bool { return v != 0 || math.Signbit(float64(v)) }

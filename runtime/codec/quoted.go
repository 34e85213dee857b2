package codec

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// The functions in this file are for fields with the option "string": the value stands within a JSON string. Decoding is as
// lenient and as strict as that of encoding/json, down to reading 007 as 7.

// AppendQuotedBool appends "true" or "false", quotes included.
func AppendQuotedBool[T ~bool](b []byte, v T) []byte {
	return append(AppendBool(append(b, '"'), v), '"')
}

// AppendQuotedInt appends a signed integer in quotes.
func AppendQuotedInt[T signed](b []byte, v T) []byte {
	return append(AppendInt(append(b, '"'), v), '"')
}

// AppendQuotedUint appends an unsigned integer in quotes.
func AppendQuotedUint[T unsigned](b []byte, v T) []byte {
	return append(AppendUint(append(b, '"'), v), '"')
}

// AppendQuotedFloat32 is [AppendFloat32] in quotes.
func AppendQuotedFloat32[T ~float32](b []byte, v T) ([]byte, error) {
	b, err := AppendFloat32(append(b, '"'), v)
	return append(b, '"'), err
}

// AppendQuotedFloat64 is [AppendFloat64] in quotes.
func AppendQuotedFloat64[T ~float64](b []byte, v T) ([]byte, error) {
	b, err := AppendFloat64(append(b, '"'), v)
	return append(b, '"'), err
}

// AppendQuotedNumber is [AppendNumber] in quotes.
func AppendQuotedNumber(b []byte, v json.Number) ([]byte, error) {
	b, err := AppendNumber(append(b, '"'), v)
	return append(b, '"'), err
}

// AppendQuotedString appends a JSON string that holds a JSON string.
func AppendQuotedString[T ~string](b []byte, s T) []byte {
	b = append(b, '"')
	b = appendEscaped(b, string(appendString(nil, string(s))), false)
	return append(b, '"')
}

var errQuoted = errors.New(`not what the option "string" of the field asks for`)

// quoted reads a string and returns what it says. It returns false for a null, for a string that says null, and after an
// error.
func (d *Decoder) quoted() (text []byte, start int, ok bool) {
	c := d.next()
	start = d.pos
	if c != '"' {
		if !d.Null() {
			d.mismatch("a string")
		}
		return nil, start, false
	}
	text, ok = d.text()
	switch {
	case !ok || string(text) == "null":
		return nil, start, false
	case len(text) == 0:
		d.failQuoted(start, text)
		return nil, start, false
	}
	return text, start, true
}

func (d *Decoder) failQuoted(start int, text []byte) {
	d.failAt(start, fmt.Errorf("string %q: %w", text, errQuoted))
}

// numeric reports whether text begins as a number does; the functions of strconv take more than that.
func numeric(text []byte) bool { return text[0] == '-' || '0' <= text[0] && text[0] <= '9' }

// DecodeQuotedBool reads a string that says true or false.
func DecodeQuotedBool[T ~bool](d *Decoder, v *T) {
	text, start, ok := d.quoted()
	switch {
	case !ok:
	case string(text) == "true":
		*v = true
	case string(text) == "false":
		*v = false
	default:
		d.failQuoted(start, text)
	}
}

// DecodeQuotedInt reads a string that says a signed integer.
func DecodeQuotedInt[T signed](d *Decoder, v *T) {
	text, start, ok := d.quoted()
	if !ok {
		return
	}
	n, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil || !numeric(text) || int64(T(n)) != n {
		d.failQuoted(start, text)
		return
	}
	*v = T(n)
}

// DecodeQuotedUint reads a string that says an unsigned integer.
func DecodeQuotedUint[T unsigned](d *Decoder, v *T) {
	text, start, ok := d.quoted()
	if !ok {
		return
	}
	n, err := strconv.ParseUint(string(text), 10, 64)
	if err != nil || uint64(T(n)) != n {
		d.failQuoted(start, text)
		return
	}
	*v = T(n)
}

// DecodeQuotedFloat32 reads a string that says a number.
func DecodeQuotedFloat32[T ~float32](d *Decoder, v *T) {
	if f, ok := d.quotedFloat(32); ok {
		*v = T(f)
	}
}

// DecodeQuotedFloat64 reads a string that says a number.
func DecodeQuotedFloat64[T ~float64](d *Decoder, v *T) {
	if f, ok := d.quotedFloat(64); ok {
		*v = T(f)
	}
}

func (d *Decoder) quotedFloat(bits int) (float64, bool) {
	text, start, ok := d.quoted()
	if !ok {
		return 0, false
	}
	f, err := strconv.ParseFloat(string(text), bits)
	if err != nil || !numeric(text) {
		d.failQuoted(start, text)
		return 0, false
	}
	return f, true
}

// DecodeQuotedString reads a string that says a JSON string.
func DecodeQuotedString[T ~string](d *Decoder, v *T) {
	text, start, ok := d.quoted()
	if !ok {
		return
	}
	inner, ok := unquote(text)
	if !ok {
		d.failQuoted(start, text)
		return
	}
	*v = T(inner)
}

// DecodeQuotedNumber reads a string that says a number, or a JSON string of one. As encoding/json, it looks at no more than
// the first character of the former.
func DecodeQuotedNumber(d *Decoder, v *json.Number) {
	text, start, ok := d.quoted()
	if !ok {
		return
	}
	if inner, ok := unquote(text); ok && isNumber(string(inner)) {
		text = inner
	} else if !numeric(text) {
		d.failQuoted(start, text)
		return
	}
	*v = json.Number(text)
}

// DecodeQuotedUnmarshaler reads a string, or null, and hands what it says to u.
func DecodeQuotedUnmarshaler(d *Decoder, u json.Unmarshaler) {
	d.next()
	start := d.pos
	text, _, ok := d.quoted()
	if d.err != nil {
		return
	}
	if !ok {
		text = []byte("null")
	}
	if err := u.UnmarshalJSON(text); err != nil {
		d.failAt(start, fmt.Errorf("%T.UnmarshalJSON: %w", u, err))
	}
}

// DecodeQuotedTextUnmarshaler reads a string that says a JSON string, and hands what that says to u.
func DecodeQuotedTextUnmarshaler(d *Decoder, u encoding.TextUnmarshaler) {
	text, start, ok := d.quoted()
	if !ok {
		return
	}
	inner, ok := unquote(text)
	if !ok {
		d.failQuoted(start, text)
		return
	}
	if err := u.UnmarshalText(inner); err != nil {
		d.failAt(start, fmt.Errorf("%T.UnmarshalText: %w", u, err))
	}
}

// DecodeQuotedPointer reads into **p by elem, which is one of the functions of this file, and makes one if there is none.
// A null and a string that says null make *p nil.
func DecodeQuotedPointer[P ~*T, T any](d *Decoder, p *P, elem func(d *Decoder, v *T)) {
	d.next()
	start := d.pos
	if _, _, ok := d.quoted(); !ok {
		if d.err == nil {
			*p = nil
		}
		return
	}
	if *p == nil {
		*p = new(T)
	}
	d.pos = start
	elem(d, *p)
}

// unquote returns what the JSON string s says, quotes included in s.
func unquote(s []byte) ([]byte, bool) {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return nil, false
	}
	return appendUnquoted(nil, s[1:len(s)-1])
}

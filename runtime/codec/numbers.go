package codec

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
)

type signed interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64
}

type unsigned interface {
	~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uintptr
}

// AppendBool appends true or false.
func AppendBool[T ~bool](b []byte, v T) []byte { return strconv.AppendBool(b, bool(v)) }

// AppendInt appends a signed integer.
func AppendInt[T signed](b []byte, v T) []byte { return strconv.AppendInt(b, int64(v), 10) }

// AppendUint appends an unsigned integer.
func AppendUint[T unsigned](b []byte, v T) []byte { return strconv.AppendUint(b, uint64(v), 10) }

// AppendFloat32 appends the shortest number that is read back as v. NaN and infinities are an error.
func AppendFloat32[T ~float32](b []byte, v T) ([]byte, error) { return appendFloat(b, float64(v), 32) }

// AppendFloat64 appends the shortest number that is read back as v. NaN and infinities are an error.
func AppendFloat64[T ~float64](b []byte, v T) ([]byte, error) { return appendFloat(b, float64(v), 64) }

// appendFloat writes as ECMAScript does: without exponent from 1e-6 to below 1e21.
func appendFloat(b []byte, v float64, bits int) ([]byte, error) {
	abs := math.Abs(v)
	if !(abs <= math.MaxFloat64) {
		return b, fmt.Errorf("%v is not a number in JSON", v)
	}
	if n := int64(v); abs < 1<<24 && float64(n) == v && (n != 0 || !math.Signbit(v)) {
		return strconv.AppendInt(b, n, 10), nil // the same digits, sooner
	}
	small, large := abs < 1e-6, abs >= 1e21
	if bits == 32 {
		small, large = float32(abs) < 1e-6, float32(abs) >= 1e21
	}
	if abs == 0 || !small && !large {
		return strconv.AppendFloat(b, v, 'f', -1, bits), nil
	}
	b = strconv.AppendFloat(b, v, 'e', -1, bits)
	if n := len(b); b[n-4] == 'e' && b[n-3] == '-' && b[n-2] == '0' {
		b[n-2] = b[n-1] // 1e-09 is written 1e-9
		b = b[:n-1]
	}
	return b, nil
}

// AppendNumber appends the number as it is written; an empty one is 0.
func AppendNumber(b []byte, v json.Number) ([]byte, error) {
	if v == "" {
		return append(b, '0'), nil
	}
	if !isNumber(string(v)) {
		return b, fmt.Errorf("%q is not a number in JSON", string(v))
	}
	return append(b, v...), nil
}

// DecodeBool reads true or false into *v. A null leaves *v as it is.
func DecodeBool[T ~bool](d *Decoder, v *T) {
	switch d.next() {
	case 't':
		if d.literal("true") {
			*v = true
		}
	case 'f':
		if d.literal("false") {
			*v = false
		}
	default:
		if !d.Null() {
			d.mismatch("a boolean")
		}
	}
}

// DecodeInt reads an integer into *v. A null leaves *v as it is; a number with a fraction, with an exponent or beyond the
// range of T is an error.
func DecodeInt[T signed](d *Decoder, v *T) {
	start, magnitude, negative, ok := d.integer()
	if !ok {
		return
	}
	n := int64(magnitude)
	if negative {
		n = -n
	}
	if n < 0 != negative && magnitude != 0 || int64(T(n)) != n {
		d.outOfRange(start, *v)
		return
	}
	*v = T(n)
}

// DecodeUint reads an integer into *v. A null leaves *v as it is; a number with a sign, with a fraction, with an exponent
// or beyond the range of T is an error.
func DecodeUint[T unsigned](d *Decoder, v *T) {
	start, n, negative, ok := d.integer()
	if !ok {
		return
	}
	if negative || uint64(T(n)) != n {
		d.outOfRange(start, *v)
		return
	}
	*v = T(n)
}

func (d *Decoder) outOfRange(start int, v any) {
	d.failAt(start, fmt.Errorf("number %s does not fit %T", d.data[start:d.pos], v))
}

// integer reads a number without fraction and exponent and returns its offset, magnitude and sign. If it returns false,
// there was a null or an error.
func (d *Decoder) integer() (start int, n uint64, negative, ok bool) {
	c := d.next()
	start = d.pos
	if c == '-' {
		negative = true
		d.pos++
	} else if c < '0' || c > '9' {
		if !d.Null() {
			d.mismatch("a number")
		}
		return 0, 0, false, false
	}
	digits := d.pos
	for ; d.pos < len(d.data); d.pos++ {
		c = d.data[d.pos] - '0'
		if c > 9 {
			break
		}
		if n > (math.MaxUint64-9)/10 {
			if n > math.MaxUint64/10 || n*10 > math.MaxUint64-uint64(c) {
				d.overflow(start)
				return 0, 0, false, false
			}
		}
		n = n*10 + uint64(c)
	}
	switch count := d.pos - digits; {
	case count == 0:
		d.unexpected("a digit")
	case count > 1 && d.data[digits] == '0':
		d.pos = digits + 1
		d.unexpected("the end of a number, which begins with 0,")
	case d.pos < len(d.data) && (d.data[d.pos] == '.' || d.data[d.pos]|' ' == 'e'):
		d.pos = start
		if text := d.numeral(); d.err == nil {
			d.failAt(start, fmt.Errorf("number %s is not an integer", text))
		}
	default:
		return start, n, negative, true
	}
	return 0, 0, false, false
}

// overflow reports the number that begins at start.
func (d *Decoder) overflow(start int) {
	d.pos = start
	if text := d.numeral(); d.err == nil {
		d.failAt(start, fmt.Errorf("number %s does not fit 64 bits", text))
	}
}

// DecodeFloat32 reads a number into *v. A null leaves *v as it is; a number beyond the range is an error.
func DecodeFloat32[T ~float32](d *Decoder, v *T) {
	if f, ok := d.float(32); ok {
		*v = T(f)
	}
}

// DecodeFloat64 reads a number into *v. A null leaves *v as it is; a number beyond the range is an error.
func DecodeFloat64[T ~float64](d *Decoder, v *T) {
	if f, ok := d.float(64); ok {
		*v = T(f)
	}
}

func (d *Decoder) float(bits int) (float64, bool) {
	if d.Null() {
		return 0, false
	}
	text := d.numeral()
	if d.err != nil {
		return 0, false
	}
	f, err := strconv.ParseFloat(string(text), bits)
	if err != nil {
		d.failAt(d.pos-len(text), fmt.Errorf("number %s does not fit float%d", text, bits))
		return 0, false
	}
	return f, true
}

// DecodeNumber reads a number, or a string that holds one, into *v as it is written. A null leaves *v as it is.
func DecodeNumber(d *Decoder, v *json.Number) {
	switch d.next() {
	case 'n':
		d.Null()
	case '"':
		start := d.pos
		text, ok := d.text()
		switch {
		case !ok:
		case isNumber(string(text)):
			*v = json.Number(text)
		default:
			d.failAt(start, fmt.Errorf("%q is not a number in JSON", text))
		}
	default:
		if text := d.numeral(); d.err == nil {
			*v = json.Number(text)
		}
	}
}

// numeral reads a number and returns its text, a part of the input.
func (d *Decoder) numeral() []byte {
	if c := d.next(); c != '-' && (c < '0' || c > '9') {
		d.mismatch("a number")
		return nil
	}
	data, start := d.data, d.pos
	length, ok := numberLen(data[start:])
	d.pos += length
	if !ok {
		d.unexpected("a digit")
		return nil
	}
	return data[start:d.pos:d.pos]
}

func isNumber(s string) bool {
	n, ok := numberLen(s)
	return ok && n == len(s)
}

// numberLen returns the length of the number that s begins with. If that ends before it has all its digits, it returns
// the length up to there and false.
func numberLen[T string | []byte](s T) (n int, ok bool) {
	if n < len(s) && s[n] == '-' {
		n++
	}
	first := n
	if n = pastDigits(s, n); n == first {
		return n, false
	}
	if s[first] == '0' {
		n = first + 1
	}
	if n < len(s) && s[n] == '.' {
		point := n
		if n = pastDigits(s, n+1); n == point+1 {
			return n, false
		}
	}
	if n < len(s) && s[n]|' ' == 'e' {
		n++
		if n < len(s) && (s[n] == '+' || s[n] == '-') {
			n++
		}
		exponent := n
		if n = pastDigits(s, n); n == exponent {
			return n, false
		}
	}
	return n, true
}

func pastDigits[T string | []byte](s T, n int) int {
	for n < len(s) && '0' <= s[n] && s[n] <= '9' {
		n++
	}
	return n
}

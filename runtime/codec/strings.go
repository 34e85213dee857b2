package codec

import (
	"encoding/binary"
	"errors"
	"math/bits"
	"slices"
	"unicode/utf16"
	"unicode/utf8"
)

const hexDigits = "0123456789abcdef"

// AppendString appends s as a JSON string. As in encoding/json, the characters <, >, &, U+2028 and U+2029 are escaped, and
// bytes that are not UTF-8 become U+FFFD.
func AppendString[T ~string](b []byte, s T) []byte {
	return appendString(b, string(s))
}

func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	start := len(b)
	b = append(b, s...)
	if plain := plainHTML(b[start:]); plain < len(s) {
		b = appendEscaped(b[:start+plain], s[plain:], true)
	}
	return append(b, '"')
}

// appendEscaped appends what stands between the quotes of s.
func appendEscaped(b []byte, s string, html bool) []byte {
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			switch {
			case r == utf8.RuneError && size == 1:
				b = append(append(b, s[start:i]...), `\ufffd`...)
				start = i + size
			case r == '\u2028' || r == '\u2029':
				b = append(append(b, s[start:i]...), '\\', 'u', '2', '0', '2', hexDigits[r&0xf])
				start = i + size
			}
			i += size
			continue
		}
		i++
		if c >= ' ' && c != '"' && c != '\\' && (!html || c != '<' && c != '>' && c != '&') {
			continue
		}
		b = append(b, s[start:i-1]...)
		start = i
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\b':
			b = append(b, '\\', 'b')
		case '\f':
			b = append(b, '\\', 'f')
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&0xf])
		}
	}
	return append(b, s[start:]...)
}

// DecodeString reads a string into *v. A null leaves *v as it is.
func DecodeString[T ~string](d *Decoder, v *T) {
	if d.next() != '"' {
		if !d.Null() {
			d.mismatch("a string")
		}
		return
	}
	if text, ok := d.text(); ok {
		*v = T(d.copied(text))
	}
}

// Short strings of one value share pieces of memory: one that outlives the others keeps alive a piece, no more.
const (
	piece     = 256 // bytes of a piece
	maxShared = 64  // bytes of the longest string that shares one
)

// copied returns a text as a string.
func (d *Decoder) copied(text []byte) string {
	if len(text) > maxShared {
		return string(text)
	}
	if d.shared.Cap()-d.shared.Len() < len(text) {
		d.shared.Reset()
		d.shared.Grow(max(len(text), min(piece, len(d.data)-d.pos)))
	}
	at := d.shared.Len()
	d.shared.Write(text)
	return d.shared.String()[at:]
}

// text reads a string and returns what it says, which is valid until the next string is read. The next byte is its quote.
func (d *Decoder) text() ([]byte, bool) {
	start := d.pos + 1
	end := start + plain(d.data[start:])
	if end < len(d.data) && d.data[end] == '"' {
		d.pos = end + 1
		return d.data[start:end], true
	}
	return d.uncommonText(end)
}

// uncommonText is text for a string that has something other than plain ASCII at offset end.
func (d *Decoder) uncommonText(end int) ([]byte, bool) {
	start := d.pos
	data := d.data
	escapes := d.skipString()
	if d.err != nil {
		return nil, false
	}
	inner := data[start+1 : d.pos-1]
	if !escapes && utf8.Valid(inner[end-start-1:]) {
		return inner, true
	}
	d.scratch, _ = appendUnquoted(slices.Grow(d.scratch[:0], len(inner)), inner)
	return d.scratch, true
}

var (
	errString = errors.New("control character in a string")
	errEscape = errors.New("invalid escape in a string")
)

// skipString reads a string and reports whether it has escapes. The next byte is its quote.
func (d *Decoder) skipString() (escapes bool) {
	data := d.data
	for i := d.pos + 1; ; {
		i += plain(data[min(i, len(data)):])
		if i >= len(data) {
			d.pos = len(data)
			d.unexpected("the end of a string")
			return escapes
		}
		switch c := data[i]; {
		case c == '"':
			d.pos = i + 1
			return escapes
		case c == '\\':
			escapes = true
			n := escapeLen(data[i:])
			if n == 0 {
				d.failAt(i, errEscape)
				return escapes
			}
			i += n
		case c < ' ':
			d.failAt(i, errString)
			return escapes
		default:
			i++
		}
	}
}

// escapeLen returns the number of bytes of the escape that s begins with, 0 if it is none.
func escapeLen(s []byte) int {
	if len(s) < 2 {
		return 0
	}
	switch s[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if hex4(s) >= 0 {
			return 6
		}
	}
	return 0
}

// hex4 returns the code unit of the escape \uXXXX that s begins with, -1 if it does not begin with one.
func hex4(s []byte) rune {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return -1
	}
	var r rune
	for _, c := range s[2:6] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return -1
		}
		r = r<<4 | rune(c)
	}
	return r
}

// appendUnquoted appends what the text between the quotes of a string says. Bytes that are not UTF-8 and surrogates
// without a partner become U+FFFD. It reports whether s was proper; as in encoding/json, \' is.
func appendUnquoted(b, s []byte) ([]byte, bool) {
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '"' || c < ' ':
			return b, false
		case c >= utf8.RuneSelf:
			r, size := utf8.DecodeRune(s[i:])
			b = utf8.AppendRune(b, r)
			i += size
			continue
		case c != '\\':
			b = append(b, c)
			i++
			continue
		case i+1 == len(s):
			return b, false
		}
		switch c := s[i+1]; c {
		case '"', '\\', '/', '\'':
			b = append(b, c)
		case 'b':
			b = append(b, '\b')
		case 'f':
			b = append(b, '\f')
		case 'n':
			b = append(b, '\n')
		case 'r':
			b = append(b, '\r')
		case 't':
			b = append(b, '\t')
		case 'u':
			r := hex4(s[i:])
			if r < 0 {
				return b, false
			}
			i += 6
			if utf16.IsSurrogate(r) {
				if r = utf16.DecodeRune(r, hex4(s[i:])); r != utf8.RuneError {
					i += 6
				}
			}
			b = utf8.AppendRune(b, r)
			continue
		default:
			return b, false
		}
		i += 2
	}
	return b, true
}

// The functions below look at eight bytes at a time: in each of the words they compute, the high bit of a byte says that
// the byte of the text is one of those searched. A borrow can only make bytes after the first such one wrong.
const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// plain returns how many bytes s begins with that stand in a JSON string for themselves and are ASCII.
func plain(s []byte) int {
	i := 0
	for ; len(s)-i >= 8; i += 8 {
		w := binary.LittleEndian.Uint64(s[i:])
		if m := odd(w); m != 0 {
			return i + bits.TrailingZeros64(m)/8
		}
	}
	for i < len(s) && s[i] >= ' ' && s[i] < utf8.RuneSelf && s[i] != '"' && s[i] != '\\' {
		i++
	}
	return i
}

// plainHTML is plain without the characters that are escaped for the sake of HTML.
func plainHTML(s []byte) int {
	i := 0
	for ; len(s)-i >= 8; i += 8 {
		w := binary.LittleEndian.Uint64(s[i:])
		angle := w&^(2*ones) ^ '<'*ones // < and > differ in one bit
		amp := w ^ '&'*ones
		if m := odd(w) | (angle-ones)&highs | (amp-ones)&highs; m != 0 {
			return i + bits.TrailingZeros64(m)/8
		}
	}
	for i < len(s) {
		c := s[i]
		if c < ' ' || c >= utf8.RuneSelf || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			break
		}
		i++
	}
	return i
}

// odd marks control characters, quotes, backslashes and bytes of no ASCII character.
func odd(w uint64) uint64 {
	quote := w ^ '"'*ones
	slash := w ^ '\\'*ones
	return (w | (w - ' '*ones) | (quote - ones) | (slash - ones)) & highs
}

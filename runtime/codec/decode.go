package codec

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// MaxDepth is how deep a value may nest, as in encoding/json.
const MaxDepth = 10_000

// Decoder reads one JSON value from memory. Its error sticks: after the first fault there is nothing left to read, every
// loop over fields or elements ends, and what is called after it changes no value. So code that uses a Decoder has no
// errors to pass on. The value of a field is read by one call, which also reads the space before it.
type Decoder struct {
	data    []byte          // the whole input; nothing after an error
	pos     int             // offset of the next byte to read
	depth   int             // of the arrays and objects that are open
	again   string          // name under which the field just read is to be offered once more, see Unmatched
	scratch []byte          // memory for strings that cannot be taken from data as they are
	shared  strings.Builder // memory for short strings, see copied
	fault   int             // offset of the first error
	err     error           // the first error
}

// FirstField begins an object and returns the name of its first field, whose value is the next to be read. It returns nil
// if there is none: the object is empty, null stands in its place, or an error has come up. The name is valid until
// something else is read.
//
//	for name := d.FirstField(); name != nil; name = d.NextField() {
//		switch string(name) {
//		case "sku":
//			codec.DecodeString(d, &v.SKU)
//		default:
//			d.Unmatched(name, "sku")
//		}
//	}
func (d *Decoder) FirstField() []byte {
	switch d.next() {
	case '{':
	case 'n':
		d.Null()
		return nil
	default:
		d.mismatch("an object")
		return nil
	}
	if !d.open() {
		return nil
	}
	if d.next() == '}' {
		d.close()
		return nil
	}
	return d.name()
}

// NextField returns the name of the next field, or nil after the last one.
func (d *Decoder) NextField() []byte {
	if d.again != "" {
		name := d.again
		d.again = ""
		return []byte(name)
	}
	switch d.next() {
	case ',':
		d.pos++
		return d.name()
	case '}':
		d.close()
	default:
		d.unexpected("a comma or the end of the object")
	}
	return nil
}

// Unmatched deals with a field whose name is none of the given ones, which are the names of all fields in their order: if
// one of them differs in upper and lower case only, NextField returns that one next, with the same value to be read;
// otherwise the value is skipped.
func (d *Decoder) Unmatched(name []byte, fields ...string) {
	for _, field := range fields {
		if string(name) != field && strings.EqualFold(string(name), field) {
			d.again = field
			return
		}
	}
	d.Skip()
}

// FirstElem begins an array and reports whether there is an element to be read. There is none if the array is empty or an
// error has come up.
func (d *Decoder) FirstElem() bool {
	if d.next() != '[' {
		d.mismatch("an array")
		return false
	}
	if !d.open() {
		return false
	}
	if d.next() == ']' {
		d.close()
		return false
	}
	return true
}

// NextElem reports whether there is one more element.
func (d *Decoder) NextElem() bool {
	switch d.next() {
	case ',':
		d.pos++
		return true
	case ']':
		d.close()
	default:
		d.unexpected("a comma or the end of the array")
	}
	return false
}

// Null reads a null and returns true, or reads nothing and returns false.
func (d *Decoder) Null() bool {
	if d.next() != 'n' {
		return false
	}
	return d.literal("null")
}

// Fail makes err the error of the value before the next byte to be read, unless there is an earlier error.
func (d *Decoder) Fail(err error) { d.failAt(d.pos, err) }

// literal reads the given word: true, false or null.
func (d *Decoder) literal(word string) bool {
	if len(d.data)-d.pos < len(word) || string(d.data[d.pos:d.pos+len(word)]) != word {
		d.unexpected(word)
		return false
	}
	d.pos += len(word)
	return true
}

// next skips space and returns the byte after it without reading it; 0 at the end.
func (d *Decoder) next() byte {
	for d.pos < len(d.data) {
		c := d.data[d.pos]
		if c > ' ' || c != ' ' && c != '\t' && c != '\n' && c != '\r' {
			return c
		}
		d.pos++
	}
	return 0
}

// open reads the byte that begins an array or object.
func (d *Decoder) open() bool {
	if d.depth++; d.depth > MaxDepth {
		d.failAt(d.pos, errDepth)
		return false
	}
	d.pos++
	return true
}

// close reads the byte that ends an array or object.
func (d *Decoder) close() {
	d.depth--
	d.pos++
}

// name reads the name of a field and the colon after it.
func (d *Decoder) name() []byte {
	if d.next() != '"' {
		d.unexpected("the name of a field")
		return nil
	}
	name, ok := d.text()
	if !ok {
		return nil
	}
	if d.next() != ':' {
		d.unexpected("a colon")
		return nil
	}
	d.pos++
	return name
}

var (
	errDepth    = fmt.Errorf("nested deeper than %d", MaxDepth)
	errTrailing = errors.New("there is more after the value")
)

// mismatch records that the next value is not of the kind that is wanted, which is named with its article.
func (d *Decoder) mismatch(want string) {
	found := ""
	switch c := d.next(); {
	case c == '{':
		found = "an object"
	case c == '[':
		found = "an array"
	case c == '"':
		found = "a string"
	case c == 't', c == 'f':
		found = "a boolean"
	case c == 'n':
		found = "null"
	case c == '-', '0' <= c && c <= '9':
		found = "a number"
	default:
		d.unexpected(want)
		return
	}
	d.failAt(d.pos, fmt.Errorf("found %s, want %s", found, want))
}

// unexpected records that the next byte cannot stand where it does.
func (d *Decoder) unexpected(want string) {
	if d.pos >= len(d.data) {
		d.failAt(d.pos, fmt.Errorf("want %s: %w", want, io.ErrUnexpectedEOF))
		return
	}
	d.failAt(d.pos, fmt.Errorf("found %q, want %s", d.data[d.pos], want))
}

// failAt records an error about the byte at offset, and leaves nothing to read.
func (d *Decoder) failAt(offset int, err error) {
	if d.err == nil {
		d.err, d.fault = err, offset
	}
	d.data, d.pos, d.again = nil, 0, ""
}

// finish checks that the input was read to its end, and returns the error to hand to the caller of the codec.
func (d *Decoder) finish(name string, input []byte) error {
	if d.next(); d.pos < len(d.data) {
		d.failAt(d.pos, errTrailing)
	}
	if d.err != nil {
		return decodingError(name, input, d.fault, d.err)
	}
	return nil
}

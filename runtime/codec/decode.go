package codec

import (
	"errors"
	"io"
)

// MaxDepth is how deep a value may nest, as in encoding/json.
const MaxDepth = 10_000

// Decoder reads one JSON value from memory. Its error sticks: from the first fault on, every method returns at once and
// every loop over fields or elements ends, so the code that calls it has no errors to pass on.
type Decoder struct {
	data  []byte // the whole input; nothing after an error
	pos   int    // offset of the next byte to read
	depth int    // of the arrays and objects that are open
	fault int    // offset of the first error
	err   error  // the first error
}

var errTrailing = errors.New("there is more after the value")

// failAt records an error about the byte at offset, and leaves nothing to read.
func (d *Decoder) failAt(offset int, err error) {
	if d.err == nil {
		d.err, d.fault = err, offset
	}
	d.data, d.pos = nil, 0
}

// space moves to the next byte that is not space.
func (d *Decoder) space() {
	for d.pos < len(d.data) {
		switch d.data[d.pos] {
		case ' ', '\t', '\n', '\r':
			d.pos++
		default:
			return
		}
	}
}

// finish checks that the input was read to its end, and returns the error to hand to the caller of the codec.
func (d *Decoder) finish(name string, input []byte) error {
	d.space()
	if d.pos < len(d.data) {
		d.failAt(d.pos, errTrailing)
	}
	if d.err != nil {
		return decodingError(name, input, d.fault, d.err)
	}
	return nil
}

var errEnd = io.ErrUnexpectedEOF

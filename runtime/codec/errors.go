package codec

import (
	"encoding/json"
	"errors"
	"strconv"
)

// Error says which field of which value could not be encoded or decoded, and where.
type Error struct {
	Op     string // "encoding" or "decoding"
	Path   string // type and field, as "Order.items[3].qty", by the names in the JSON
	Offset int    // decoding: bytes of the input, without envelope, before the fault; encoding: -1
	Err    error  // what is wrong
}

// Error returns "codec: decoding Order.items[3].qty: at byte 73: number 1e3 is not an integer".
func (e *Error) Error() string {
	s := "codec: " + e.Op + " " + e.Path + ": "
	if e.Offset >= 0 {
		s += "at byte " + strconv.Itoa(e.Offset) + ": "
	}
	return s + e.Err.Error()
}

// Unwrap returns what is wrong.
func (e *Error) Unwrap() error { return e.Err }

// encodingError makes the error of a value of the named type whose encoding failed after written.
func encodingError(name string, written []byte, err error) error {
	return &Error{Op: "encoding", Path: name + pathAt(written, len(written)), Offset: -1, Err: err}
}

// decodingError makes the error of an input for a value of the named type that is wrong at offset.
func decodingError(name string, input []byte, offset int, err error) error {
	return &Error{Op: "decoding", Path: name + pathAt(input, offset), Offset: offset, Err: err}
}

// jsonOffset returns the offset of the fault in the whole input that an error of encoding/json names, for a value that
// begins at start and ends at end; start if it names none.
func jsonOffset(err error, start, end int) int {
	offset := 0
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		offset = int(syntax.Offset)
	} else if mismatch, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		offset = int(mismatch.Offset)
	}
	return min(start+offset, end)
}

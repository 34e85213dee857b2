package instance

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// reader reads what the append functions wrote. The first error sticks.
type reader struct {
	b   []byte
	err error
}

var errShort = errors.New("the bytes end too early")

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.b = nil
}

func (r *reader) end() error {
	if r.err == nil && len(r.b) > 0 {
		return fmt.Errorf("%d bytes too many", len(r.b))
	}
	return r.err
}

func (r *reader) format() {
	if f := r.byte(); r.err == nil && f != format {
		r.fail(fmt.Errorf("format %d is not known to this program; it knows %d", f, format))
	}
}

func (r *reader) byte() byte {
	if len(r.b) == 0 {
		r.fail(errShort)
		return 0
	}
	c := r.b[0]
	r.b = r.b[1:]
	return c
}

func (r *reader) bool() bool { return r.byte() != 0 }

func (r *reader) uint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.fail(errShort)
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) int() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.fail(errShort)
		return 0
	}
	r.b = r.b[n:]
	return v
}

// count reads a number of elements, each of which takes a byte at least.
func (r *reader) count() int {
	n := r.uint()
	if n > uint64(len(r.b)) {
		r.fail(errShort)
		return 0
	}
	return int(n)
}

// each reads a number of elements by f, as far as the bytes go.
func (r *reader) each(f func()) {
	for n := r.count(); n > 0 && r.err == nil; n-- {
		f()
	}
}

func (r *reader) raw() []byte {
	n := r.count()
	v := r.b[:n]
	r.b = r.b[n:]
	return v
}

func (r *reader) bytes() []byte {
	v := r.raw()
	if len(v) == 0 {
		return nil
	}
	return append([]byte(nil), v...)
}

func (r *reader) string() string { return string(r.raw()) }

package codec

import (
	"errors"
	"math"
	"reflect"
)

// ErrDepth is the error of a value that nests deeper than [MaxDepth], which one that holds itself does.
var ErrDepth = errors.New("value is nested too deep, or holds itself")

// ErrEmbedded is the error of a field that lies in an embedded struct which is nil and which encoding/json cannot make,
// because its type is not exported.
var ErrEmbedded = errors.New("field of an embedded pointer that is nil and of an unexported type")

// CloseObject ends an object each of whose fields has a comma after it.
func CloseObject(b []byte) []byte {
	if last := len(b) - 1; b[last] == ',' {
		b[last] = '}'
		return b
	}
	return append(b, '}')
}

// Make lets *p point to a zero value if it is nil.
func Make[T any](p **T) {
	if *p == nil {
		*p = new(T)
	}
}

// IsZero reports whether *v is the zero value of its type, as the option "omitzero" means it for structs and arrays. It
// uses reflection.
func IsZero[T any](v *T) bool { return reflect.ValueOf(v).Elem().IsZero() }

// NotZero reports whether v is something else than the positive zero, as the option "omitzero" means it.
func NotZero[T ~float32 | ~float64](v T) bool { return v != 0 || math.Signbit(float64(v)) }

package codec

import (
	"encoding/json"
	"reflect"
)

// Codec encodes and decodes values of type T. Make one with [New] or [JSON]. A Codec holds no state and may be used by any
// number of goroutines.
type Codec[T any] struct {
	// Schema is the fingerprint of T: the first 8 bytes, big endian, of SHA-256 over the type's sorted lines
	// "name type tag". It is information for people and tools; 0 says that nobody computed one.
	Schema uint64

	// Append appends the encoding of v, without envelope, to b. After an error the bytes returned are of no use.
	Append func(b []byte, v *T) ([]byte, error)

	// Decode decodes the whole of b, which has no envelope, into v. It does not keep b. The caller passes a zero v;
	// a v that holds something is filled as encoding/json would fill it. After an error v holds a part of the value.
	Decode func(b []byte, v *T) error

	// Fields are the names of the members of the JSON object that a T becomes, in their order, and AppendField appends
	// one of them to b: name, colon, value; nothing where v leaves it out. Joined by commas, in braces, they are what
	// Append appends. Without them a T is encoded as a whole only.
	Fields      []string
	AppendField func(b []byte, v *T, i int) ([]byte, error)

	name string // in front of the path in errors
}

// New returns the codec made of two generated functions. The name of the type stands in front of the path in errors.
func New[T any](
	name string,
	schema uint64,
	appendValue func(b []byte, v *T) ([]byte, error),
	decodeValue func(d *Decoder, v *T),
) Codec[T] {
	return Codec[T]{
		name:   name,
		Schema: schema,
		Append: func(b []byte, v *T) ([]byte, error) {
			start := len(b)
			b, err := appendValue(b, v)
			if err != nil {
				return b, encodingError(name, b[start:], err)
			}
			return b, nil
		},
		Decode: func(b []byte, v *T) error {
			d := Decoder{data: b}
			decodeValue(&d, v)
			return d.finish(name, b)
		},
	}
}

// WithFields returns c with a generated function that appends the members of T one by one.
func (c Codec[T]) WithFields(appendField func(b []byte, v *T, i int) ([]byte, error), names ...string) Codec[T] {
	c.Fields = names
	c.AppendField = func(b []byte, v *T, i int) ([]byte, error) {
		start := len(b)
		b, err := appendField(b, v, i)
		if err != nil {
			return b, encodingError(c.name, append([]byte{'{'}, b[start:]...), err)
		}
		return b, nil
	}
	return c
}

// JSON returns a codec through encoding/json, for types nothing was generated for.
func JSON[T any]() Codec[T] {
	name, clip := reflect.TypeFor[T]().String(), clipper(reflect.TypeFor[T]())
	short := reflect.TypeFor[T]().Name()
	if short == "" {
		short = name
	}
	return Codec[T]{
		name: name,
		Append: func(b []byte, v *T) ([]byte, error) {
			b, err := AppendAny(b, v)
			if err == nil {
				return b, nil
			}
			path, why := unsupported(reflect.ValueOf(v).Elem(), 0)
			if why == nil {
				why = err
			}
			return b, &Error{Op: "encoding", Path: short + path, Offset: -1, Err: why}
		},
		Decode: func(b []byte, v *T) error {
			if err := json.Unmarshal(b, v); err != nil {
				return decodingError(name, b, jsonOffset(err, 0, len(b)), err)
			}
			if clip != nil {
				clip(v)
			}
			return nil
		},
	}
}

// Marshal returns v as a payload: envelope and body.
func (c Codec[T]) Marshal(v *T) ([]byte, error) {
	return c.AppendPayload(nil, v)
}

// AppendPayload appends v as a payload, envelope and body, to b.
func (c Codec[T]) AppendPayload(b []byte, v *T) ([]byte, error) {
	return c.Append(AppendHeader(b, Header{Format: FormatJSON, Schema: c.Schema}), v)
}

// Unmarshal decodes a payload into v, which the caller passes zero. A payload of another schema is decoded all the same:
// fields it lacks stay as they are, fields that T lacks are ignored.
func (c Codec[T]) Unmarshal(payload []byte, v *T) error {
	_, body, err := SplitHeader(payload)
	if err != nil {
		return err
	}
	return c.Decode(body, v)
}

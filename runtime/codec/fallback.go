package codec

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
)

// AppendAny appends what encoding/json writes for the value that v points to.
func AppendAny(b []byte, v any) ([]byte, error) {
	text, err := json.Marshal(v)
	return append(b, text...), err
}

// AppendMarshaler appends what m makes of itself, without its space and with the escapes of [AppendString]. A nil pointer
// is for the caller to deal with.
func AppendMarshaler(b []byte, m json.Marshaler) ([]byte, error) {
	text, err := m.MarshalJSON()
	if err != nil {
		return b, fmt.Errorf("%T.MarshalJSON: %w", m, err)
	}
	if b, err = appendCompact(b, text); err != nil {
		return b, fmt.Errorf("%T.MarshalJSON: %w", m, err)
	}
	return b, nil
}

// AppendTextMarshaler appends a string of what m makes of itself. A nil pointer is for the caller to deal with.
func AppendTextMarshaler(b []byte, m encoding.TextMarshaler) ([]byte, error) {
	text, err := m.MarshalText()
	if err != nil {
		return b, fmt.Errorf("%T.MarshalText: %w", m, err)
	}
	return AppendString(b, string(text)), nil
}

// DecodeAny reads a value into the one that v points to as encoding/json does.
func DecodeAny(d *Decoder, v any) {
	text := d.raw()
	if d.err != nil {
		return
	}
	if err := json.Unmarshal(text, v); err != nil {
		d.failAt(jsonOffset(err, d.pos-len(text), d.pos), err)
	} else if clip := clipper(reflect.TypeOf(v).Elem()); clip != nil {
		clip(v)
	}
}

// DecodeUnmarshaler reads a value of any kind, null included, and hands it to u. A nil pointer is for the caller to deal
// with.
func DecodeUnmarshaler(d *Decoder, u json.Unmarshaler) {
	text := d.raw()
	if d.err != nil {
		return
	}
	if err := u.UnmarshalJSON(text); err != nil {
		d.failAt(d.pos-len(text), fmt.Errorf("%T.UnmarshalJSON: %w", u, err))
	}
}

// DecodeTextUnmarshaler reads a string and hands it to u. A null has no effect; a type for which it has one, and a nil
// pointer, are for the caller to deal with.
func DecodeTextUnmarshaler(d *Decoder, u encoding.TextUnmarshaler) {
	if d.next() != '"' {
		if !d.Null() {
			d.mismatch("a string")
		}
		return
	}
	start := d.pos
	text, ok := d.text()
	if !ok {
		return
	}
	if err := u.UnmarshalText(text[:len(text):len(text)]); err != nil {
		d.failAt(start, fmt.Errorf("%T.UnmarshalText: %w", u, err))
	}
}

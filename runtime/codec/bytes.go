package codec

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
)

// AppendBytes appends v in base64, or null if it is nil.
func AppendBytes(b, v []byte) []byte {
	if v == nil {
		return append(b, "null"...)
	}
	b = append(b, '"')
	b = base64.StdEncoding.AppendEncode(b, v)
	return append(b, '"')
}

// DecodeBytes reads a string in base64, or an array of numbers, into *v; null makes it nil.
func DecodeBytes[S ~[]byte](d *Decoder, v *S) {
	switch d.next() {
	case '"':
	case '[':
		DecodeSlice(d, v, DecodeUint)
		return
	default:
		if d.Null() {
			*v = nil
		} else {
			d.mismatch("a string in base64")
		}
		return
	}
	start := d.pos
	text, ok := d.text()
	if !ok {
		return
	}
	decoded := make([]byte, base64.StdEncoding.DecodedLen(len(text)))
	n, err := base64.StdEncoding.Decode(decoded, text)
	if err != nil {
		d.failAt(start, fmt.Errorf("string is not base64: %w", err))
		return
	}
	*v = decoded[:n:n]
}

// AppendRaw appends JSON that is already written, without its space and with the escapes of [AppendString]; null if v is nil.
// What is not JSON is an error.
func AppendRaw(b []byte, v json.RawMessage) ([]byte, error) {
	if v == nil {
		return append(b, "null"...), nil
	}
	return appendCompact(b, v)
}

// DecodeRaw reads a value of any kind, null included, into *v as it is written, and uses the memory that *v has.
func DecodeRaw(d *Decoder, v *json.RawMessage) {
	if text := d.raw(); d.err == nil {
		*v = append((*v)[:0], text...)
	}
}

// appendCompact appends a JSON text without its space, and with the characters escaped that AppendString escapes.
func appendCompact(b, text []byte) ([]byte, error) {
	d := Decoder{data: text}
	d.Skip()
	if d.next(); d.pos < len(d.data) {
		d.failAt(d.pos, errTrailing)
	}
	if d.err != nil {
		return b, fmt.Errorf("not JSON: at byte %d: %w", d.fault, d.err)
	}
	start, inString := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case !inString && (c == ' ' || c == '\t' || c == '\n' || c == '\r'):
			b = append(b, text[start:i]...)
			start = i + 1
		case c == '"':
			inString = !inString
		case c == '\\':
			i++
		case c == '<' || c == '>' || c == '&':
			b = append(append(b, text[start:i]...), '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&0xf])
			start = i + 1
		case c == 0xe2 && i+2 < len(text) && text[i+1] == 0x80 && text[i+2]&^1 == 0xa8: // U+2028, U+2029
			b = append(append(b, text[start:i]...), '\\', 'u', '2', '0', '2', hexDigits[text[i+2]&0xf])
			start = i + 3
		}
	}
	return append(b, text[start:]...), nil
}

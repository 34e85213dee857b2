package codec

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Format is the first byte of a payload: how its body is encoded.
type Format byte

// FormatJSON is a body in JSON, as this package and encoding/json write it.
const FormatJSON Format = 1

// HeaderSize is the size of a payload's envelope in bytes.
const HeaderSize = 1 + 8

// ErrPayload is in the error for bytes that are no payload this version can read: cut short, or of an unknown format.
var ErrPayload = errors.New("not a payload of a known format")

// Header is the envelope of a payload.
type Header struct {
	Format Format
	Schema uint64 // fingerprint of the type that was encoded, see [Codec]; information only
}

// AppendHeader appends the envelope that h describes to b: the format, then the schema, big endian.
func AppendHeader(b []byte, h Header) []byte {
	return binary.BigEndian.AppendUint64(append(b, byte(h.Format)), h.Schema)
}

// SplitHeader splits a payload into its envelope and its body, which shares memory with the payload. The error wraps
// [ErrPayload].
func SplitHeader(payload []byte) (Header, []byte, error) {
	if len(payload) < HeaderSize {
		return Header{}, nil, fmt.Errorf("codec: payload of %d bytes is shorter than its header of %d: %w",
			len(payload), HeaderSize, ErrPayload)
	}
	h := Header{Format: Format(payload[0]), Schema: binary.BigEndian.Uint64(payload[1:])}
	if h.Format != FormatJSON {
		return Header{}, nil, fmt.Errorf("codec: payload has format %d, written by a newer version?: %w", h.Format, ErrPayload)
	}
	return h, payload[HeaderSize:], nil
}

package poll

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
)

// Request is an endpoint that was filled from the data. It is recorded, so that all
// requests of one node are the same.
type Request struct {
	Method string
	URL    string
	Header []Field `json:",omitempty"`
	Body   string  `json:",omitempty"`
}

// With returns r with one header more; of that name it is the only one.
func (r Request) With(name, value string) Request {
	r.Header = append(slices.Clone(r.Header), Field{name, value})
	return r
}

// Field is a header of a request.
type Field struct{ Name, Value string }

// Response is an answer.
type Response struct {
	Status int
	Body   []byte // at most MaxBody
}

// MaxBody is how many bytes of an answer are read; a longer one is an error.
const MaxBody = 1 << 20

// Encode returns r as a payload.
func (r Response) Encode() []byte {
	return append(strconv.AppendInt(nil, int64(r.Status), 10), append([]byte{'\n'}, r.Body...)...)
}

// Decode reads what Encode wrote.
func Decode(payload []byte) (Response, error) {
	status, body, _ := bytes.Cut(payload, []byte{'\n'})
	n, err := strconv.Atoi(string(status))
	if err != nil {
		return Response{}, fmt.Errorf("an answer does not decode: %w", err)
	}
	return Response{n, body}, nil
}

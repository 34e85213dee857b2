package codec

import "time"

// AppendTime appends t as RFC 3339 with nanoseconds. A year beyond 0 to 9999 and a zone offset of 24 hours or more are an
// error.
func AppendTime(b []byte, t time.Time) ([]byte, error) {
	end := len(b)
	text, err := t.AppendText(append(b, '"'))
	if err != nil {
		return b[:end], err
	}
	return append(text, '"'), nil
}

// DecodeTime reads a time in RFC 3339 into *t. A null leaves *t as it is.
func DecodeTime(d *Decoder, t *time.Time) {
	if d.next() != '"' {
		if !d.Null() {
			d.mismatch("a time")
		}
		return
	}
	text := d.raw()
	if d.err != nil {
		return
	}
	if err := t.UnmarshalText(text[1 : len(text)-1]); err != nil {
		d.failAt(d.pos-len(text), err)
	}
}

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

// DecodeTime reads a time in RFC 3339 into *t, in UTC or in a zone of the offset that it has there, whatever the zone of the
// machine is. A null leaves *t as it is.
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
	*t = elsewhere(*t)
}

// elsewhere is t as another machine decodes it. Package time gives a time the zone of the machine if that has its offset then,
// which is more than the text says: another machine would not know it, and in summer or winter it has another offset.
func elsewhere(t time.Time) time.Time {
	if t.Location() != time.Local || time.Local == time.UTC {
		return t
	}
	_, offset := t.Zone()
	return t.In(time.FixedZone("", offset))
}

package codec

// Skip reads a value of any kind and forgets it. What is skipped has to be proper JSON all the same.
func (d *Decoder) Skip() {
	switch c := d.next(); {
	case c == '"':
		d.skipString()
	case c == '{':
		d.skipObject()
	case c == '[':
		for ok := d.FirstElem(); ok; ok = d.NextElem() {
			d.Skip()
		}
	case c == 't':
		d.literal("true")
	case c == 'f':
		d.literal("false")
	case c == 'n':
		d.literal("null")
	case c == '-', '0' <= c && c <= '9':
		d.numeral()
	default:
		d.unexpected("a value")
	}
}

func (d *Decoder) skipObject() {
	if !d.open() {
		return
	}
	if d.next() == '}' {
		d.close()
		return
	}
	for {
		if d.next() != '"' {
			d.unexpected("the name of a field")
			return
		}
		if d.skipString(); d.next() != ':' {
			d.unexpected("a colon")
			return
		}
		d.pos++
		d.Skip()
		switch d.next() {
		case ',':
			d.pos++
		case '}':
			d.close()
			return
		default:
			d.unexpected("a comma or the end of the object")
			return
		}
	}
}

// raw reads a value of any kind and returns its bytes, which are a part of the input; nil after an error.
func (d *Decoder) raw() []byte {
	d.next()
	data, start := d.data, d.pos
	if d.Skip(); d.err != nil {
		return nil
	}
	return data[start:d.pos:d.pos]
}

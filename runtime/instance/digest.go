package instance

import "bytes"

// DigestMark begins each reference to an artifact as it is stored: in JSON, a
// string that begins with a digest. A text without it refers to none.
const DigestMark = `"sha256:`

const digestLen = 64 // hexadecimal digits of SHA-256

// Digests calls found with each digest of an artifact that a stored text mentions,
// as "sha256:" with 64 digits. It takes what looks like one for one.
func Digests(text []byte, found func(digest string)) {
	mark := []byte(DigestMark)
	for {
		i := bytes.Index(text, mark)
		if i < 0 {
			return
		}
		text = text[i+len(mark):]
		n := 0
		for n < len(text) && n < digestLen && isHex(text[n]) {
			n++
		}
		if n == digestLen {
			found(DigestMark[1:] + string(text[:n]))
		}
		text = text[n:]
	}
}

func isHex(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' }

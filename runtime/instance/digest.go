package instance

import "bytes"

// DigestMark begins each reference to an artifact as it is stored: in JSON, a
// string that begins with a digest. A text without it refers to none.
const DigestMark = `"sha256:`

const digestLen = 64 // hexadecimal digits of SHA-256

// markEnd is what is looked for: a quote, with which the mark begins, stands wherever a
// string of JSON does, and a search that stops at each of them takes several times as long.
var markEnd = []byte("ha256:")

// Refers reports whether a stored text has a DigestMark.
func Refers(text []byte) bool { return afterMark(text) > 0 }

// afterMark is where the first DigestMark of a text ends; -1 if there is none.
func afterMark(text []byte) int {
	for end := 0; ; {
		n := bytes.Index(text[end:], markEnd)
		if n < 0 {
			return -1
		}
		end += n + len(markEnd)
		if end >= len(DigestMark) && string(text[end-len(DigestMark):end]) == DigestMark {
			return end
		}
	}
}

// Digests calls found with each digest of an artifact that a stored text mentions,
// as "sha256:" with 64 digits. It takes what looks like one for one.
func Digests(text []byte, found func(digest string)) {
	for {
		i := afterMark(text)
		if i < 0 {
			return
		}
		text = text[i:]
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

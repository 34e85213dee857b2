package directive

import (
	"go/token"
	"strconv"
	"strings"
)

// word is one argument as it stands in the source.
type word struct {
	key      string
	pos      token.Pos // of the key
	value    string    // unquoted
	valuePos token.Pos // of the value, its quote included
	end      token.Pos
	hasValue bool
	err      string // why it cannot be read
	comment  bool   // a trailing comment: the rest of the line, which is the key
}

// words takes the arguments of a directive apart. It reads on after a mistake.
func words(args string, pos token.Pos) []word {
	var out []word
	for i := 0; i < len(args); {
		if args[i] == ' ' || args[i] == '\t' {
			i++
			continue
		}
		w, n := readWord(args[i:], pos+token.Pos(i))
		out = append(out, w)
		if w.comment {
			break
		}
		i += n
	}
	return out
}

func readWord(s string, pos token.Pos) (w word, n int) {
	w = word{pos: pos, valuePos: pos}
	if strings.HasPrefix(s, "//") {
		w.comment, w.key, w.end = true, strings.TrimRight(s, " \t\r"), pos+token.Pos(len(s))
		return w, len(s)
	}
	n = len(plain(s))
	if quoted(s) {
		text, length, ok := unquote(s)
		n = length
		if !ok {
			w.err = "a quote is not closed"
		} else if rest := plain(s[n:]); rest != "" {
			w.err, n = "a closing quote is followed by "+strconv.Quote(rest), n+len(rest)
		}
		w.key, w.value, w.hasValue = strings.Cut(text, "=")
		w.end = pos + token.Pos(n)
		return w, n
	}
	if eq := strings.IndexByte(s[:n], '='); eq >= 0 {
		w.key, w.hasValue = s[:eq], true
		w.valuePos = pos + token.Pos(eq+1)
		w.value = s[eq+1 : n]
		if rest := s[eq+1:]; quoted(rest) {
			text, length, ok := unquote(rest)
			w.value, n = text, eq+1+length
			if !ok {
				w.err = "a quote is not closed"
			} else if more := plain(s[n:]); more != "" {
				w.err, n = "a closing quote is followed by "+strconv.Quote(more), n+len(more)
			}
		}
	} else {
		w.key = s[:n]
	}
	w.end = pos + token.Pos(n)
	return w, n
}

func quoted(s string) bool { return s != "" && (s[0] == '"' || s[0] == '`') }

// plain returns s up to its first space.
func plain(s string) string {
	if i := strings.IndexAny(s, " \t"); i >= 0 {
		return s[:i]
	}
	return s
}

// unquote reads a Go string at the beginning of s. Without a closing quote it takes all of s.
func unquote(s string) (text string, length int, ok bool) {
	q, err := strconv.QuotedPrefix(s)
	if err != nil {
		return s[1:], len(s), false
	}
	text, err = strconv.Unquote(q)
	return text, len(q), err == nil
}

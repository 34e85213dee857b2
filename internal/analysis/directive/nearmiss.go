package directive

import (
	"go/ast"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Looks reports whether a comment, or what of a line begins one, is a directive or was meant to be one.
func Looks(text string) bool {
	if strings.HasPrefix(text, "//wfe:") {
		return true
	}
	if !mayName(text) {
		return false
	}
	_, ok := missed(text)
	return ok
}

// miss is a comment that is no directive but was meant to be one.
type miss struct {
	verb string // in lower case; possibly none that exists
	rest string // its arguments
}

// missed takes apart a comment that is no directive. It tells those that were meant to be one from prose about wfe: where
// there is a space between the slashes and wfe, as in prose, the verb has to be one that exists and only arguments that it
// takes may follow.
func missed(text string) (miss, bool) {
	text, _, _ = strings.Cut(text, "\n")
	if strings.HasPrefix(text, "/*") {
		text = strings.TrimSuffix(strings.TrimRight(text, " \t\r"), "*/")
	}
	text = strings.TrimRight(text, " \t\r")
	if m, ok := almost(text); ok {
		return m, true
	}
	m := missPattern().FindStringSubmatch(text)
	if m == nil {
		return miss{}, false
	}
	junk, word, sep, verb, rest := m[1], strings.ToLower(m[2]), m[3], strings.ToLower(m[4]), strings.TrimSpace(m[5])
	if joined, ok := strings.CutPrefix(word, "wfe"); ok && joined != "" && joined != "gen" { // wfestep, wfexstep
		for _, name := range []string{joined, joined[1:]} {
			if _, known := verbNamed(name); known {
				return miss{name, strings.TrimSpace(strings.TrimPrefix(m[4]+" "+rest, " "))}, !strings.ContainsAny(junk, " \t")
			}
		}
	}
	out := miss{verb, rest}
	_, known := verbNamed(verb)
	colon := strings.Contains(sep, ":")
	switch {
	case word != "wfe" && word != "wfegen":
		return out, known && strings.Trim(sep, " \t") != "" && junk == "" && edits(word, "wfe") == 1
	case strings.ContainsAny(junk, " \t") && !strings.ContainsAny(junk, "+@"):
		switch {
		case known && (colon || strings.Contains(rest, "=")):
			return out, takes(verb, rest)
		case colon && verb != "" && sep == ":":
			return out, rest == "" && Suggest(verb, verbNames()) != ""
		}
		return out, false
	case colon:
		return out, verb != "" || strings.HasPrefix(text, "//")
	}
	return out, known
}

// almost finds a directive that is one edit away from what it was meant to be: //wef:step.
func almost(text string) (miss, bool) {
	for _, name := range verbNames() {
		want := "//wfe:" + name
		for end := len(want) - 1; end <= len(want)+1 && end <= len(text); end++ {
			rest := text[end:]
			if strings.TrimLeft(rest, " \t") == rest && rest != "" || edits(strings.ToLower(text[:end]), want) > 1 {
				continue
			}
			prose := text[2] == ' ' || text[2] == '\t'
			return miss{name, strings.TrimSpace(rest)}, !prose || takes(name, rest)
		}
	}
	return miss{}, false
}

// missPattern takes a comment apart: what stands before the word wfe, that word, what stands between it and the verb, the
// verb, the rest.
func missPattern() *regexp.Regexp {
	return regexp.MustCompile(`^(?://|/\*)(/?[ \t]*[^A-Za-z/ \t]?[ \t]*)([A-Za-z]{2,})([^A-Za-z]*)([A-Za-z][A-Za-z0-9-]*)?(.*)$`)
}

// mayName reports whether a comment begins with a word that could be meant for wfe. It is fast, so that whole trees can be
// searched.
func mayName(text string) bool {
	text = text[min(2, len(text)):]
	for n := 3; n <= 5 && n <= len(text); n++ {
		if edits(strings.ToLower(text[:n]), "wfe:") <= 1 {
			return true
		}
	}
	text = strings.TrimLeft(strings.TrimLeft(text, "/"), " \t")
	if _, size := utf8.DecodeRuneInString(text); text != "" && !letter(text[0]) {
		text = strings.TrimLeft(text[size:], " \t")
	}
	n := 0
	for n < len(text) && n < 5 && letter(text[n]) {
		n++
	}
	return n >= 3 && strings.EqualFold(text[:3], "wfe") || n >= 2 && n <= 4 && edits(strings.ToLower(text[:n]), "wfe") <= 1
}

func letter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// takes reports whether a verb takes the arguments.
func takes(name, rest string) bool {
	verb, _ := verbNamed(name)
	ws := words(rest, 0)
	if len(verb.Words) > 0 {
		text := slices.ContainsFunc(verb.Words, func(k Key) bool { return k.Type == TypeText })
		if len(ws) < len(verb.Words) || len(ws) > len(verb.Words) && !text {
			return false
		}
		_, problem := verb.Words[0].read(ws[0].key)
		return problem == ""
	}
	for _, w := range ws {
		if _, known := verb.key(w.key); !known || w.comment {
			return false
		}
	}
	return true
}

// missedAt reports a comment that was meant to be a directive, with the change that makes it one.
func (r *reader) missedAt(c *ast.Comment, m miss) {
	r.report(nearMiss(r.span(c.Slash, c.End()), m))
}

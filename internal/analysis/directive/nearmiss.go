package directive

import (
	"regexp"
	"strings"
)

// miss takes a comment apart that might have been meant as a directive: what stands before wfe, the space behind the
// colon, the verb, the rest.
func missPattern() *regexp.Regexp {
	return regexp.MustCompile(`^(?:(//)( *\+? *)|/\*( *\+? *))(?i:wfe)( *):( *)([A-Za-z][A-Za-z0-9-]*)?(.*)$`)
}

// isNearMiss reports whether a comment that is no directive was meant to be one. A sentence about directives is not: where
// there is a space between the slashes and wfe, as in prose, the verb has to be one that exists and only arguments that
// it takes may follow.
func isNearMiss(miss *regexp.Regexp, text string) bool {
	first, _, _ := strings.Cut(text, "\n")
	m := miss.FindStringSubmatch(strings.TrimRight(first, " \t\r*/"))
	if m == nil {
		return false
	}
	before, word, rest := m[2]+m[3], m[6], m[7]
	if m[1] != "" && before == "" || strings.Contains(before, "+") {
		return word != "" || m[1] != ""
	}
	verb, ok := verbNamed(strings.ToLower(word))
	if !ok {
		return m[4] == "" && m[5] == "" && rest == "" && Suggest(word, verbNames()) != ""
	}
	for _, w := range words(strings.TrimSpace(rest), 0) {
		if _, known := verb.key(w.key); !known || w.comment {
			return false
		}
	}
	return true
}

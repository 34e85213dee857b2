package definition

import (
	"strings"
	"unicode"
)

// Kebab turns a Go name into the form that definitions store: a dash before an
// upper-case letter after a lower-case letter or digit, and before the last of a
// run of capitals that a lower-case letter follows. HTTPServer2Go is
// http-server2-go.
func Kebab(name string) string {
	runes := []rune(name)
	var b strings.Builder
	for i, r := range runes {
		if i > 0 && unicode.IsUpper(r) {
			before := runes[i-1]
			runEnds := unicode.IsUpper(before) && i+1 < len(runes) && unicode.IsLower(runes[i+1])
			if unicode.IsLower(before) || unicode.IsDigit(before) || runEnds {
				b.WriteByte('-')
			}
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

package extract

import (
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"unicode"
	"unicode/utf8"
)

// lowerCamel makes a parameter's name of a type's: HTTPClient is httpClient.
func lowerCamel(name string) string {
	runes := []rune(name)
	for i, r := range runes {
		if !unicode.IsUpper(r) || i > 0 && i+1 < len(runes) && unicode.IsLower(runes[i+1]) {
			break
		}
		runes[i] = unicode.ToLower(r)
	}
	return string(runes)
}

func upperFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

func lowerFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(r)) + s[n:]
}

func isExported(name string) bool { return token.IsExported(name) }

// names are those that are not free any more.
type names map[string]bool

// newNames returns the names that no identifier of generated code may have, besides those of the package itself.
func newNames(more ...string) names {
	n := names{}
	for _, name := range types.Universe.Names() {
		n[name] = true
	}
	for _, name := range more {
		n[name] = true
	}
	return n
}

// free returns the first of name, name2, name3, ... whose variants are all free and no keyword, and takes them.
func (n names) free(name string, variants ...func(string) string) string {
	if len(variants) == 0 {
		variants = []func(string) string{func(s string) string { return s }}
	}
	for i := 1; ; i++ {
		try := name
		if i > 1 {
			try += strconv.Itoa(i)
		}
		taken := func(v func(string) string) bool { s := v(try); return n[s] || token.IsKeyword(s) }
		if slices.ContainsFunc(variants, taken) {
			continue
		}
		for _, v := range variants {
			n[v(try)] = true
		}
		return try
	}
}

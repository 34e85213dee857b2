package model

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// Mark is what the wfe tag of a field says it is to a step.
type Mark uint8

// The marks.
const (
	NoMark     Mark = iota
	MarkOut         // wfe:"out"
	MarkInject      // wfe:"inject"
	BadMark         // something else, or a tag that was meant to be one
)

// Marks are the words that a wfe tag may have, with commas between them.
func Marks() []string { return []string{"inject", "out", "secret"} }

// Mark reads the field's wfe tag.
func (f Field) Mark() Mark {
	words, ok := f.marks()
	switch {
	case !ok:
		return BadMark
	case len(words) == 0, slices.Equal(words, []string{"secret"}):
		return NoMark
	case slices.Equal(words, []string{"inject"}):
		return MarkInject
	case words[0] == "out" && (len(words) == 1 || len(words) == 2 && words[1] == "secret"):
		return MarkOut
	}
	return BadMark
}

// Secret reports whether the field's value is kept out of errors and logs: wfe:"secret", wfe:"out,secret".
func (f Field) Secret() bool {
	words, _ := f.marks()
	return slices.Contains(words, "secret")
}

// marks returns the words of the field's wfe tag; false when there is one that is not read as such.
func (f Field) marks() ([]string, bool) {
	value, ok := reflect.StructTag(f.Tag).Lookup("wfe")
	if !ok {
		return nil, !misspeltTag().MatchString(f.Tag)
	}
	return strings.Split(value, ","), true
}

// misspeltTag matches a tag that was meant to be wfe:"...", but is not read as one: WFE:"out", wfe: "out", wfe=out.
func misspeltTag() *regexp.Regexp { return regexp.MustCompile(`(?i)(^|[\s,;])wfe\s*[:=]`) }

// Hidden reports whether encoding/json leaves the field out: json:"-".
func (f Field) Hidden() bool { return reflect.StructTag(f.Tag).Get("json") == "-" }

package model

import (
	"reflect"
	"regexp"
)

// Mark is what the wfe tag of a field says.
type Mark uint8

// The marks.
const (
	NoMark     Mark = iota
	MarkOut         // wfe:"out"
	MarkInject      // wfe:"inject"
	BadMark         // something else, or a tag that was meant to be one
)

// Marks are the values that a wfe tag may have.
func Marks() []string { return []string{"inject", "out"} }

// Mark reads the field's wfe tag.
func (f Field) Mark() Mark {
	value, ok := reflect.StructTag(f.Tag).Lookup("wfe")
	switch {
	case ok && value == "out":
		return MarkOut
	case ok && value == "inject":
		return MarkInject
	case ok || misspeltTag().MatchString(f.Tag):
		return BadMark
	}
	return NoMark
}

// misspeltTag matches a tag that was meant to be wfe:"...", but is not read as one: WFE:"out", wfe: "out", wfe=out.
func misspeltTag() *regexp.Regexp { return regexp.MustCompile(`(?i)(^|[\s,;])wfe\s*[:=]`) }

// Hidden reports whether encoding/json leaves the field out: json:"-".
func (f Field) Hidden() bool { return reflect.StructTag(f.Tag).Get("json") == "-" }

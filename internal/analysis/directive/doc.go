// Package directive reads //wfe: lines: it finds them in a file, takes them apart with a position for every key and
// value, checks them against one table of verbs and keys ([Verbs]) and tells to which declaration each belongs.
//
// The outer form is Go's own (go/ast.ParseDirective); the arguments are a superset of its convention:
//
//	directive = "//wfe:" verb { space argument }
//	argument  = key [ "=" value ]
//	value     = word | "Go string" | `raw string`
//
// where a whole argument may be quoted too: "name=two words". A key alone is a switch that is turned on.
//
// Every line that begins //wfe: is returned in a [File] or is a finding, and so is a line that was meant to be one. What a
// directive means, and whether the declaration suits it beyond being a type or a function, is not this package's business.
package directive

package directive

import (
	"fmt"
	"strings"

	"github.com/wfegen/wfe/internal/analysis/diag"
)

func nearMiss(at span, m miss) diag.Diagnostic {
	d := diag.Diagnostic{
		Code: diag.NearMiss, Pos: at.pos, End: at.end,
		Message: "this looks like a directive, but is an ordinary comment",
	}
	if m.verb == "" {
		d.Hints = []string{"write one of //wfe:" + strings.Join(verbNames(), ", //wfe:")}
		return d
	}
	want := strings.TrimSpace("//wfe:" + m.verb + " " + m.rest)
	d.Hints = []string{"write " + want}
	if _, known := verbNamed(m.verb); known && at.pos.Line == at.end.Line {
		d.Fixes = replace(at, want)
	}
	return d
}

// replace is the fix that writes something else in a place.
func replace(at span, text string) []diag.Fix {
	return []diag.Fix{{Message: "write " + text, Edits: []diag.Edit{{Pos: at.pos, End: at.end, New: text}}}}
}

func unknownVerb(at, word span, verb string) diag.Diagnostic {
	d := diag.Diagnostic{
		Code: diag.UnknownVerb, Pos: at.pos, End: at.end,
		Message: fmt.Sprintf("unknown directive //wfe:%s", verb),
		Hints:   didYouMean(verb, verbNames(), "directives"),
	}
	if near := Suggest(verb, verbNames()); near != "" {
		d.Fixes = replace(word, near)
	}
	return d
}

func unknownWord(at span, word string, verb Verb) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.UnknownKey, Pos: at.pos, End: at.end,
		Message: fmt.Sprintf("//wfe:%s does not take %q", verb.Name, word),
		Hints:   []string{"write " + verb.form()},
	}
}

// form is how a directive with words is written.
func (v Verb) form() string {
	form := "//wfe:" + v.Name
	for _, w := range v.Words {
		form += " " + strings.ToUpper(w.Name)
	}
	return form
}

func missingWord(at span, verb Verb, w Key) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.MissingValue, Pos: at.pos, End: at.end,
		Message: fmt.Sprintf("//wfe:%s without its %s", verb.Name, w.Name),
		Hints:   []string{"write " + verb.form()},
	}
}

func unknownKey(at span, w word, verb Verb) diag.Diagnostic {
	d := diag.Diagnostic{
		Code: diag.UnknownKey, Pos: at.pos, End: at.end,
		Message: fmt.Sprintf("unknown key %q for //wfe:%s", w.key, verb.Name),
	}
	key, _, colon := strings.Cut(w.key, ":")
	if _, known := verb.key(key); colon && known {
		d.Hints = []string{fmt.Sprintf("write %s=..., not %s:...", key, key)}
		d.Fixes = replace(at, strings.Replace(w.key, ":", "=", 1))
	} else if len(verb.Keys) == 0 {
		d.Hints = []string{"//wfe:" + verb.Name + " takes no arguments"}
	} else {
		d.Hints = didYouMean(w.key, verb.keyNames(), "keys")
		if near := Suggest(w.key, verb.keyNames()); near != "" {
			d.Fixes = replace(at, near)
		}
	}
	return d
}

func didYouMean(got string, names []string, what string) []string {
	list := what + ": " + strings.Join(names, ", ")
	if near := Suggest(got, names); near != "" {
		return []string{fmt.Sprintf("did you mean %q? (%s)", near, list)}
	}
	return []string{list}
}

// tornAt is an argument with a space at its equals sign.
type tornAt struct {
	span
	value string
}

func missingValue(at span, key Key, torn *tornAt) diag.Diagnostic {
	d := diag.Diagnostic{
		Code: diag.MissingValue, Pos: at.pos, End: at.end,
		Message: fmt.Sprintf("key %q has no value", key.Name),
		Hints:   []string{fmt.Sprintf("write %s=%s", key.Name, example(key))},
	}
	if torn != nil {
		d.Hints = append(d.Hints, `no space around "="`)
		d.Fixes = replace(torn.span, key.Name+"="+torn.value)
	}
	return d
}

func example(key Key) string {
	switch key.Type {
	case TypeCount:
		return "3"
	case TypeVersion:
		return "1"
	case TypeDuration:
		return "200ms"
	case TypeFactor:
		return "2"
	case TypeShare:
		return "0.2"
	case TypeEnum:
		return strings.Join(key.Enum, "|")
	case TypeType:
		return "Item"
	case TypeIdent:
		return "OtherName"
	case TypeCode:
		return string(diag.ForeignUnexported)
	default:
		return "other-name"
	}
}

func badValue(at span, key Key, value, problem string) diag.Diagnostic {
	d := diag.Diagnostic{
		Code: diag.BadValue, Pos: at.pos, End: at.end,
		Message: fmt.Sprintf("value %q of %q: %s", value, key.Name, problem),
	}
	names := key.Enum
	if key.Type == TypeCode {
		names = codes()
	}
	if near := Suggest(value, names); near != "" {
		d.Hints = []string{fmt.Sprintf("did you mean %q?", near)}
		d.Fixes = replace(at, near)
	}
	return d
}

func duplicateKey(at, keyAt span, key string, first, second Value) diag.Diagnostic {
	d := diag.Diagnostic{
		Code: diag.DuplicateKey, Pos: keyAt.pos, End: keyAt.end,
		Message: fmt.Sprintf("key %q is given twice", key),
		Related: []diag.Related{{Pos: first.Pos, Message: "first given here"}},
	}
	if first.Text == second.Text {
		d.Fixes = []diag.Fix{{Message: "delete it", Edits: []diag.Edit{{Pos: at.pos, End: at.end}}}}
	}
	return d
}

func duplicateVerb(d, first *Directive) diag.Diagnostic {
	message := fmt.Sprintf("//wfe:%s is given twice", d.Verb)
	if d.Verb != first.Verb {
		message = fmt.Sprintf("//wfe:%s excludes //wfe:%s", first.Verb, d.Verb)
	}
	return diag.Diagnostic{
		Code: diag.DuplicateVerb, Pos: d.Pos, End: d.End, Message: message,
		Related: []diag.Related{{Pos: first.Pos, Message: "the other one"}},
	}
}

func detached(d *Directive, place string, fix *diag.Fix) diag.Diagnostic {
	verb, _ := verbNamed(d.Verb)
	what := "declaration"
	if verb.On == OnStatement || verb.On == OnPackage {
		what = strings.TrimPrefix(string(verb.On), "a ")
	}
	out := diag.Diagnostic{
		Code: diag.Detached, Pos: d.Pos, End: d.End,
		Message: fmt.Sprintf("//wfe:%s is not attached to a %s", d.Verb, what),
		Hints:   []string{place},
	}
	if fix != nil {
		out.Fixes = []diag.Fix{*fix}
	}
	return out
}

func wrongDeclaration(d *Directive, on string) diag.Diagnostic {
	verb, _ := verbNamed(d.Verb)
	out := diag.Diagnostic{
		Code: diag.WrongDeclaration, Pos: d.Pos, End: d.End,
		Message: fmt.Sprintf("//wfe:%s belongs on %s, not on %s", d.Verb, verb.On, on),
	}
	if d.Verb == "step" {
		out.Hints = []string{"a step is a struct with a Run method: its fields are its inputs and outputs"}
	}
	return out
}

func inTypeGroup(d *Directive, name string) diag.Diagnostic {
	hint := "give the type a declaration of its own"
	if name != "" {
		hint = fmt.Sprintf("give %s a declaration of its own: type %s struct {...}", name, name)
	}
	return diag.Diagnostic{
		Code: diag.TypeGroup, Pos: d.Pos, End: d.End,
		Message: fmt.Sprintf("//wfe:%s in a type (...) group", d.Verb), Hints: []string{hint},
	}
}

func inTestFile(at span) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.InTestFile, Pos: at.pos, End: at.end,
		Message: "directive in a _test.go file",
		Hints:   []string{"move the declaration to a file of the package itself"},
	}
}

// trailingComment is about the note behind directive d.
func trailingComment(at span, d *Directive, note string) diag.Diagnostic {
	out := diag.Diagnostic{
		Code: diag.TrailingComment, Pos: at.pos, End: at.end,
		Message: "comment behind a directive",
		Hints:   []string{"put it on a line of its own"},
	}
	if d.Pos.Column == 1 {
		out.Fixes = []diag.Fix{{Message: "put it on a line of its own", Edits: []diag.Edit{
			{Pos: d.Pos, End: d.Pos, New: note + "\n"}, {Pos: at.pos, End: at.end},
		}}}
	}
	return out
}

func badArgument(at span, why string) diag.Diagnostic {
	return diag.Diagnostic{Code: diag.BadArgument, Pos: at.pos, End: at.end, Message: "argument cannot be read: " + why}
}

func constrained(d *Directive, why string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.Constrained, Level: diag.Warning, Pos: d.Pos, End: d.End,
		Message: fmt.Sprintf("//wfe:%s in a file that is not always built (%s)", d.Verb, why),
		Hints:   []string{"generated code refers to the declaration on every platform; move it to a file without constraints"},
	}
}

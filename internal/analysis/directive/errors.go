package directive

import (
	"fmt"
	"go/token"
	"strings"

	"github.com/wfegen/wfe/internal/analysis/diag"
)

func nearMiss(at span, want string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.NearMiss, Pos: at.pos, End: at.end,
		Message: "this looks like a directive, but is an ordinary comment",
		Hints:   []string{want},
	}
}

func unknownVerb(at span, verb string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.UnknownVerb, Pos: at.pos, End: at.end,
		Message: fmt.Sprintf("unknown directive //wfe:%s", verb),
		Hints:   didYouMean(verb, verbNames(), "directives"),
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
	} else if len(verb.Keys) == 0 {
		d.Hints = []string{"//wfe:" + verb.Name + " takes no arguments"}
	} else {
		d.Hints = didYouMean(w.key, verb.keyNames(), "keys")
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

func missingValue(at span, key Key, spaced bool) diag.Diagnostic {
	d := diag.Diagnostic{
		Code: diag.MissingValue, Pos: at.pos, End: at.end,
		Message: fmt.Sprintf("key %q has no value", key.Name),
		Hints:   []string{fmt.Sprintf("write %s=%s", key.Name, example(key))},
	}
	if spaced {
		d.Hints = append(d.Hints, `no space around "="`)
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
	case TypeIdent:
		return "OtherName"
	default:
		return "other-name"
	}
}

func badValue(at span, key Key, value, problem string) diag.Diagnostic {
	d := diag.Diagnostic{
		Code: diag.BadValue, Pos: at.pos, End: at.end,
		Message: fmt.Sprintf("value %q of %q: %s", value, key.Name, problem),
	}
	if near := Suggest(value, key.Enum); near != "" {
		d.Hints = []string{fmt.Sprintf("did you mean %q?", near)}
	}
	return d
}

func duplicateKey(at span, key string, first token.Position) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.DuplicateKey, Pos: at.pos, End: at.end,
		Message: fmt.Sprintf("key %q is given twice", key),
		Related: []diag.Related{{Pos: first, Message: "first given here"}},
	}
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

func detached(d *Directive, place string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.Detached, Pos: d.Pos, End: d.End,
		Message: fmt.Sprintf("//wfe:%s is not attached to a declaration", d.Verb),
		Hints:   []string{place},
	}
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

func trailingComment(at span) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.TrailingComment, Pos: at.pos, End: at.end,
		Message: "comment behind a directive",
		Hints:   []string{"put it on a line of its own"},
	}
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

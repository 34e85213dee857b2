package directive

import (
	"go/ast"
	"go/token"
	"strings"
)

// Directive is a //wfe: line that was understood.
type Directive struct {
	Verb     string
	Pos, End token.Position // of the line, from its slashes
	values   map[string]Value
}

// Value returns the value of a key, and whether the directive has one.
func (d *Directive) Value(key string) (Value, bool) {
	v, ok := d.values[key]
	return v, ok
}

// Text returns the value of a key as it was written, "" when there is none.
func (d *Directive) Text(key string) string { return d.values[key].Text }

// parse reads a comment that begins with //wfe:. It returns nil when no directive comes of it.
func (r *reader) parse(c *ast.Comment) *Directive {
	form, ok := ast.ParseDirective(c.Slash, c.Text)
	if !ok {
		r.report(nearMiss(r.span(c.Slash, c.End()), corrected(c.Text)))
		return nil
	}
	verbEnd := c.Slash + token.Pos(len("//wfe:")+len(form.Name))
	verb, ok := verbNamed(form.Name)
	if !ok {
		r.report(unknownVerb(r.span(c.Slash, verbEnd), form.Name))
		return nil
	}
	d := &Directive{Verb: verb.Name, values: map[string]Value{}}
	d.Pos, d.End = r.span(c.Slash, c.End()).both()
	args := words(form.Args, form.ArgsPos)
	for i := 0; i < len(args); i++ {
		spaced := i+1 < len(args) && torn(verb, args[i], args[i+1])
		r.argument(d, verb, args[i], spaced)
		if spaced {
			i++
		}
	}
	return d
}

// torn reports whether two words are one argument with a space at its equals sign.
func torn(verb Verb, a, b word) bool {
	if b.key == "" && b.hasValue {
		return !a.hasValue
	}
	_, key := verb.key(b.key)
	return a.hasValue && a.value == "" && !b.hasValue && !b.comment && !key
}

// argument adds one argument to d, or says why not. Spaced means that it was torn.
func (r *reader) argument(d *Directive, verb Verb, w word, spaced bool) {
	at := r.span(w.pos, w.end)
	keyAt := r.span(w.pos, min(w.end, w.pos+token.Pos(max(len(w.key), 1))))
	switch {
	case w.comment:
		r.report(trailingComment(at))
		return
	case w.err != "":
		r.report(badArgument(at, w.err))
		return
	case w.key == "":
		r.report(badArgument(at, `"=" without a key in front of it`))
		return
	}
	key, ok := verb.key(w.key)
	if !ok {
		r.report(unknownKey(keyAt, w, verb))
		return
	}
	switch {
	case w.hasValue && w.value == "", !w.hasValue && key.Bare == "":
		r.report(missingValue(keyAt, key, spaced))
		return
	case !w.hasValue:
		w.value = key.Bare
	}
	v, problem := key.read(w.value)
	if v.Pos, v.End = r.span(w.valuePos, w.end).both(); problem != "" {
		r.report(badValue(span{v.Pos, v.End}, key, w.value, problem))
		return
	}
	if first, ok := d.values[w.key]; ok {
		r.report(duplicateKey(keyAt, w.key, first.Pos))
		return
	}
	d.values[w.key] = v
}

// corrected says what a line that is nearly a directive should have been.
func corrected(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	_, rest, _ := strings.Cut(strings.TrimRight(line, "*/ \t\r"), ":")
	word, args, _ := strings.Cut(strings.TrimLeft(rest, ": \t"), " ")
	if word == "" {
		return "write one of //wfe:" + strings.Join(verbNames(), ", //wfe:")
	}
	return strings.TrimSpace("write //wfe:" + strings.ToLower(word) + " " + strings.TrimSpace(args))
}

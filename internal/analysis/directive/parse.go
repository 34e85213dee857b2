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
	Above    int            // the line below its comment, of one above a statement; else 0
	values   map[string]Value
}

// Value returns the value of a key, or of a word of the verb, and whether the directive has one.
func (d *Directive) Value(key string) (Value, bool) {
	if d == nil {
		return Value{}, false
	}
	v, ok := d.values[key]
	return v, ok
}

// Text returns the value of a key as it was written, "" when there is none.
func (d *Directive) Text(key string) string {
	v, _ := d.Value(key)
	return v.Text
}

// parse reads a comment that begins with //wfe:. It returns nil when no directive comes of it.
func (r *reader) parse(c *ast.Comment) *Directive {
	form, ok := ast.ParseDirective(c.Slash, c.Text)
	if !ok {
		m, _ := missed(c.Text)
		r.missedAt(c, m)
		return nil
	}
	verbAt := c.Slash + token.Pos(len("//wfe:"))
	verb, ok := verbNamed(form.Name)
	if !ok {
		r.report(unknownVerb(r.span(c.Slash, verbAt+token.Pos(len(form.Name))), r.span(verbAt, verbAt+token.Pos(len(form.Name))), form.Name))
		return nil
	}
	d := &Directive{Verb: verb.Name, values: map[string]Value{}}
	d.Pos, d.End = r.span(c.Slash, c.End()).both()
	if len(verb.Words) > 0 {
		if !r.words(d, verb, form.Args, form.ArgsPos) {
			return nil
		}
		return d
	}
	args := words(form.Args, form.ArgsPos)
	for i := 0; i < len(args); i++ {
		first := args[i]
		if i+1 < len(args) && torn(verb, first, args[i+1]) {
			last := args[i+1]
			if i++; last.value == "" && last.hasValue && i+1 < len(args) && !args[i+1].hasValue && !args[i+1].comment {
				i++ // retry = 3
				last = args[i]
			}
			r.tornArgument(verb, first, last)
			continue
		}
		r.argument(d, verb, first)
	}
	return d
}

// words reads arguments that have no key. It reports whether all are there.
func (r *reader) words(d *Directive, verb Verb, args string, pos token.Pos) bool {
	for _, w := range verb.Words {
		skip := len(args) - len(strings.TrimLeft(args, " \t"))
		args, pos = args[skip:], pos+token.Pos(skip)
		text := strings.TrimRight(args, " \t\r")
		if w.Type != TypeText {
			text = plain(text)
		}
		at := r.span(pos, pos+token.Pos(len(text)))
		if text == "" || strings.HasPrefix(text, "//") {
			r.report(missingWord(span{d.Pos, d.End}, verb, w))
			return false
		}
		v, problem := w.read(text)
		if v.Pos, v.End = at.both(); problem != "" {
			r.report(badValue(at, w, text, problem))
			return false
		}
		d.values[w.Name] = v
		args, pos = args[len(text):], pos+token.Pos(len(text))
	}
	if rest := strings.TrimLeft(args, " \t\r"); rest != "" {
		start := pos + token.Pos(len(args)-len(rest))
		at := r.span(start, start+token.Pos(len(rest)))
		if strings.HasPrefix(rest, "//") {
			r.report(trailingComment(at, d, rest))
		} else {
			r.report(unknownWord(at, plain(rest), verb))
		}
	}
	return true
}

// torn reports whether two words are one argument with a space at its equals sign.
func torn(verb Verb, a, b word) bool {
	if b.key == "" && b.hasValue {
		return !a.hasValue
	}
	_, key := verb.key(b.key)
	return a.hasValue && a.value == "" && !b.hasValue && !b.comment && !key
}

// tornArgument reports an argument with a space at its equals sign.
func (r *reader) tornArgument(verb Verb, a, b word) {
	key, ok := verb.key(a.key)
	at := r.span(a.pos, min(a.end, a.pos+token.Pos(max(len(a.key), 1))))
	if !ok {
		r.report(unknownKey(at, a, verb))
		return
	}
	value := b.value
	if !b.hasValue {
		value = b.key
	}
	r.report(missingValue(at, key, &tornAt{r.span(a.pos, b.end), value}))
}

// argument adds one argument to d, or says why not.
func (r *reader) argument(d *Directive, verb Verb, w word) {
	at := r.span(w.pos, w.end)
	keyAt := r.span(w.pos, min(w.end, w.pos+token.Pos(max(len(w.key), 1))))
	switch {
	case w.comment:
		r.report(trailingComment(at, d, w.key))
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
		r.report(missingValue(keyAt, key, nil))
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
		r.report(duplicateKey(at, keyAt, w.key, first, v))
		return
	}
	d.values[w.key] = v
}

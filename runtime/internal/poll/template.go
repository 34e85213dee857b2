package poll

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// place is where a placeholder stands; it says how a value is escaped.
type place uint8

const (
	nowhere  place = iota // it may not stand there
	inPath                // of a URL
	inQuery               // of a URL
	inHeader              // in a header's value
	inString              // inside a string of JSON
	inJSON                // for a value of JSON
	inBody                // of another type
)

// template is text with placeholders.
type template []part

type part struct {
	text string   // as it is, unless path is set
	path []string // of the data
	at   place
}

var placeholder = regexp.MustCompile(`\{([A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z_][A-Za-z0-9_-]*)*)\}`)

// parse takes a text apart. at says where the byte of an offset stands.
func parse(text string, has func([]string) bool, at func(offset int) place) (template, error) {
	var t template
	last := 0
	for _, m := range placeholder.FindAllStringSubmatchIndex(text, -1) {
		name := text[m[2]:m[3]]
		p := part{path: strings.Split(name, "."), at: at(m[0])}
		switch {
		case p.at == nowhere:
			return nil, fmt.Errorf("the placeholder {%s} stands before the path: the data may not choose the server", name)
		case !has(p.path):
			return nil, fmt.Errorf("the placeholder {%s} is not in the data: write the name that the field has in JSON; it has to be a text, a number or a bool there", name)
		}
		t = append(t, part{text: text[last:m[0]]}, p)
		last = m[1]
	}
	return append(t, part{text: text[last:]}), nil
}

// bodyTemplate reads a body of JSON.
func bodyTemplate(text string, has func([]string) bool) (template, error) {
	inside := make([]bool, len(text)+1) // a string, by offset
	in, escaped := false, false
	for i := range len(text) {
		inside[i] = in
		switch {
		case escaped:
			escaped = false
		case in && text[i] == '\\':
			escaped = true
		case text[i] == '"':
			in = !in
		}
	}
	t, err := parse(text, has, func(offset int) place {
		if inside[offset] {
			return inString
		}
		return inJSON
	})
	if err == nil && !json.Valid([]byte(t.with("0"))) {
		err = errors.New("its body is not JSON; set the header Content-Type for another type")
	}
	return t, err
}

// with is the text with v in place of each value.
func (t template) with(v string) string {
	var b strings.Builder
	for _, p := range t {
		if p.path != nil {
			b.WriteString(v)
		} else {
			b.WriteString(p.text)
		}
	}
	return b.String()
}

func (t template) fixed() bool { return len(t) <= 1 }

// constant is the text of a template without placeholders.
func (t template) constant() string { return t.with("") }

// fill puts the values of the data in.
func (t template) fill(data map[string]any) (string, error) {
	var b strings.Builder
	for _, p := range t {
		if p.path == nil {
			b.WriteString(p.text)
			continue
		}
		v, err := p.value(data)
		if err != nil {
			return "", fmt.Errorf("the placeholder {%s}: %w", strings.Join(p.path, "."), err)
		}
		b.WriteString(v)
	}
	return b.String(), nil
}

// value is what the data has for a placeholder, escaped. What is not there, or null,
// is an empty text.
func (p part) value(data map[string]any) (string, error) {
	var v any = data
	for _, name := range p.path {
		object, ok := v.(map[string]any)
		if !ok && v != nil {
			return "", errors.New("the data has no such field")
		}
		v = object[name]
	}
	if p.at == inJSON {
		b, err := json.Marshal(v)
		return string(b), err
	}
	var text string
	switch v := v.(type) {
	case nil:
	case string:
		text = v
	case json.Number:
		text = v.String()
	case bool:
		text = fmt.Sprint(v)
	default:
		return "", errors.New("what the data has there is not a text, a number or a bool")
	}
	switch p.at {
	case inPath:
		if text == "" {
			return "", errors.New("it is empty, and stands in a path")
		}
		return url.PathEscape(text), nil
	case inQuery:
		return url.QueryEscape(text), nil
	case inHeader:
		if !headerValue(text) {
			return "", errors.New("the value has a line break in it")
		}
		return text, nil
	case inString:
		b, err := json.Marshal(text)
		if err != nil {
			return "", err
		}
		return string(b[1 : len(b)-1]), nil
	}
	return text, nil
}

// read reads the data.
func read(data []byte) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	values := map[string]any{}
	if err := d.Decode(&values); err != nil {
		return nil, fmt.Errorf("the data is no object of JSON: %w", err)
	}
	return values, nil
}

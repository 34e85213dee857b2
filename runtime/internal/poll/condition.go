package poll

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Condition says which answer is waited for. All that is set has to hold.
type Condition struct {
	Status   int    // of the answer; 0 is any of 200 to 299
	Path     string // into the answer's JSON: order.lines[0].state
	Equals   any    // what is there, compared as JSON
	Contains string // the body contains it
}

// matcher is a Condition that was read.
type matcher struct {
	Condition
	path   []any // names and indexes
	equals []byte
}

func (c Condition) matcher() (matcher, error) {
	m := matcher{Condition: c}
	if c.Status != 0 && (c.Status < 100 || c.Status > 599) {
		return m, fmt.Errorf("its status %d is none", c.Status)
	}
	if c.Path == "" {
		if c.Equals != nil {
			return m, errors.New("it has Equals and no Path")
		}
		return m, nil
	}
	var err error
	if m.path, err = parsePath(c.Path); err != nil {
		return m, err
	}
	m.equals, err = json.Marshal(c.Equals)
	return m, err
}

// parsePath reads a path: names with dots between them, and [n] for an element of a
// list. A $ may stand in front.
func parsePath(text string) ([]any, error) {
	bad := fmt.Errorf("its path %q is none: write names and indexes, as in order.lines[0].state", text)
	rest := strings.TrimPrefix(strings.TrimPrefix(text, "$"), ".")
	var path []any
	for rest != "" {
		if index, ok := strings.CutPrefix(rest, "["); ok {
			number, after, closed := strings.Cut(index, "]")
			n, err := strconv.Atoi(number)
			if !closed || err != nil || n < 0 {
				return nil, bad
			}
			path, rest = append(path, n), after
		} else {
			end := strings.IndexAny(rest, ".[")
			if end < 0 {
				end = len(rest)
			}
			if end == 0 {
				return nil, bad
			}
			path, rest = append(path, rest[:end]), rest[end:]
		}
		if after, dot := strings.CutPrefix(rest, "."); dot {
			if after == "" || after[0] == '[' {
				return nil, bad
			}
			rest = after
		} else if rest != "" && rest[0] != '[' {
			return nil, bad
		}
	}
	return path, nil
}

// miss says what is not as it is waited for; "" when the answer is the one.
func (m matcher) miss(r Response) string {
	switch {
	case m.Status == 0 && (r.Status < 200 || r.Status > 299), m.Status != 0 && r.Status != m.Status:
		return fmt.Sprintf("the status is %d", r.Status)
	case m.Contains != "" && !bytes.Contains(r.Body, []byte(m.Contains)):
		return fmt.Sprintf("the status is %d, and the body does not contain %q", r.Status, m.Contains)
	case m.Path == "":
		return ""
	}
	var body any
	d := json.NewDecoder(bytes.NewReader(r.Body))
	d.UseNumber()
	if err := d.Decode(&body); err != nil {
		return fmt.Sprintf("the status is %d, and the body is not JSON", r.Status)
	}
	for _, step := range m.path {
		found := false
		switch step := step.(type) {
		case string:
			var object map[string]any
			if object, found = body.(map[string]any); found {
				body, found = object[step]
			}
		case int:
			if list, ok := body.([]any); ok && step < len(list) {
				body, found = list[step], true
			}
		}
		if !found {
			return fmt.Sprintf("the status is %d, and there is nothing at %s", r.Status, m.Path)
		}
	}
	if !m.same(body) {
		return fmt.Sprintf("the status is %d, and what is at %s is another value", r.Status, m.Path)
	}
	return ""
}

// same compares a value of the answer with what is waited for: numbers by value.
func (m matcher) same(got any) bool {
	if n, ok := got.(json.Number); ok {
		if bytes.Equal(m.equals, []byte(n)) {
			return true
		}
		a, err := n.Float64()
		b, err2 := strconv.ParseFloat(string(m.equals), 64)
		return err == nil && err2 == nil && a == b && math.Abs(a) < 1<<53 // beyond it digits get lost
	}
	var want any
	d := json.NewDecoder(bytes.NewReader(m.equals))
	d.UseNumber()
	if err := d.Decode(&want); err != nil {
		return false
	}
	a, err := json.Marshal(got)
	b, err2 := json.Marshal(want)
	return err == nil && err2 == nil && bytes.Equal(a, b)
}

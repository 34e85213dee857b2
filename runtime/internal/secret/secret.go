// Package secret keeps the values of fields tagged wfe:"secret" out of what people
// read: errors, logs, traces. The values themselves are stored and handed on like
// any others.
//
// It looks at values by reflection, since it is needed only where something has
// failed or is logged; Has keeps it away from types without a secret.
package secret

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Mask stands for a secret.
const Mask = "[secret]"

// shortest is how long a value is at least that is looked for: shorter ones occur
// in any text.
const shortest = 3

// Has reports whether a value of type t may hold a secret.
func Has(t reflect.Type) bool {
	if has, ok := known.Load(t); ok {
		return has.(bool)
	}
	has := search(t, map[reflect.Type]bool{})
	known.Store(t, has)
	return has
}

var known sync.Map // reflect.Type to bool

func search(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return search(t.Elem(), seen)
	case reflect.Map:
		return search(t.Key(), seen) || search(t.Elem(), seen)
	case reflect.Interface: // it may hold anything
		return true
	case reflect.Struct:
		for i := range t.NumField() {
			if f := t.Field(i); saved(f) && (tagged(f) || search(f.Type, seen)) {
				return true
			}
		}
	}
	return false
}

// field is one of a struct that is stored.
type field struct {
	index       int
	tagged, has bool // it is a secret; it may hold some
}

// fieldsOf returns the fields of a struct type that are stored. It is asked for each
// step of a workflow whose variables might hold a secret.
func fieldsOf(t reflect.Type) []field {
	if of, ok := fields.Load(t); ok {
		return of.([]field)
	}
	var of []field
	for i := range t.NumField() {
		if f := t.Field(i); saved(f) {
			of = append(of, field{i, tagged(f), Has(f.Type)})
		}
	}
	fields.Store(t, of)
	return of
}

var fields sync.Map // reflect.Type to []field

// saved reports whether a field may be part of what is stored. Dependencies are
// not: they are shared with what else runs, and not looked into.
func saved(f reflect.StructField) bool {
	return (f.IsExported() || f.Anonymous) && f.Tag.Get("wfe") != "inject"
}

func tagged(f reflect.StructField) bool {
	return slices.Contains(strings.Split(f.Tag.Get("wfe"), ","), "secret")
}

// Redact returns text with the secrets of the values, which are structs or
// pointers to them, replaced by Mask: as they are, and as JSON, Go and URLs write
// them.
func Redact(text string, values ...any) string { return Source{Values: values}.Redact(text) }

// Of returns the secrets of values as they may be written in a text.
func Of(values ...any) []string {
	var c collection
	for _, v := range values {
		if r := reflect.Indirect(reflect.ValueOf(v)); r.IsValid() && Has(r.Type()) {
			c.walk(r, false)
		}
	}
	return c.found
}

// Source is where secrets come from: Known ones, as Of returns them, and those that
// the Values hold when a text is redacted.
type Source struct {
	Known  []string
	Values []any
}

// Empty reports whether nothing is secret.
func (s Source) Empty() bool { return len(s.Known) == 0 && len(s.Values) == 0 }

// Redact returns text with Mask in place of each secret.
func (s Source) Redact(text string) string {
	if text == "" {
		return text
	}
	found := append(Of(s.Values...), s.Known...)
	// The longest first: one may be a part of another.
	slices.SortFunc(found, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	for _, f := range found {
		text = strings.ReplaceAll(text, f, Mask)
	}
	return text
}

// collection is the secrets of some values.
type collection struct {
	found []string
	seen  map[uintptr]bool // pointers on the way
}

// walk collects what is tagged in v; inside says that v itself is.
func (c *collection) walk(v reflect.Value, inside bool) {
	switch v.Kind() {
	case reflect.Pointer:
		c.follow(v, inside)
	case reflect.Interface:
		if !v.IsNil() && (inside || Has(v.Elem().Type())) {
			c.walk(v.Elem(), inside)
		}
	case reflect.Slice, reflect.Array:
		if inside && v.Type().Elem().Kind() == reflect.Uint8 {
			c.add(octets(v))
			return
		}
		for i := range v.Len() {
			c.walk(v.Index(i), inside)
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			c.walk(it.Key(), inside)
			c.walk(it.Value(), inside)
		}
	case reflect.Struct:
		for _, f := range fieldsOf(v.Type()) {
			if in := inside || f.tagged; in || f.has {
				c.walk(v.Field(f.index), in)
			}
		}
	default:
		if inside {
			c.add(scalar(v))
		}
	}
}

// follow walks on behind a pointer, once.
func (c *collection) follow(v reflect.Value, inside bool) {
	if v.IsNil() || c.seen[v.Pointer()] {
		return
	}
	if c.seen == nil {
		c.seen = map[uintptr]bool{}
	}
	c.seen[v.Pointer()] = true
	c.walk(v.Elem(), inside)
	delete(c.seen, v.Pointer())
}

// add keeps a secret in each of the ways in which it may be written.
func (c *collection) add(s string) {
	if len(s) < shortest {
		return
	}
	quoted := strconv.Quote(s)
	forms := []string{s, quoted[1 : len(quoted)-1], url.QueryEscape(s), url.PathEscape(s)}
	if b, err := json.Marshal(s); err == nil {
		forms = append(forms, string(b[1:len(b)-1]))
	}
	c.found = append(c.found, forms...)
}

// octets returns the bytes of a slice or array of them as text.
func octets(v reflect.Value) string {
	if v.Kind() == reflect.Slice {
		return string(v.Bytes())
	}
	b := make([]byte, v.Len())
	for i := range b {
		b[i] = byte(v.Index(i).Uint())
	}
	return string(b)
}

// scalar is a value as a person would print it.
func scalar(v reflect.Value) string {
	switch {
	case v.Kind() == reflect.String:
		return v.String()
	case v.CanInt():
		return strconv.FormatInt(v.Int(), 10)
	case v.CanUint():
		return strconv.FormatUint(v.Uint(), 10)
	case v.CanFloat():
		return fmt.Sprint(v.Float())
	}
	return ""
}

package wfe

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// unsaved says what of a type encoding/json cannot save, or would lose without a word.
func unsaved(t reflect.Type) []error { return unsavedAt(t, t.String(), t) }

// unsavedAt is unsaved for a type that is found at a path inside of root.
func unsavedAt(t reflect.Type, path string, root reflect.Type) []error {
	var errs []error
	bad := func(at, format string, args ...any) {
		errs = append(errs, fmt.Errorf(at+" "+format, args...))
	}
	seen := map[reflect.Type]bool{}
	var walk func(t reflect.Type, at string)
	walk = func(t reflect.Type, at string) {
		writes := implements(t, jsonMarshaler) || implements(t, textMarshaler)
		reads := implements(t, jsonUnmarshaler) || implements(t, textUnmarshaler)
		switch {
		case t.Kind() != reflect.Interface && writes != reads:
			bad(at, "is of type %s, which has a method to marshal or to unmarshal itself, but not both", t)
			return
		case writes || seen[t]:
			return
		}
		seen[t] = true
		switch t.Kind() {
		case reflect.Chan, reflect.Func, reflect.Complex64, reflect.Complex128, reflect.UnsafePointer:
			bad(at, "is of type %s, which cannot be saved", t)
		case reflect.Interface:
			if t.NumMethod() > 0 {
				bad(at, "is of interface type %s, which cannot be saved: nothing says what to read it into", t)
			}
		case reflect.Map:
			if !isKey(t.Key()) {
				bad(at, "is a map with keys of type %s; they must be strings, integers, or marshal themselves as text", t.Key())
			}
			walk(t.Elem(), at+"[]")
		case reflect.Slice, reflect.Array:
			walk(t.Elem(), at+"[]")
		case reflect.Pointer:
			walk(t.Elem(), at)
		case reflect.Struct:
			names := map[string]string{}
			for f := range t.Fields() {
				own := t.PkgPath() == "" || t.PkgPath() == root.PkgPath()
				switch {
				case f.Name == "_" || f.Tag.Get("json") == "-":
				case f.Anonymous && !f.IsExported() && f.Type.Kind() == reflect.Pointer:
					bad(at+"."+f.Name, "is an embedded pointer that is not exported, which cannot be read again")
				case !f.IsExported() && !(f.Anonymous && transparent(f)):
					if own {
						bad(at+"."+f.Name, `is not exported, so it would be lost; export it, or tag it json:"-"`)
					}
				default:
					if !f.Anonymous || !transparent(f) {
						if other, ok := names[jsonName(f)]; ok {
							bad(at+"."+f.Name, "has the name of %s in JSON, so one of them would be lost", other)
						}
						names[jsonName(f)] = f.Name
					}
					walk(f.Type, at+"."+f.Name)
				}
			}
		}
	}
	walk(t, path)
	return errs
}

// isKey reports whether encoding/json writes and reads maps with such keys.
func isKey(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.String, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return true
	}
	return t.Implements(textMarshaler) && implements(t, textUnmarshaler)
}

// fingerprint identifies what a type looks like in JSON. It differs from what
// wfegen computes for the same type.
func fingerprint(t reflect.Type) uint64 {
	var lines []string
	seen := map[reflect.Type]bool{}
	var walk func(t reflect.Type, name string)
	walk = func(t reflect.Type, name string) {
		if seen[t] {
			return
		}
		seen[t] = true
		switch t.Kind() {
		case reflect.Map, reflect.Slice, reflect.Array, reflect.Pointer:
			walk(t.Elem(), t.Elem().String())
		case reflect.Struct:
			for f := range t.Fields() {
				if f.Tag.Get("json") != "-" {
					lines = append(lines, name+"."+f.Name+" "+f.Type.String()+" "+f.Tag.Get("json"))
					walk(f.Type, f.Type.String())
				}
			}
		}
	}
	walk(t, "") // the outermost type goes without a name, so that renaming it changes nothing
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	return binary.BigEndian.Uint64(sum[:8])
}

package codec

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"
	"strconv"
	"unicode/utf8"
)

// Variables of a function are to be after a crash what they were before it. What JSON cannot say of one that is tagged
// wfe:"exact" is written as another kind of value: a text that is not UTF-8 as an array of its base64, a number that is not
// finite, or the negative zero, as a string. That is rare, so encoding/json is asked first.

// exacts are the fields of a struct that are tagged so, by their names in JSON.
func exacts(t reflect.Type) map[string]int {
	var out map[string]int
	if t.Kind() != reflect.Struct {
		return nil
	}
	for i := range t.NumField() {
		if f := t.Field(i); f.Tag.Get("wfe") == "exact" {
			if out == nil {
				out = map[string]int{}
			}
			name, _, _ := bytes.Cut([]byte(f.Tag.Get("json")), []byte(","))
			out[string(name)] = i
		}
	}
	return out
}

// inexact reports whether a field has a value that JSON cannot say.
func inexact(v reflect.Value) bool {
	if v.Kind() == reflect.String {
		return !utf8.ValidString(v.String())
	}
	return strange(v.Float())
}

// strange reports whether JSON does not say a number, or not that it is the negative zero where zeros are left out.
func strange(f float64) bool { return math.IsNaN(f) || math.IsInf(f, 0) || f == 0 && math.Signbit(f) }

// appendExact appends the struct that v points to, of which these fields are saved exactly.
func appendExact(b []byte, v any, fields map[string]int) ([]byte, error) {
	given := reflect.ValueOf(v).Elem()
	rest := given
	apart := map[string]json.RawMessage{}
	for name, i := range fields {
		f := given.Field(i)
		if !inexact(f) {
			continue
		}
		if len(apart) == 0 {
			rest = reflect.New(given.Type()).Elem()
			rest.Set(given)
		}
		rest.Field(i).SetZero()
		if f.Kind() == reflect.String {
			apart[name] = append(AppendBytes([]byte{'['}, []byte(f.String())), ']')
		} else {
			apart[name] = append(strconv.AppendFloat([]byte{'"'}, f.Float(), 'g', -1, 64), '"')
		}
	}
	if len(apart) == 0 {
		return AppendAny(b, v)
	}
	text, err := json.Marshal(rest.Addr().Interface())
	if err != nil {
		return b, err
	}
	members := map[string]json.RawMessage{}
	if err := json.Unmarshal(text, &members); err != nil {
		return b, err
	}
	for name, value := range apart {
		members[name] = value
	}
	return AppendAny(b, members)
}

// decodeExact reads what appendExact has written.
func decodeExact(b []byte, v any, fields map[string]int) error {
	first := json.Unmarshal(b, v)
	members := map[string]json.RawMessage{}
	if first == nil || json.Unmarshal(b, &members) != nil {
		return first
	}
	into, found := reflect.ValueOf(v).Elem(), map[int]reflect.Value{}
	for name, i := range fields {
		if text := members[name]; len(text) > 0 {
			if value, ok := exactly(text, into.Field(i).Type()); ok {
				found[i] = value
				delete(members, name)
			}
		}
	}
	rest, err := json.Marshal(members)
	if err == nil {
		err = json.Unmarshal(rest, v)
	}
	for i, value := range found {
		into.Field(i).Set(value)
	}
	return err
}

// exactly reads one value that JSON cannot say; false for one that it can.
func exactly(text []byte, t reflect.Type) (reflect.Value, bool) {
	if t.Kind() == reflect.String {
		var one [][]byte
		if text[0] != '[' || json.Unmarshal(text, &one) != nil || len(one) != 1 {
			return reflect.Value{}, false
		}
		return reflect.ValueOf(string(one[0])).Convert(t), true
	}
	name, err := strconv.Unquote(string(text))
	if err != nil {
		return reflect.Value{}, false
	}
	f, err := strconv.ParseFloat(name, 64)
	return reflect.ValueOf(f).Convert(t), err == nil && strange(f)
}

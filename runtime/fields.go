package wfe

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// stepField is an input or an output of a step.
type stepField struct {
	reflect.StructField
	out bool
}

// stepFields returns the inputs and outputs of a step, those that it embeds
// included, by the rules of generated steps.
func stepFields(step reflect.Type) ([]stepField, error) {
	var fields []stepField
	var errs []error
	bad := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("step type %s: "+format, append([]any{step}, args...)...))
	}
	var walk func(t reflect.Type, before []int)
	walk = func(t reflect.Type, before []int) {
		for i := range t.NumField() {
			f := t.Field(i)
			f.Index = append(slices.Clip(before), i)
			found, ok := step.FieldByName(f.Name)
			if f.Name == "_" || !ok || !slices.Equal(found.Index, f.Index) {
				continue // hidden by another field, as Go rules
			}
			mark, marked := f.Tag.Lookup("wfe")
			switch mark {
			case "secret":
				mark, marked = "", false
			case "out,secret":
				mark = "out"
			}
			hidden := f.Tag.Get("json") == "-"
			switch {
			case marked && mark != "out" && mark != "inject":
				bad(`field %s: the tag wfe:%q is not known; there are wfe:"out", wfe:"secret", wfe:"out,secret" and wfe:"inject"`, f.Name, mark)
			case mark == "inject", hidden && !marked:
			case f.Anonymous && !marked && transparent(f):
				if f.Type.Kind() == reflect.Pointer {
					bad("it embeds a pointer, *%s, which is nil when the step is made; embed the struct, or tag it wfe:\"inject\" if it is a dependency", f.Name)
					continue
				}
				walk(f.Type, f.Index)
			case !f.IsExported() && mark == "out":
				bad("output %s is not exported, so it cannot be saved", f.Name)
			case hidden:
				bad(`output %s is tagged json:"-", so it is not saved`, f.Name)
			case f.IsExported():
				fields = append(fields, stepField{f, mark == "out"})
			default:
				bad(`field %s is not exported, so it cannot be saved; tag it wfe:"inject" if it is a dependency, json:"-" if it need not be saved`, f.Name)
			}
		}
	}
	walk(step, nil)
	return fields, errors.Join(errs...)
}

// transparent reports whether the fields of an embedded struct are fields of what embeds it.
func transparent(f reflect.StructField) bool {
	t := f.Type
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Kind() == reflect.Struct && f.Tag.Get("json") == "" && !implements(t, jsonMarshaler) && !implements(t, textMarshaler)
}

var (
	jsonMarshaler   = reflect.TypeFor[json.Marshaler]()
	jsonUnmarshaler = reflect.TypeFor[json.Unmarshaler]()
	textMarshaler   = reflect.TypeFor[encoding.TextMarshaler]()
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// implements reports whether a type, or a pointer to it, has the methods of i.
func implements(t, i reflect.Type) bool { return t.Implements(i) || reflect.PointerTo(t).Implements(i) }

// jsonName is the name of a field in JSON.
func jsonName(f reflect.StructField) string {
	if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
		return name
	}
	return f.Name
}

// wires are the fields of a step that are wired to fields of the data.
type wires []wire

type wire struct{ step, data []int } // indexes

func (w wires) copy(step, data reflect.Value) {
	for _, x := range w {
		step.FieldByIndex(x.step).Set(data.FieldByIndex(x.data))
	}
}

func (w wires) copyBack(data, step reflect.Value) {
	for _, x := range w {
		data.FieldByIndex(x.data).Set(step.FieldByIndex(x.step))
	}
}

// wire finds the fields of the data that have the name and type of the step's
// inputs, or of its outputs. missing are those without one, as `Name Type`.
func (c *core) wire(data, step reflect.Type, out bool) (found wires, missing []string) {
	fields, err := stepFields(step)
	if err != nil {
		c.errs = append(c.errs, err)
	}
	for _, f := range fields {
		if f.out != out {
			continue
		}
		if from, ok := data.FieldByName(f.Name); ok && from.Type == f.Type && saved(data, from) {
			found = append(found, wire{f.Index, from.Index})
		} else {
			missing = append(missing, f.Name+" "+f.Type.String())
		}
	}
	return found, missing
}

// saved reports whether a field of the data is stored, and can always be reached.
func saved(data reflect.Type, f reflect.StructField) bool {
	for i := range f.Index {
		part := data.FieldByIndex(f.Index[:i+1])
		last := i == len(f.Index)-1
		if part.Tag.Get("json") == "-" || last && !part.IsExported() || !last && part.Type.Kind() == reflect.Pointer {
			return false
		}
	}
	return true
}

package wfe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/wfegen/wfe/runtime/codec"
	"github.com/wfegen/wfe/runtime/definition"
)

// boxed is a pointer to a step of a type that is not known when this is compiled.
type boxed struct{ reflect.Value }

// unboxed is a pointer to a step's struct, out of its box if it is in one.
func unboxed(step any) any {
	if b, ok := step.(*boxed); ok {
		return b.Interface()
	}
	return step
}

// reflectedStep is a step without generated code. The Step in it works on boxes.
type reflectedStep struct {
	Step[boxed]
	typ    reflect.Type  // the struct
	proto  reflect.Value // one with its dependencies
	fields []reflect.StructField
	record reflect.Type // what is stored: a struct with a field for each of fields
}

var _ stepType = (*reflectedStep)(nil)

// reflected makes a step of a value that was given to Host.Add. The empty name is
// that of its type.
func reflected(name string, given any) (*reflectedStep, error) {
	v := reflect.ValueOf(given)
	if v.Kind() == reflect.Pointer {
		v = v.Elem() // of nil: the zero Value
	}
	if v.Kind() != reflect.Struct {
		return nil, fmt.Errorf("%T is no step: give a struct, or a pointer to one, whose pointer has Run", given)
	}
	s := &reflectedStep{typ: v.Type(), proto: reflect.New(v.Type()).Elem()}
	s.proto.Set(v) // what becomes of the one that was given is of no account
	if name == "" {
		if name = definition.Kebab(s.typ.Name()); name == "" || strings.Contains(name, "[") {
			return nil, fmt.Errorf("step type %s has no name of its own: give it one by wfe.As(name, step)", s.typ)
		}
	}
	roles, err := stepFields(s.typ)
	if err != nil {
		return nil, err
	}
	var record []reflect.StructField
	var errs []error
	jsonNames := map[string]string{}
	for _, f := range roles {
		s.fields = append(s.fields, f.StructField)
		record = append(record, reflect.StructField{Name: f.Name, Type: f.Type, Tag: f.Tag})
		if other, ok := jsonNames[jsonName(f.StructField)]; ok {
			errs = append(errs, fmt.Errorf("step type %s: fields %s and %s have one name in JSON", s.typ, other, f.Name))
		}
		jsonNames[jsonName(f.StructField)] = f.Name
		errs = append(errs, unsavedAt(f.Type, s.typ.String()+"."+f.Name, s.typ)...)
		if !v.FieldByIndex(f.Index).IsZero() {
			errs = append(errs, fmt.Errorf("step type %s: field %s has a value; what a step works on comes from the data, only dependencies are given here", s.typ, f.Name))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	s.record = reflect.StructOf(record)
	s.Step = Step[boxed]{Name: name, Codec: codec.Codec[boxed]{Schema: fingerprint(s.record), Append: s.append, Decode: s.decode}}
	return s, s.bodies(roles)
}

// bodies finds Run and Undo.
func (s *reflectedStep) bodies(fields []stepField) error {
	switch reflect.New(s.typ).Interface().(type) {
	case interface{ Run(context.Context) error }:
		s.Run = func(b *boxed, ctx context.Context) error {
			return b.Interface().(interface{ Run(context.Context) error }).Run(ctx)
		}
	case interface {
		Run(StepContext) (Result, error)
	}:
		s.Steer = func(b *boxed, ctx StepContext) (Result, error) {
			return b.Interface().(interface {
				Run(StepContext) (Result, error)
			}).Run(ctx)
		}
	default:
		if s.Branch = s.branching(); s.Branch == nil {
			return fmt.Errorf("step type %s: its pointer needs Run(context.Context) error or Run(wfe.StepContext) (wfe.Result, error), or, to branch, Run(wfe.BranchContext[Item]) (wfe.Result, error)", s.typ)
		}
		if err := errors.Join(unsaved(s.Branch.elements.typ)...); err != nil {
			return fmt.Errorf("step type %s branches into what cannot be saved: %w", s.typ, err)
		}
	}
	if _, onValue := s.typ.MethodByName("Run"); onValue {
		for _, f := range fields {
			if f.out {
				return fmt.Errorf("step type %s: its Run has a value receiver, so what it stores in output %s is lost; write func (s *%s) Run", s.typ, f.Name, s.typ.Name())
			}
		}
	}
	if m, ok := reflect.PointerTo(s.typ).MethodByName("Undo"); ok {
		if _, ok := reflect.New(s.typ).Interface().(interface{ Undo(context.Context) error }); !ok {
			return fmt.Errorf("step type %s: its compensation is Undo(context.Context) error; it has %s", s.typ, m.Type)
		}
		s.Undo = func(b *boxed, ctx context.Context) error {
			return b.Interface().(interface{ Undo(context.Context) error }).Undo(ctx)
		}
	}
	return nil
}

func (s *reflectedStep) goType() reflect.Type { return s.typ }

func (s *reflectedStep) write(b []byte, step any) ([]byte, error) {
	return s.Codec.AppendPayload(b, &boxed{reflect.ValueOf(step)})
}

func (s *reflectedStep) read(value []byte, step any) error {
	return s.Codec.Unmarshal(value, &boxed{reflect.ValueOf(step)})
}

// append encodes inputs and outputs.
func (s *reflectedStep) append(b []byte, v *boxed) ([]byte, error) {
	r := reflect.New(s.record)
	for i, f := range s.fields {
		r.Elem().Field(i).Set(v.Elem().FieldByIndex(f.Index))
	}
	text, err := json.Marshal(r.Interface())
	return append(b, text...), err
}

// decode sets inputs and outputs. An empty box gets a step with its dependencies.
func (s *reflectedStep) decode(b []byte, v *boxed) error {
	if !v.IsValid() {
		v.Value = reflect.New(s.typ)
		v.Elem().Set(s.proto)
	}
	r := reflect.New(s.record)
	if err := json.Unmarshal(b, r.Interface()); err != nil {
		return err
	}
	for i, f := range s.fields {
		v.Elem().FieldByIndex(f.Index).Set(r.Elem().Field(i))
	}
	return nil
}

// codecOfReflected is the codec of a step without generated code for one who knows its type.
func codecOfReflected[S any](s *reflectedStep) codec.Codec[S] {
	return codec.Codec[S]{Schema: s.Codec.Schema,
		Append: func(b []byte, v *S) ([]byte, error) { return s.append(b, &boxed{reflect.ValueOf(v)}) },
		Decode: func(b []byte, v *S) error { return s.decode(b, &boxed{reflect.ValueOf(v)}) }}
}

package model

import (
	"go/token"
	"strings"
)

// Field is a field of a struct.
type Field struct {
	Name     string // Go name; the type's name for an embedded one
	Type     TypeID
	Tag      string // the whole tag, unquoted
	Embedded bool
	Exported bool
	Doc      string
	Pos      token.Position // of the name; foreign types read from export data have a line only

	// Path is the way to it from a value of the struct it was asked of. For one of its own fields, one element. Go's
	// promotion makes x.Name the same field.
	Path []Elem

	Role Role // what the field is to a step; RoleNone in any other struct
}

// Elem is one selector in the way to a field.
type Elem struct {
	Name    string
	Type    TypeID // of the field, before any dereference
	Pointer bool   // an embedded pointer that leads on to the next element
}

// Selector is the path as Go writes it after a value: "Base.ID".
func (f Field) Selector() string { return selector(f.Path) }

func selector(path []Elem) string {
	names := make([]string, len(path))
	for i, e := range path {
		names[i] = e.Name
	}
	return strings.Join(names, ".")
}

// Role is what a field is to a step.
type Role uint8

// The roles of fields.
const (
	RoleNone   Role = iota
	RoleIn          // an input
	RoleOut         // tagged wfe:"out"
	RoleInject      // tagged wfe:"inject"
	RoleHidden      // tagged json:"-": the step's own business
)

// Object is a struct as a JSON object.
type Object struct {
	// Ident is a stem for names of functions: append<Ident>, decode<Ident> and member<Ident> are free in the package, and
	// no other Object or Type has it.
	Ident   string
	Type    TypeID   // the struct
	Members []Member // in the order of encoding/json
	Clashes []Clash  // names that encoding/json drops because two fields have them
}

// Member is a member of an Object.
type Member struct {
	Name string // as in JSON, not escaped
	Type TypeID
	Path []Elem // way to the field from a value of the struct

	OmitEmpty bool
	OmitZero  bool
	Quoted    bool // option "string", on a kind to which it applies
}

// Selector is the path as Go writes it after a value: "Base.ID".
func (m Member) Selector() string { return selector(m.Path) }

// Clash is a JSON name that several fields of one depth have.
type Clash struct {
	Name   string
	Fields []Field
}

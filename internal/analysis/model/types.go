package model

import "strconv"

// TypeID is the index of a type in [Types]. The zero TypeID is no type.
type TypeID int

// Types is the table of a package's types. Its first entry is unused.
type Types []Type

// At returns the type with the given id; it is not to be changed.
func (ts Types) At(id TypeID) *Type { return &ts[id] }

// Type is a Go type: its name, if it has one, together with the structure of its underlying type.
type Type struct {
	ID   TypeID
	Kind Kind

	// A named type. Pkg is empty for a predeclared one (error). An unnamed type has no Name; that of a basic kind has
	// the kind as its Name ("int", "byte" is "uint8").
	Name    string
	Pkg     string // import path
	PkgName string
	Args    []TypeID // of an instantiated generic type

	Elem TypeID // of a pointer, slice, array, map, chan
	Key  TypeID // of a map
	Len  int64  // of an array

	Dir  string      // of a chan: "chan", "<-chan", "chan<-"
	Sigs []Signature // of an interface, its methods by name; of a func, one without a name

	Fields []Field // of a struct, its own ones
	Object *Object // of a struct

	Methods    Methods
	Empty      bool // an interface without methods (any)
	Comparable bool

	// Nameable: code of the package the table was made for can write the type. Not so for another package's unexported
	// types, types local to a function, and what is made of one of these.
	Nameable bool

	Encode, Decode Form
	KeyEncode      KeyForm // as a key of a map
	KeyDecode      KeyForm
	AddrMatters    bool // encoding differs where a value is not addressable; see the package comment

	Ident string // stem for names of functions, as Object.Ident; of a struct the same one
	Codec string // the variable that holds the type's codec: codecOrder; empty for a type that needs none
	Alias string // how generated code calls the type, where a variable would hide its name; see Locals
}

// Named reports whether the type has a declared name (basic types do not).
func (t *Type) Named() bool { return t.Name != "" && !t.Basic() }

// Basic reports whether it is a predeclared type such as int or string.
func (t *Type) Basic() bool { return t.Pkg == "" && t.Name == t.Kind.String() && t.Kind.scalar() }

// Kind is the kind of a type, or of its underlying type.
type Kind uint8

// The kinds.
const (
	Invalid Kind = iota
	Bool
	Int
	Int8
	Int16
	Int32
	Int64
	Uint
	Uint8
	Uint16
	Uint32
	Uint64
	Uintptr
	Float32
	Float64
	Complex64
	Complex128
	String
	UnsafePointer
	Pointer
	Slice
	Array
	Map
	Struct
	Interface
	Chan
	Func
)

func (k Kind) scalar() bool { return k >= Bool && k <= UnsafePointer }

// Int reports whether k is a signed integer.
func (k Kind) Int() bool { return k >= Int && k <= Int64 }

// Uint reports whether k is an unsigned integer.
func (k Kind) Uint() bool { return k >= Uint && k <= Uintptr }

// Float reports whether k is a floating-point number.
func (k Kind) Float() bool { return k == Float32 || k == Float64 }

func (k Kind) String() string {
	names := [...]string{"invalid", "bool", "int", "int8", "int16", "int32", "int64", "uint", "uint8", "uint16", "uint32",
		"uint64", "uintptr", "float32", "float64", "complex64", "complex128", "string", "unsafe.Pointer", "pointer",
		"slice", "array", "map", "struct", "interface", "chan", "func"}
	if int(k) >= len(names) {
		return "Kind(" + strconv.Itoa(int(k)) + ")"
	}
	return names[k]
}

// Form is how a value is encoded or decoded. See the package comment.
type Form uint8

// The forms.
const (
	FormNone Form = iota
	FormKind
	FormBytes
	FormTime
	FormRaw
	FormNumber
	FormJSON
	FormText
	FormStd
)

// KeyForm is how a key of a map becomes a name in JSON.
type KeyForm uint8

// The forms of keys.
const (
	KeyNone KeyForm = iota // encoding/json refuses a map with it
	KeyString
	KeyInt
	KeyUint
	KeyText // its own MarshalText or UnmarshalText
)

// Receiver is whether a type has a method, and on what.
type Receiver uint8

// The receivers.
const (
	Absent    Receiver = iota
	OnValue            // in the method set of T
	OnPointer          // in that of *T only
)

// Methods are the methods of a type that encoding/json looks for.
type Methods struct {
	MarshalJSON, UnmarshalJSON Receiver
	MarshalText, UnmarshalText Receiver
	IsZero                     Receiver
	Promoted                   string // the embedded field from which the first of the four marshalling ones comes, if any
}

// Signature is a method of an interface, or the type of a func.
type Signature struct {
	Name     string
	Params   []TypeID // of a variadic one the last is a slice
	Results  []TypeID
	Variadic bool
}

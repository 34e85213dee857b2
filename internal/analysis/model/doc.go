// Package model holds what wfegen knows about an annotated package, as pure data.
//
// It is the border between reading source code and writing it. Whatever reads (extract) fills it in, whatever judges
// (check) and whatever writes (gen) only looks at it. Nothing in it refers to a syntax tree or to go/types, so a model
// can be built by hand in a test, and an emitter cannot be tempted to look anything up.
//
// # The model decides, emitters write
//
// Names, order and sorting are settled here. Every slice stands in the order in which it is to be written; every
// identifier of generated code that could collide with one of the user's ([Builder.New], [Dependency.Param],
// [Type.Ident], [Object.Ident], [Type.Codec]) has been chosen to be free in the package. An emitter ranges over slices,
// never over maps, and invents no name but those of variables in functions, which are [Locals].
//
// # Types
//
// A [Package] has one table of types, [Types]. A [TypeID] is an index into it, the same Go type (by identity) has one
// id, and types refer to one another by id, so a recursive type is no special case. A named type carries its name and
// the structure of its underlying type in one entry: Kind is the underlying kind, and Elem, Key, Len, Fields, Object are
// filled in as that kind has them. What a type is called is Name, Pkg and Args; a type without a Name is written out by
// its structure. The table is made for one package: [Type.Nameable] says whether source code of that package can write
// the type.
//
// # How codec emission uses it
//
// The reference for every choice is json.Marshal(&v) and json.Unmarshal(b, &v) of encoding/json; what that does with a
// type is already decided in [Type.Encode] and [Type.Decode], separately, because a type may have only one half of a
// marshaller:
//
//   - FormKind: by Kind. A struct is the [Type.Object] written as a JSON object; a slice, array, map, pointer goes on
//     with Elem; a scalar is itself (the kind, not the name, decides).
//   - FormBytes, FormTime, FormRaw, FormNumber: []byte, time.Time, json.RawMessage, json.Number.
//   - FormJSON, FormText: the type's own MarshalJSON/UnmarshalJSON or MarshalText/UnmarshalText. Called on a pointer
//     to the value, the call is right for either receiver.
//   - FormStd: through encoding/json (interfaces, and what generated code cannot name or reach).
//   - FormNone: encoding/json refuses the type. A package whose model holds such a type in something to be serialised
//     has been refused by check before an emitter sees it.
//
// Functions are written for [Package.Codecs], in that order: append<Ident> and decode<Ident> of [Type.Ident]. The list
// holds every struct and every named slice, array, map and pointer that is reached and has FormKind in one direction at
// least. A type that is not in the list has no name of its own to recurse through, so code for it is written in place,
// where it is used, and this ends.
//
// A step is never encoded as a whole: what is recorded of it is the [Step.Record] object, which is one over the step's
// struct with fewer members, the inputs and the outputs, and with an Ident of its own.
//
// A [Member] is one JSON member in the order of encoding/json, promoted ones included: Path is the way to the field from
// a value of the struct, and an element of the path with Pointer set is an embedded pointer (encode: the member is
// absent when it is nil; decode: allocate it first, which encoding/json refuses for an unexported type).
//
// A map value and what it holds by value is not addressable, so there encoding/json does not call a marshaller that
// has a pointer receiver. [Type.AddrMatters] marks the types for which this makes a difference; a map of such values is
// encoded through encoding/json.
package model

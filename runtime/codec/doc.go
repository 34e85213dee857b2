// Package codec turns Go values into the bytes that are stored, and back, without reflection.
//
// Generated code has one append and one decode function per struct; they call the functions here. What nothing was
// generated for goes through encoding/json ([JSON]), with the same bytes as a result.
//
// Guarantees:
//   - The bytes written are the bytes encoding/json writes for the same type, HTML escapes and map order included.
//   - An input is accepted exactly when encoding/json accepts it, and leaves the same value, in a fresh variable and in
//     one that already holds something. A slice has no room behind its elements.
//   - An error names the field it is about and the place in the input ([*Error]).
//
// Differences from encoding/json: decoding stops at the first error instead of going on past a value of the wrong type,
// and a value that nests deeper than [MaxDepth] structs, or holds itself, is an error of encoding.
//
// What is stored is a payload: an envelope that says how the body is encoded, and the body (see [SplitHeader]).
//
// Not here: streams, options, indentation, other formats. A Decoder reads one value that is wholly in memory.
package codec

// Package flow compiles plain-Go workflow functions.
//
// Such a function is ordinary Go around calls of the runtime: steps, waits, sagas. Where such a call stands, a pointer can
// rest: it becomes a node. If, switch and for around calls become nodes too. All other code belongs to the edge between two
// nodes, or to a node as its condition, key or input, and is copied as it stands into a function literal of its own, a
// unit, in generated code that builds the workflow as a builder function would.
//
// What changes from unit to unit is how variables are reached. One that is used in another unit than the one that declares
// it is saved with the instance: it lies in the frame of the function, or of the round or element of the loop around its
// declaration.
//
// Compile does no more than that. Hazards finds what would behave differently, and reports it.
package flow

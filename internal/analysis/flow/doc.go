// Package flow compiles plain-Go workflow functions.
//
// Such a function is ordinary Go around calls of the runtime: steps, waits, sagas. Where such a call stands, a pointer can
// rest: it becomes a node. If, switch and for around calls become nodes too. All other code belongs to the edge between two
// nodes, or to a node as its condition, key or input, and is copied as it stands into a function literal of its own, a
// unit, in generated code that builds the workflow as a builder function would.
//
// What changes from unit to unit is how variables are reached. One whose value is read in another unit than the one that
// gives it is saved with the instance: it lies in the frame of the function, or of the round or element of the loop around
// its declaration. What cannot be saved, an error most of all, reaches further where that can be: what asks for it up to the
// first call is decided in the unit that has it, and the answer is saved.
//
// Compile does no more than that. Hazards finds what would behave differently, and reports it: first the forms, a statement
// at a time (hazards_form, hazards_plain, and what they call: hazards_pure, hazards_std, hazards_order, hazards_zone, ...),
// then what depends on the way through the function (hazards_walk and its neighbours: what shares memory, what is saved, what
// runs beside others).
package flow

// Package definition holds the immutable graph that a workflow is compiled to.
//
// A Definition is data: it can be stored, hashed, compared and drawn, and it
// holds no code. What runs at a node (conditions, bindings) is found by the
// node's index in the binding that was made together with the definition.
//
// The package guarantees that a Definition that passed Validate is whole: ids are unique,
// every index points to a node, every path is reachable. It does not run
// anything and knows nothing of instances.
package definition

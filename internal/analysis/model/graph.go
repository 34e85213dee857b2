package model

import (
	"go/token"

	"github.com/wfegen/wfe/runtime/definition"
)

// Graph is what a workflow function builds, as it stands in the source.
type Graph struct {
	Definition *definition.Definition // with the hash of each node's code; without a contract, which takes the types
	Structure  string                 // hash of the definition's structure
	Nodes      []Node                 // by index
}

// Node is a node of a graph in the source.
type Node struct {
	Pos, End token.Position // of the name of the call that adds it
	Code     []Code         // what is given to it, in order
	Method   *Method        // of the builder, where that adds the node
	Step     string         // name of the step's type as this package writes it: mail.SendReceipt
	Inputs   []Field        // of the step that the author sets: those that Method needs, or all
	Outputs  []Field        // of the step
	Asks     bool           // the step's directive says compensate=none
	Elem     TypeID         // of the elements that wfe.Each saves; else Invalid
	Dropped  string         // the step that compensate= names, where what adds the node does not wire it
}

// Code is a function that runs with an instance.
type Code struct {
	Pos      token.Position
	What     string // it is to the node: "condition", "inputs"
	Block    int    // to which a condition leads
	Text     string // its source on one line: the body of a function literal, or the value that this returns
	Constant *bool  // what a condition always is; nil if it is not always the same
	Writes   []Write
	Fields   []string // of the step or event that it is given: those that it sets or reads, as it writes them
	Sets     []string // those of Fields to which it assigns
	Whole    bool     // it hands the step or event on as a whole, so that it may set or read every field
}

// The functions of a node that are looked into.
const (
	CodeInputs  = "inputs"    // sets the inputs of a step
	CodeOutputs = "outputs"   // stores the outputs of a step
	CodeEvent   = "event"     // stores an event
	CodeResult  = "result"    // stores the data of a child at its end
	CodeChange  = "change"    // changes the data
	CodeFunc    = "function"  // is a step, on a copy of the data
	CodeIf      = "condition" // decides whether a block runs
	CodeCancel  = "cancel condition"
)

// Write is a change of data.
type Write struct {
	Pos  token.Position
	Path string // of the field, as it is written: Items, Address.City
	Adds bool   // to what is there: append, +=, an element of a map
	Text string // of the value, when that is a constant
}

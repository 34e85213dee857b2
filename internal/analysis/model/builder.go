package model

import "go/token"

// Builder is the typed builder of workflows over one data type, in the package of those workflows.
type Builder struct {
	Name string // OrderBuilder; orderBuilder for an unexported data type
	New  string // its constructor: newOrderBuilder
	Step string // the generic type that step methods return: OrderStep
	Data TypeID // the data type, possibly of another package
	Pos  token.Position

	Methods []*Method // one for each step of the package, by name
	Taken   []string  // methods that it has anyway, sorted: no step's method can be called so
	Loops   []*Loop   // one for each slice field of the data, by name
}

// Method is the builder's method that adds a step.
type Method struct {
	Name string // of the method
	Step *Step

	In      []Wire  // inputs read from the data: To is a field of the step, From one of the data
	Need    []Field // inputs that are not: with any, the method takes func(o *D, s *S)
	Out     []Wire  // outputs stored in the data: To is a field of the data, From one of the step
	Unsaved []Field // outputs that are not

	Undo []Wire // inputs of the compensating step read from the data (Compensation.Rest): To is a field of that step
}

// Loop is the builder's method that loops over a slice field.
type Loop struct {
	Name string // of the method: ForEachItems
	ID   string // of the node: for-items
	Item string // name of the body's parameter: item
	From Field  // the field of the data
	Elem TypeID
}

package model

// Flow is what a plain-Go workflow function is compiled to: a function that builds the workflow.
type Flow struct {
	Compile string // the name of that function: compileOrderPipeline
	Var     string // the variable that describes the workflow: orderPipelineCompiled
	Data    TypeID
	Vars    *Frame   // the saved variables of the function; they may be none
	Frames  []*Frame // those of rounds and elements, in the order of the source
	Builder string   // the name of the function's parameter
	Body    Source
	Codecs  []TypeID // of which generated code hands the codecs to the runtime
	Imports []Import // packages that Body names
	Locals  []string // names of variables in Body, sorted: no package is called so
	From    []Origin // the functions that it was compiled from, by name
}

// Declares are the names that generated code declares for f.
func (f *Flow) Declares() []string {
	out := []string{f.Compile, f.Var, f.Vars.Name}
	for _, frame := range f.Frames {
		out = append(out, frame.Name)
	}
	return out
}

// Frame is a struct of saved variables.
type Frame struct {
	Name string // of the type: orderPipelineVars
	Type TypeID
}

// Origin is a function of the package that a Flow was compiled from.
type Origin struct {
	Name string // of a method with its receiver
	Hash string // of its source: source.Hash
}

// Source is source code of the generated file, in pieces.
type Source []Piece

// Piece is text, or one of what gets its name when all of the package is known.
type Piece struct {
	Text string

	Path, Name string  // what a package declares
	Type       TypeID  // how the package writes a type
	Codec      TypeID  // the variable that holds the codec of a type
	Line       int     // a comment that says that what follows is of that line of File; of the generated file itself with File ""
	File       string  // its name in the folder of the package
	Undo       *Method // how a step is undone by another one: a value for wfe.Use.Undo
}

package model

import "go/token"

// Package is one package with directives.
type Package struct {
	Path      string   // import path
	Name      string   // package name
	Dir       string   // absolute directory
	Requested bool     // matched by the patterns; else only something that a requested package imports
	Files     []string // absolute names of the Go files that were read, sorted; our own output is not one of them

	Data      []*Data       // by name
	Steps     []*Step       // by type name
	Events    []*Event      // by type name
	Workflows []*Workflow   // by function name
	Builders  []*Builder    // by name: one for each data type over which workflows can be written in this package
	Deps      []*Dependency // parameters of NewSteps, in order
	Uses      []*Use        // packages whose steps this one's workflows use, by import path

	Types   Types      // every type the above refers to
	Codecs  []TypeID   // types with functions of their own, by Ident
	Vars    []CodecVar // variables that hold codecs, by name
	Aliases []TypeID   // types with an Alias, by that
	Imports []Import   // every package that a type in Types or Uses belongs to, by path, this one excluded
	Taken   []string   // what the package declares at its top level, sorted: not free in generated code, and hiding predeclared names

	Hides    []Hidden   // predeclared names that the package declares anew, by name
	Declares []Declared // exported and other fixed names that generated code declares, by name

	Host, Own string // names of the first two parameters of Register
}

// CodecVar is a variable that holds a codec.Codec, of a type or of what is recorded of a step.
type CodecVar struct {
	Name string
	Type TypeID
	Step *Step // nil for that of a type
}

// Hidden is a declaration that hides a predeclared name.
type Hidden struct {
	Name string
	Pos  token.Position
}

// Declared is a name that generated code declares, and why.
type Declared struct {
	Name string         // of a method with its receiver: OrderBuilder.ChargeCard
	For  string         // "data Order", "workflow OrderPipeline"; empty for what every package gets
	Pos  token.Position // of what it is for
	User token.Position // of the user's own declaration of the name, which is a diagnostic; else not valid
}

// Import is a package as generated code refers to it.
type Import struct {
	Path string
	Name string // as its package clause says
}

// Use is a step package used by workflows of another one: a parameter of Register.
type Use struct {
	Path  string
	Name  string // package name
	Param string // name of the parameter
}

// Data is a struct marked //wfe:data.
type Data struct {
	Name string // of the type
	Type TypeID
	Doc  string
	Pos  token.Position // of the type's name
}

// Event is a struct marked //wfe:event.
type Event struct {
	Event   string // name under which it is published: name= or the kebab of the type
	Name    string // of the type
	Publish string // its function: PublishApproval
	Signal  string // and the one for a single instance: SignalApproval
	Var     string // the variable that describes it: approvalEvent
	Type    TypeID
	Doc     string
	Pos     token.Position
}

// Workflow is a function marked //wfe:workflow.
type Workflow struct {
	ID      string // id= or the kebab of the function
	Version int    // version=, 1 when absent
	Func    string // name of the function
	Start   string // StartOrderPipeline; startOrderPipeline for an unexported function
	Get     string // GetOrderPipeline
	Ref     string // the variable that names it to both, and to parents: OrderPipelineRef
	Doc     string
	Pos     token.Position
	Plain   bool     // it takes a *wfe.Flow
	Flow    *Flow    // Plain: what it is compiled to; nil when it could not be
	Builder *Builder // of its parameter, or of its data; nil when that could not be resolved (which is a diagnostic)
	Graph   *Graph   // what it builds; nil when that could not be read (which is a diagnostic, or an error of the compiler)
}

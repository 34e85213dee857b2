// Package foreign has types of another package for the zoo: what generated code can reach of them, and what not.
package foreign

// Part is a struct of another package.
type Part struct {
	Name   string
	Grams  grams `json:"grams"`
	Count  Count
	hidden int
}

// Count is a scalar.
type Count uint16

type grams float32

// Inner has a type that other packages cannot name, behind a name of its own.
type Inner = inner

type inner struct {
	A int `json:"a"`
}

// Box holds values of types that cannot be named elsewhere.
type Box struct {
	One  inner
	Many []inner
	Ptr  *inner
	Map  map[string]grams
}

// Embedded is embedded elsewhere. It has scalars of a type that cannot be named there, one with the option "string".
type Embedded struct {
	Grams  grams `json:"grams,string"`
	Weight grams
}

// Inner2 is embedded elsewhere, by a name that its type has not.
type Inner2 = inner2

type inner2 struct {
	B int `json:"b"`
}

// NewPart returns a part with an unexported field that is not zero.
func NewPart(name string) Part { return Part{Name: name, hidden: 1} }

// Hidden is the unexported field.
func (p Part) Hidden() int { return p.hidden }

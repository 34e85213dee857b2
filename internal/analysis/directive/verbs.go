package directive

// Verb is the word behind //wfe: with the arguments it takes.
type Verb struct {
	Name string
	On   Target
	Doc  string
	Keys []Key // by name
}

// Target is the kind of declaration a directive stands above.
type Target string

// The targets.
const (
	OnType Target = "a struct type"
	OnFunc Target = "a function"
)

// Key is an argument of a directive.
type Key struct {
	Name    string
	Type    Type
	Default string   // what holds without it, for people
	Bare    string   // the value of the key alone; empty when it needs one
	Enum    []string // the values of TypeEnum
	Doc     string
}

// Type is what a value has to be.
type Type string

// The types of values.
const (
	TypeName     Type = "name"     // a segment of an id: 1 to 64 bytes of letters, digits, - _ .
	TypeIdent    Type = "ident"    // a Go identifier
	TypeCount    Type = "count"    // an integer from 0, or unlimited
	TypeVersion  Type = "version"  // an integer from 1
	TypeDuration Type = "duration" // a Go duration, more than 0
	TypeFactor   Type = "factor"   // a number from 1
	TypeShare    Type = "share"    // a number from 0 to 1
	TypeEnum     Type = "enum"
)

// Unlimited is the value of a TypeCount without end.
const Unlimited = "unlimited"

// Verbs returns all verbs with their keys, by name. It is the whole grammar: parsing, help and documentation follow it.
func Verbs() []Verb {
	return []Verb{
		{Name: "data", On: OnType, Doc: "the data of workflows; a builder is generated for it"},
		{Name: "event", On: OnType, Doc: "an event that instances wait for", Keys: []Key{
			{Name: "name", Type: TypeName, Default: "the type in kebab case", Doc: "name under which it is published and stored"},
		}},
		{Name: "step", On: OnType, Doc: "a unit of work: a struct with a Run method", Keys: []Key{
			{Name: "backoff", Type: TypeDuration, Default: "1s", Doc: "wait before the first retry"},
			{Name: "compensate", Type: TypeIdent, Default: "the step's own Undo", Doc: "step of this package that undoes it"},
			{Name: "factor", Type: TypeFactor, Default: "2", Doc: "by which each wait is longer than the one before"},
			{Name: "jitter", Type: TypeShare, Default: "0.2", Bare: "0.2", Doc: "share of a wait that is left to chance, 0 to 1"},
			{Name: "max-backoff", Type: TypeDuration, Default: "24h", Doc: "longest wait"},
			{Name: "method", Type: TypeIdent, Default: "the type's name", Doc: "method of the builder that adds the step"},
			{Name: "name", Type: TypeName, Default: "the type in kebab case", Doc: "name in stored definitions"},
			{Name: "on-error", Type: TypeEnum, Default: "suspend, in a saga its rollback", Doc: "what follows when retries are used up",
				Enum: []string{"suspend", "terminate", "compensate", "compensate-retry", "compensate-suspend"}},
			{Name: "retry", Type: TypeCount, Default: "3", Doc: "retries after the first attempt: 0 is none, or unlimited"},
			{Name: "timeout", Type: TypeDuration, Default: "none", Doc: "longest time of one attempt"},
		}},
		{Name: "workflow", On: OnFunc, Doc: "a workflow, written with the builder of its data", Keys: []Key{
			{Name: "id", Type: TypeName, Default: "the function in kebab case", Doc: "id of the definition"},
			{Name: "version", Type: TypeVersion, Default: "1", Doc: "version of the definition"},
		}},
	}
}

func verbNamed(name string) (Verb, bool) {
	for _, v := range Verbs() {
		if v.Name == name {
			return v, true
		}
	}
	return Verb{}, false
}

func (v Verb) key(name string) (Key, bool) {
	for _, k := range v.Keys {
		if k.Name == name {
			return k, true
		}
	}
	return Key{}, false
}

func verbNames() []string {
	var names []string
	for _, v := range Verbs() {
		names = append(names, v.Name)
	}
	return names
}

func (v Verb) keyNames() []string {
	var names []string
	for _, k := range v.Keys {
		names = append(names, k.Name)
	}
	return names
}

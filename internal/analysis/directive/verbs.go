package directive

import (
	"cmp"
	"slices"
)

// Verb is the word behind //wfe: with the arguments it takes.
type Verb struct {
	Name  string `json:"name"`
	On    Target `json:"on"`
	Doc   string `json:"doc"`
	Words []Key  `json:"words,omitempty"` // arguments without a key, in order; one of TypeText takes the rest of the line
	Keys  []Key  `json:"keys,omitempty"`  // by name
}

// Target is what a directive stands above.
type Target string

// The targets.
const (
	OnType      Target = "a struct type"
	OnFunc      Target = "a function"
	OnPackage   Target = "a package clause"
	OnStatement Target = "a statement"
	OnLine      Target = "a line, or behind it"
)

// Key is an argument of a directive.
type Key struct {
	Name    string   `json:"name"`
	Type    Type     `json:"type"`
	Default string   `json:"default,omitempty"` // what holds without it, for people; empty when it has to be there
	Bare    string   `json:"bare,omitempty"`    // the value of the key alone; empty when it needs one
	Enum    []string `json:"enum,omitempty"`    // the values of TypeEnum
	Doc     string   `json:"doc"`
}

// Type is what a value has to be.
type Type string

// The types of values.
const (
	TypeName     Type = "name"     // a segment of an id: 1 to 64 bytes of letters, digits, - _ .
	TypeIdent    Type = "ident"    // a Go identifier
	TypeType     Type = "type"     // the name of a Go type: Item, shop.Item
	TypeCount    Type = "count"    // an integer from 0, or unlimited
	TypeVersion  Type = "version"  // an integer from 1
	TypeDuration Type = "duration" // a Go duration, more than 0
	TypeFactor   Type = "factor"   // a number from 1
	TypeShare    Type = "share"    // a number from 0 to 1
	TypeEnum     Type = "enum"
	TypeCode     Type = "code" // of a finding: WFE2009
	TypeText     Type = "text" // the rest of the line
)

// Unlimited is the value of a TypeCount without end.
const Unlimited = "unlimited"

// None is the value of compensate= for a step that leaves nothing to undo.
const None = "none"

// Verbs returns all verbs with their keys, by name. It is the whole grammar: parsing, help and documentation follow it.
func Verbs() []Verb {
	return []Verb{
		{Name: "data", On: OnType, Doc: "the data of workflows; a builder is generated for it"},
		{Name: "defaults", On: OnPackage, Doc: "settings of the steps of the package that do not say otherwise", Keys: policyKeys()},
		{Name: "event", On: OnType, Doc: "an event that instances wait for", Keys: []Key{
			{Name: "name", Type: TypeName, Default: "the type in kebab case", Doc: "name under which it is published and stored"},
		}},
		{Name: "id", On: OnStatement, Doc: "the id of the node that a statement of a workflow in plain Go becomes", Words: []Key{
			{Name: "name", Type: TypeName, Doc: "the last part of the id"},
		}},
		{Name: "nolint", On: OnLine, Doc: "silences a warning about the line, or about the one below the comment", Words: []Key{
			{Name: "code", Type: TypeCode, Doc: "code of the warning"},
			{Name: "reason", Type: TypeText, Doc: "why it may be ignored"},
		}},
		{Name: "pure", On: OnFunc, Doc: "a function that workflows in plain Go may call between their steps"},
		{Name: "step", On: OnType, Doc: "a unit of work: a struct with a Run method", Keys: byName(append(policyKeys(),
			Key{Name: "branches", Type: TypeType, Default: "it does not branch", Doc: "type of the items for each of which the step's block can run once"},
			Key{Name: "compensate", Type: TypeIdent, Default: "the step's own Undo", Doc: "step of this package that undoes it, or none: it leaves nothing to undo"},
			Key{Name: "method", Type: TypeIdent, Default: "the type's name", Doc: "method of the builder that adds the step"},
			Key{Name: "name", Type: TypeName, Default: "the type in kebab case", Doc: "name in stored definitions"},
		))},
		{Name: "workflow", On: OnFunc, Doc: "a workflow: in plain Go, with a *wfe.Flow and its data, or with the builder of its data", Keys: []Key{
			{Name: "id", Type: TypeName, Default: "the function in kebab case", Doc: "id of the definition"},
			{Name: "version", Type: TypeVersion, Default: "1", Doc: "version of the definition"},
		}},
	}
}

// policyKeys are what a step may say for itself and a package for all its steps.
func policyKeys() []Key {
	return []Key{
		{Name: "backoff", Type: TypeDuration, Default: "1s", Doc: "wait before the first retry"},
		{Name: "factor", Type: TypeFactor, Default: "2", Doc: "by which each wait is longer than the one before"},
		{Name: "jitter", Type: TypeShare, Default: "0.2", Bare: "0.2", Doc: "share of a wait that is left to chance, 0 to 1"},
		{Name: "max-backoff", Type: TypeDuration, Default: "24h", Doc: "longest wait"},
		{Name: "on-error", Type: TypeEnum, Default: "suspend, in a saga its rollback", Doc: "what follows when retries are used up",
			Enum: []string{"suspend", "terminate", "compensate", "compensate-retry", "compensate-suspend"}},
		{Name: "retry", Type: TypeCount, Default: "3", Doc: "retries after the first attempt: 0 is none, or unlimited"},
		{Name: "timeout", Type: TypeDuration, Default: "none", Doc: "longest time of one attempt"},
	}
}

func byName(keys []Key) []Key {
	slices.SortFunc(keys, func(a, b Key) int { return cmp.Compare(a.Name, b.Name) })
	return keys
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

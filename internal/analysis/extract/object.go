package extract

import (
	"cmp"
	"go/types"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/wfegen/wfe/internal/analysis/model"
)

// candidate is a field that might become a member: encoding/json's own notion of a field.
type candidate struct {
	name   string
	tagged bool // the name comes from the tag
	index  []int
	path   []model.Elem
	field  *types.Var
	tag    string
	opts   string
}

// level is an embedded struct still to be looked into.
type level struct {
	typ   types.Type
	index []int
	path  []model.Elem
}

// object returns a struct as encoding/json sees it. It follows typeFields of encoding/json/encode.go, step by step.
func (t *table) object(typ types.Type) model.Object {
	o := model.Object{Type: t.id(typ)}
	var all []candidate
	var visited typeutil.Map
	for next := []level{{typ: typ}}; len(next) > 0; {
		all, next = t.explore(next, &visited, all)
	}
	slices.SortFunc(all, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(len(a.index), len(b.index)),
			boolCompare(b.tagged, a.tagged), slices.Compare(a.index, b.index))
	})
	var kept []candidate
	for len(all) > 0 {
		n := 1
		for n < len(all) && all[n].name == all[0].name {
			n++
		}
		if same := all[:n]; n > 1 && len(same[0].index) == len(same[1].index) && same[0].tagged == same[1].tagged {
			o.Clashes = append(o.Clashes, t.clash(same))
		} else {
			kept = append(kept, same[0])
		}
		all = all[n:]
	}
	slices.SortFunc(kept, func(a, b candidate) int { return slices.Compare(a.index, b.index) })
	for _, c := range kept {
		o.Members = append(o.Members, t.member(c))
	}
	return o
}

// explore looks into the structs of one depth, and returns those embedded in them. A type is looked into once; one that is
// there several times at its first depth gives each field twice, so that these annihilate each other.
func (t *table) explore(current []level, visited *typeutil.Map, all []candidate) ([]candidate, []level) {
	var next []level
	var count typeutil.Map
	for _, l := range current {
		n, _ := count.At(l.typ).(int)
		count.Set(l.typ, n+1)
	}
	for _, l := range current {
		if visited.At(l.typ) != nil {
			continue
		}
		visited.Set(l.typ, true)
		s := l.typ.Underlying().(*types.Struct)
		for i := range s.NumFields() {
			c, inner, ok := t.candidate(l, i)
			switch {
			case !ok:
			case inner != nil:
				next = append(next, level{inner, c.index, c.path})
			default:
				all = append(all, c)
				if count.At(l.typ).(int) > 1 {
					all = append(all, c)
				}
			}
		}
	}
	return all, next
}

// candidate looks at one field. Inner is the struct to look into instead, when it is an embedded one without a name.
func (t *table) candidate(l level, i int) (c candidate, inner types.Type, ok bool) {
	s := l.typ.Underlying().(*types.Struct)
	f := s.Field(i)
	embedded, isStruct := embeddedStruct(f)
	if !f.Exported() && !(f.Embedded() && isStruct) {
		return c, nil, false
	}
	tag := reflect.StructTag(s.Tag(i)).Get("json")
	if tag == "-" {
		return c, nil, false
	}
	name, opts, _ := strings.Cut(tag, ",")
	if !validName(name) {
		name = ""
	}
	c = candidate{
		name: cmp.Or(name, f.Name()), tagged: name != "", field: f, tag: s.Tag(i), opts: opts,
		index: append(slices.Clip(l.index), i), path: append(slices.Clip(l.path), t.elem(f)),
	}
	if name == "" && f.Embedded() && isStruct {
		inner = embedded
	}
	return c, inner, true
}

// embeddedStruct returns the struct that an embedded field stands for, a pointer to one included.
func embeddedStruct(f *types.Var) (types.Type, bool) {
	typ := types.Unalias(f.Type())
	if p, ok := typ.(*types.Pointer); ok {
		typ = types.Unalias(p.Elem())
	}
	_, ok := typ.Underlying().(*types.Struct)
	return typ, ok
}

func boolCompare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

func (t *table) member(c candidate) model.Member {
	kind := kindOf(c.field.Type())
	if p, ok := types.Unalias(c.field.Type()).(*types.Pointer); ok {
		kind = kindOf(p.Elem())
	}
	scalar := kind == model.Bool || kind.Int() || kind.Uint() || kind.Float() || kind == model.String
	path := slices.Clone(c.path)
	path[len(path)-1].Pointer = false // it leads nowhere further
	return model.Member{
		Name: c.name, Type: t.id(c.field.Type()), Path: path,
		OmitEmpty: option(c.opts, "omitempty"), OmitZero: option(c.opts, "omitzero"), Quoted: scalar && option(c.opts, "string"),
	}
}

func option(opts, name string) bool { return slices.Contains(strings.Split(opts, ","), name) }

func (t *table) clash(same []candidate) model.Clash {
	out := model.Clash{Name: same[0].name}
	for i, c := range same {
		if i == 0 || c.field != same[i-1].field {
			out.Fields = append(out.Fields, t.field(c.field, c.tag, c.path[:len(c.path)-1]))
		}
	}
	return out
}

// validName reports whether encoding/json takes a name from a tag.
func validName(s string) bool {
	if s == "" {
		return false
	}
	for _, c := range s {
		if !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", c) && !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			return false
		}
	}
	return true
}

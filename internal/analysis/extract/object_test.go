//lint:file-ignore SA5008 odd tags are what is tested here

package extract

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/internal/analysis/model"
)

// The structs below are read twice: by encoding/json, and by this package from this very file.

type (
	deep   struct{ A, B, Deep int }
	Left   struct{ Twice, Left int }
	Right  struct{ Twice, Right int }
	Tagged struct {
		X int `json:"B"`
	}
	Loop struct {
		*Loop
		V int
	}
	myInt  int
	Number int
)

type plainObject struct {
	A int
	b int
	C int `json:"-"`
	D int `json:"-,"`
	E int `json:"e,omitempty"`
	F int `json:",string"`
	G int `json:"bad\"name"`
	H int `json:"ünï"`
}

type promoted struct {
	deep
	B int
}

type annihilated struct {
	Left
	Right
	Left2 int `json:"Left"`
}

type taggedWins struct {
	Tagged
	deep
}

type named struct {
	Left `json:"left"`
	myInt
	Number
}

type pointers struct {
	*Left
	*deep
}

type diamond struct {
	Inner1
	Inner2
}

type (
	Inner1 struct{ Left }
	Inner2 struct{ Left }
)

type looping struct{ Loop }

func TestObjectsHaveTheMembersOfEncodingJSON(t *testing.T) {
	t.Parallel()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "object_test.go", nil, parser.SkipObjectResolution)
	require.NoError(t, err)
	conf := types.Config{Error: func(error) {}, IgnoreFuncBodies: true}
	pkg, _ := conf.Check("extract", fset, []*ast.File{file}, nil) // imports do not matter here

	for _, value := range []any{
		&plainObject{}, &promoted{}, &annihilated{}, &taggedWins{}, &named{}, &pointers{Left: &Left{}, deep: &deep{}},
		&diamond{}, &looping{Loop{Loop: &Loop{}}},
	} {
		name := reflect.TypeOf(value).Elem().Name()
		tab := newTable(fset, pkg, nil)
		o := tab.object(pkg.Scope().Lookup(name).Type())
		require.Equal(t, members(t, value), memberNames(o), name)
	}
}

// members returns the names of a value's members as encoding/json writes them. E is left out when zero, so it is set.
func members(t *testing.T, value any) []string {
	switch v := value.(type) {
	case *plainObject:
		v.E, v.b = 1, 1
	case *named:
		v.myInt = 1 // which is not written
	}
	out, err := json.Marshal(value)
	require.NoError(t, err)
	dec := json.NewDecoder(bytes.NewReader(out))
	var names []string
	for depth := 0; ; {
		tok, err := dec.Token()
		if err != nil {
			return names
		}
		switch tok := tok.(type) {
		case json.Delim:
			if tok == '{' {
				depth++
			} else {
				depth--
			}
		case string:
			if depth == 1 {
				names = append(names, tok)
				var skip json.RawMessage
				require.NoError(t, dec.Decode(&skip))
			}
		}
	}
}

func memberNames(o model.Object) []string {
	var names []string
	for _, m := range o.Members {
		names = append(names, m.Name)
	}
	return names
}

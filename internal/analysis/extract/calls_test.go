package extract

import (
	"go/types"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/packages"

	"github.com/wfegen/wfe/internal/analysis/load"
)

// TestCalls_AreAllThatTheRuntimeHas compares the table with the exported methods of what holds a Block, and with the
// exported functions that take one. A call that is new in the runtime has to be readable here.
func TestCalls_AreAllThatTheRuntimeHas(t *testing.T) {
	t.Parallel()
	pkgs, err := packages.Load(&packages.Config{Mode: packages.NeedTypes | packages.NeedExportFile | packages.NeedImports | packages.NeedName}, load.RuntimePath)
	require.NoError(t, err)
	require.Len(t, pkgs, 1)
	require.Empty(t, pkgs[0].Errors)
	scope := pkgs[0].Types.Scope()
	var have []string
	for _, name := range scope.Names() {
		switch obj := scope.Lookup(name).(type) {
		case *types.TypeName:
			named, ok := obj.Type().(*types.Named)
			if !ok || !obj.Exported() || strings.HasPrefix(name, "Generic") || name == "Plain" || name != "Block" && !holdsBlock(named) {
				continue
			}
			for m := range named.Methods() {
				if m.Exported() {
					have = append(have, name+"."+m.Name())
				}
			}
		case *types.Func:
			if first := obj.Signature().Params(); obj.Exported() && first.Len() > 0 && builds(first.At(0).Type()) {
				have = append(have, name)
			}
		}
	}
	slices.Sort(have)
	want := slices.Concat(slices.Collect(maps.Keys(calls())), notRead(), compiled())
	slices.Sort(want)
	require.Equal(t, want, have)

	var opts []string
	for _, name := range scope.Names() {
		if fn, ok := scope.Lookup(name).(*types.Func); ok && fn.Exported() {
			for _, typ := range []string{"LoopOption", "ChildOption", "CancelOption"} {
				if r := fn.Signature().Results(); r.Len() == 1 && isNamed(r.At(0).Type(), load.RuntimePath, typ) {
					opts = append(opts, name)
				}
			}
		}
	}
	require.Equal(t, slices.Sorted(maps.Keys(options())), opts)
}

// holdsBlock reports whether a struct has a Block in it.
func holdsBlock(named *types.Named) bool {
	s, ok := named.Underlying().(*types.Struct)
	if !ok {
		return false
	}
	for f := range s.Fields() {
		if isNamed(f.Type(), load.RuntimePath, "Block") {
			return true
		}
	}
	return false
}

// builds reports whether a parameter is a builder.
func builds(typ types.Type) bool {
	if isNamed(typ, load.RuntimePath, "Block") {
		return true
	}
	p, ok := typ.(*types.TypeParam)
	return ok && isNamed(p.Constraint(), load.RuntimePath, "Builder")
}

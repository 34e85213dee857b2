package gen

import (
	"slices"
	"strconv"

	"github.com/dave/jennifer/jen"

	"github.com/wfegen/wfe/internal/analysis/model"
)

// goType is a type as source code of the package writes it.
func goType(pkg *model.Package, id model.TypeID) *jen.Statement {
	t := pkg.Types.At(id)
	switch {
	case t.Alias != "":
		return named(t.Alias)
	case t.Name != "":
		return nameOf(pkg, t)
	}
	of := func(id model.TypeID) *jen.Statement { return goType(pkg, id) }
	switch t.Kind {
	case model.Pointer:
		return jen.Op("*").Add(of(t.Elem))
	case model.Slice:
		return jen.Index().Add(of(t.Elem))
	case model.Array:
		return jen.Index(jen.Lit(int(t.Len))).Add(of(t.Elem))
	case model.Map:
		return jen.Map(of(t.Key)).Add(of(t.Elem))
	case model.Chan:
		return chanOf(t.Dir, of(t.Elem), pkg.Types.At(t.Elem))
	case model.Func:
		return jen.Func().Add(signature(pkg, t.Sigs[0]))
	case model.Struct:
		fields := make([]jen.Code, len(t.Fields))
		for i, f := range t.Fields {
			fields[i] = structField(pkg, f)
		}
		return jen.Struct(fields...)
	case model.Interface:
		if t.Empty {
			return anyType(pkg)
		}
		methods := make([]jen.Code, len(t.Sigs))
		for i, s := range t.Sigs {
			methods[i] = named(s.Name).Add(signature(pkg, s))
		}
		return jen.Interface(methods...)
	}
	panic("gen: no source code for the type " + pkg.Types.String(id))
}

// nameOf is a named type.
func nameOf(pkg *model.Package, t *model.Type) *jen.Statement {
	if t.Kind == model.UnsafePointer && t.Pkg == "" {
		return jen.Qual("unsafe", "Pointer")
	}
	s := jen.Qual(t.Pkg, identifier(t.Name))
	if t.Pkg == "" {
		s = named(t.Name)
	}
	if len(t.Args) == 0 {
		return s
	}
	args := make([]jen.Code, len(t.Args))
	for i, arg := range t.Args {
		args[i] = goType(pkg, arg)
	}
	return s.Types(args...)
}

// anyType is the empty interface, also where the package calls something else any.
func anyType(pkg *model.Package) *jen.Statement {
	if slices.Contains(pkg.Taken, "any") {
		return jen.Interface()
	}
	return jen.Any()
}

// chanOf is a channel type. A receiving one as element of another needs parentheses, where it would lend its arrow.
func chanOf(dir string, elem *jen.Statement, t *model.Type) *jen.Statement {
	switch {
	case dir == "<-chan":
		return jen.Op("<-").Chan().Add(elem)
	case dir == "chan<-":
		return jen.Chan().Op("<-").Add(elem)
	case t.Name == "" && t.Dir == "<-chan":
		return jen.Chan().Parens(elem)
	}
	return jen.Chan().Add(elem)
}

// signature is what follows the name of a method or the word func: (string, ...int) (bool, error)
func signature(pkg *model.Package, s model.Signature) *jen.Statement {
	params := make([]jen.Code, len(s.Params))
	for i, id := range s.Params {
		if s.Variadic && i == len(s.Params)-1 {
			params[i] = jen.Op("...").Add(goType(pkg, pkg.Types.At(id).Elem))
		} else {
			params[i] = goType(pkg, id)
		}
	}
	results := make([]jen.Code, len(s.Results))
	for i, id := range s.Results {
		results[i] = goType(pkg, id)
	}
	out := jen.Params(params...)
	switch len(results) {
	case 0:
		return out
	case 1:
		return out.Add(results[0])
	}
	return out.Params(results...)
}

// structField is a field of a struct type that has no name.
func structField(pkg *model.Package, f model.Field) *jen.Statement {
	s := jen.Null()
	if !f.Embedded {
		s = named(f.Name)
	}
	s.Add(goType(pkg, f.Type))
	if f.Tag != "" {
		s.Id(strconv.Quote(f.Tag))
	}
	return s
}

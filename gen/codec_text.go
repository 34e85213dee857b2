package gen

import (
	"fmt"
	"go/token"
	"slices"
	"strconv"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/wfegen/wfe/internal/analysis/model"
)

// Everything that comes from a user's source and goes into generated source passes through this file or through jen.Lit:
// jennifer checks nothing, and a newline in a comment or a name that is none would become live code.

// identifier returns s, which has to be one: the model holds names that a parser has read.
func identifier(s string) string {
	if !token.IsIdentifier(s) {
		panic(fmt.Sprintf("gen: %q is no identifier", s))
	}
	return s
}

// comment returns text as a comment of one line per line.
func comment(text string) *jen.Statement {
	s := jen.Null()
	for i, line := range strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }) {
		if i > 0 {
			s.Line()
		}
		s.Comment("// " + line)
	}
	return s
}

// textLit is a string literal that reads well for JSON: in backquotes if that is possible.
func textLit(s string) *jen.Statement {
	if strconv.CanBackquote(s) {
		return jen.Id("`" + s + "`")
	}
	return jen.Lit(s)
}

// runeLit is 'c' for a character of JSON's punctuation.
func runeLit(c byte) *jen.Statement { return jen.Id(strconv.QuoteRune(rune(c))) }

// hexLit is a fingerprint as it is written everywhere.
func hexLit(n uint64) *jen.Statement { return jen.Id(fmt.Sprintf("%#016x", n)) }

// memberName is the name of a member with its colon, as encoding/json writes it: a tag may have <, > and & in it, but no
// quote and no backslash.
func memberName(name string) string {
	escaped := strings.NewReplacer("<", `\u003c`, ">", `\u003e`, "&", `\u0026`).Replace(name)
	return `"` + escaped + `":`
}

// goType is a type as source code of the package writes it.
func (e *codecs) goType(id model.TypeID) *jen.Statement {
	t := e.types.At(id)
	if t.Name != "" {
		s := jen.Id(t.Name)
		if t.Pkg != "" {
			s = jen.Qual(t.Pkg, identifier(t.Name))
		}
		if len(t.Args) > 0 {
			args := make([]jen.Code, len(t.Args))
			for i, arg := range t.Args {
				args[i] = e.goType(arg)
			}
			s.Types(args...)
		}
		return s
	}
	switch t.Kind {
	case model.Pointer:
		return jen.Op("*").Add(e.goType(t.Elem))
	case model.Slice:
		return jen.Index().Add(e.goType(t.Elem))
	case model.Array:
		return jen.Index(jen.Lit(int(t.Len))).Add(e.goType(t.Elem))
	case model.Map:
		return jen.Map(e.goType(t.Key)).Add(e.goType(t.Elem))
	case model.Struct:
		fields := make([]jen.Code, len(t.Fields))
		for i, f := range t.Fields {
			fields[i] = e.goField(f)
		}
		return jen.Struct(fields...)
	case model.Interface:
		if t.Empty && slices.Contains(e.pkg.Taken, "any") {
			return jen.Interface()
		}
		if t.Empty {
			return jen.Any()
		}
	}
	panic("gen: no source code for the type " + e.types.String(id))
}

// goField is a field of a struct type that has no name.
func (e *codecs) goField(f model.Field) *jen.Statement {
	s := jen.Null()
	if !f.Embedded {
		s = jen.Id(identifier(f.Name))
	}
	s.Add(e.goType(f.Type))
	if f.Tag != "" {
		s.Id(strconv.Quote(f.Tag))
	}
	return s
}

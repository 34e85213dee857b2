package gen

import (
	"fmt"
	doccomment "go/doc/comment"
	"go/token"
	"strconv"
	"strings"
	"time"

	"github.com/dave/jennifer/jen"

	"github.com/wfegen/wfe/internal/analysis/model"
)

// Everything that comes from a user's source and goes into generated source passes through this file and types.go, or
// through jen.Lit: jennifer checks nothing, and a newline in a comment or a name that is none would become live code. A
// test sees to it that no other file gives jennifer text that is not constant.

// Packages that generated code calls.
const (
	runtimePath = "github.com/wfegen/wfe/runtime"
	codecPath   = runtimePath + "/codec"
)

// wfe is a name of the runtime.
func wfe(name string) *jen.Statement { return jen.Qual(runtimePath, identifier(name)) }

// cdc is a name of the codec package.
func cdc(name string) *jen.Statement { return jen.Qual(codecPath, identifier(name)) }

// named is an identifier.
func named(name string) *jen.Statement { return jen.Id(identifier(name)) }

// dot is a selector: .Name
func dot(name string) *jen.Statement { return jen.Dot(identifier(name)) }

// identifier returns s, which has to be one: the model holds names that a parser has read.
func identifier(s string) string {
	if !token.IsIdentifier(s) {
		panic(fmt.Sprintf("gen: %q is no identifier", s))
	}
	return s
}

// comment returns text as a comment of one line per line. Blank lines separate paragraphs.
func comment(text string) *jen.Statement { return comments(commentLines(text)) }

func comments(lines []string) *jen.Statement {
	s := jen.Null()
	for i, line := range lines {
		if i > 0 {
			s.Line()
		}
		s.Comment(line)
	}
	return s
}

// commentLines returns text as the lines of a comment.
func commentLines(text string) []string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.TrimSpace(text))
	var out []string
	blank := false
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimRight(line, " \t")
		if line == "" && blank {
			continue
		}
		blank = line == ""
		out = append(out, commentLine(line))
	}
	return out
}

// commentLine is a line of a comment. The space or tab before the text keeps it from being a directive, but for the old
// form of build constraints, which begins with one.
func commentLine(text string) string {
	if strings.HasPrefix(strings.TrimSpace(text), "+build") {
		text = strconv.Quote(text)
	}
	if strings.HasPrefix(text, "\t") {
		return "//" + text
	}
	return strings.TrimSuffix("// "+text, " ")
}

// document is the doc comment of something declared for the user: paragraphs, of which empty ones are left out. Its lines
// are as gofmt has them, which does not see the doc comment in what the renderer has written.
func document(paragraphs ...string) *jen.Statement {
	var all []string
	for _, p := range paragraphs {
		if p = strings.TrimSpace(p); p != "" {
			all = append(all, p)
		}
	}
	var text strings.Builder
	for _, line := range commentLines(strings.Join(all, "\n\n")) {
		text.WriteString(strings.TrimPrefix(strings.TrimPrefix(line, "//"), " ") + "\n")
	}
	formatted := new(doccomment.Printer).Comment(new(doccomment.Parser).Parse(text.String()))
	lines := strings.Split(strings.TrimSuffix(string(formatted), "\n"), "\n")
	for i, line := range lines {
		lines[i] = "//" + line
		if line != "" && line[0] != '\t' {
			lines[i] = "// " + line
		}
	}
	return comments(lines).Line()
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

// hexLit is a fingerprint as it is written everywhere; 0 if there is none.
func hexLit(n uint64) *jen.Statement {
	if n == 0 {
		return jen.Id("0")
	}
	return jen.Id(fmt.Sprintf("%#016x", n))
}

// numberLit is a number as people write it: 2, 0.2.
func numberLit(n float64) *jen.Statement { return jen.Id(strconv.FormatFloat(n, 'g', -1, 64)) }

// durationLit is a duration in the largest unit that needs no fraction: 200 * time.Millisecond, time.Second.
func durationLit(d time.Duration) *jen.Statement {
	units := []struct {
		name string
		unit time.Duration
	}{{"Hour", time.Hour}, {"Minute", time.Minute}, {"Second", time.Second}, {"Millisecond", time.Millisecond},
		{"Microsecond", time.Microsecond}, {"Nanosecond", time.Nanosecond}}
	for _, u := range units {
		switch {
		case d == u.unit:
			return jen.Qual("time", u.name)
		case d%u.unit == 0:
			return jen.Lit(int(d/u.unit)).Op("*").Qual("time", u.name)
		}
	}
	panic("gen: a duration is a number of nanoseconds")
}

// nameLit is the name of a member with its colon, as encoding/json writes it: a tag may have <, > and & in it, but no
// quote and no backslash.
func nameLit(name string) string {
	escaped := strings.NewReplacer("<", `\u003c`, ">", `\u003e`, "&", `\u0026`).Replace(name)
	return `"` + escaped + `":`
}

// methodOf is the method of a pointer to a type as a function: (*ChargeCard).Run
func methodOf(pkg *model.Package, id model.TypeID, name string) *jen.Statement {
	return jen.Parens(jen.Op("*").Add(goType(pkg, id))).Add(dot(name))
}

// source is code that was compiled from the user's. Its text is tokens of Go, which a parser has read.
func source(pkg *model.Package, w *model.Workflow, code model.Source) *jen.Statement {
	out := jen.Null()
	for _, p := range code {
		switch {
		case p.Path == pkg.Path && p.Name != "":
			out.Add(named(p.Name))
		case p.Name != "":
			out.Add(jen.Qual(p.Path, identifier(p.Name)))
		case p.Type != 0:
			out.Add(goType(pkg, p.Type))
		case p.Codec != 0:
			out.Add(named(pkg.Types.At(p.Codec).Codec))
		case p.Undo != nil:
			out.Add(undoWith(pkg, w.Builder, p.Undo, saved(pkg, w.Flow), "state"))
		case p.File != "":
			out.Id("\n//line " + p.File + ":" + strconv.Itoa(p.Line) + "\n")
		case p.Line != 0:
			out.Id("\n" + ownLine + "\n")
		default:
			out.Id(p.Text)
		}
	}
	return out
}

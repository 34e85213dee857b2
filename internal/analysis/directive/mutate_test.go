package directive

import (
	"fmt"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/internal/analysis/diag"
)

// read parses a file and finds its directives. A file that does not parse is the compiler's business.
func read(name, src string) (File, []diag.Diagnostic, bool) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return File{}, nil, false
	}
	found, diags := Find(fset, file)
	return found, diags, true
}

// said is what a file's directives say, in a form that can be compared.
func said(f File) string {
	var b strings.Builder
	write := func(what string, d *Directive) {
		fmt.Fprintf(&b, "%s %s", what, d.Verb)
		verb, _ := verbNamed(d.Verb)
		for _, k := range append(verb.Words, verb.Keys...) {
			if v, ok := d.Value(k.Name); ok {
				fmt.Fprintf(&b, " %s=%s", k.Name, v.Text)
			}
		}
		b.WriteString("\n")
	}
	for _, a := range f.Declarations {
		for _, d := range a.Directives {
			write("declaration", d)
		}
	}
	if f.Defaults != nil {
		write("package", f.Defaults)
	}
	for _, d := range f.Statements {
		write("statement", d)
	}
	for _, n := range f.Nolints {
		write(fmt.Sprint("line ", n.Line), n.Directive)
	}
	return b.String()
}

// frames hold a directive, in place of @, where it belongs.
func frames() map[string]string {
	return map[string]string{
		"//wfe:data":                 "package p\n\n@\ntype D struct{}\n",
		"//wfe:event name=paid":      "package p\n\n// E is one.\n//\n@\ntype E struct{}\n",
		"//wfe:pure":                 "package p\n\n@\nfunc f() {}\n",
		"//wfe:id large":             "package p\n\nfunc f() {\n\t@\n\tg()\n}\n",
		"//wfe:workflow id=w":        "package p\n\n@\nfunc f(b *DBuilder) {}\n",
		"//wfe:defaults retry=3":     "// Package p is one.\n//\n@\npackage p\n",
		"//wfe:nolint WFE2009 it is": "package p\n\ntype D struct {\n\tA int @\n}\n",
		"//wfe:step retry=3 backoff=2s jitter name=\"x\" on-error=suspend timeout=1m": "package p\n\n@\ntype S struct{}\n",
	}
}

// TestNoMutatedDirectiveIsSilentlyIgnored changes each byte of a directive, removes it, doubles it, swaps it with the next, and puts
// others before it. What comes out says something, or it is a finding; never neither.
func TestNoMutatedDirectiveIsSilentlyIgnored(t *testing.T) {
	t.Parallel()
	for text, frame := range frames() {
		before, diags, ok := read("p.go", strings.Replace(frame, "@", text, 1))
		require.True(t, ok)
		require.Empty(t, diags, text)
		require.NotEmpty(t, said(before), text)
		for _, m := range mutations(text) {
			f, diags, ok := read("p.go", strings.Replace(frame, "@", m, 1))
			if ok && len(diags) == 0 {
				require.NotEmpty(t, said(f), "%q became %q", text, m)
				require.True(t, Looks(m), m)
			}
		}
	}
}

func mutations(text string) []string {
	out := []string{"//" + strings.TrimPrefix(text, "//wfe:"), "/*" + strings.TrimPrefix(text, "//") + "*/"}[1:]
	for i := range len(text) {
		if i < 2 {
			continue // without its slashes it is no comment
		}
		out = append(out, text[:i]+text[i+1:], text[:i]+text[i:i+1]+text[i:])
		if i+1 < len(text) {
			out = append(out, text[:i]+text[i+1:i+2]+text[i:i+1]+text[i+2:])
		}
		for _, c := range "aWE_ \t:=;.-/\"`+0" {
			out = append(out, text[:i]+string(c)+text[i:], text[:i]+string(c)+text[i+1:])
		}
		out = append(out, text[:i]+strings.ToUpper(text[i:i+1])+text[i+1:])
	}
	return append(out, strings.ToUpper(text), strings.Replace(text, "//", "// ", 1), strings.Replace(text, ":", " ", 1),
		strings.Replace(text, "wfe", "wfegen", 1), strings.Replace(text, "wfe:", "wfe: ", 1))
}

// TestAMutationChangesWhatIsSaidOrIsAFinding: where the same is said, the change was one that means nothing.
func TestAMutationChangesWhatIsSaidOrIsAFinding(t *testing.T) {
	t.Parallel()
	frame := frames()["//wfe:data"]
	const text = "//wfe:step retry=3 name=x jitter"
	before, _, _ := read("p.go", strings.Replace(frame, "@", text, 1))
	for _, m := range mutations(text) {
		f, diags, ok := read("p.go", strings.Replace(frame, "@", m, 1))
		if !ok || len(diags) > 0 || said(f) != said(before) {
			continue
		}
		same := strings.Join(strings.Fields(strings.NewReplacer(`"`, "", "`", "").Replace(m)), " ")
		require.Equal(t, text, same, "%q says what %q says", m, text)
	}
}

// TestADirectiveInAnyWrongPlaceIsAFinding moves every directive to every line of a file.
func TestADirectiveInAnyWrongPlaceIsAFinding(t *testing.T) {
	t.Parallel()
	lines := strings.SplitAfter(`// Package p is one.
package p

import (
	"fmt"
)

// C is a constant.
const C = 1

// D is data.
type D struct {
	A int
	B struct {
		C int
	}
}

type (
	E struct{}
	F struct{}
)

// f does.
func f(
	a int,
) {
	if a > 1 {
		fmt.Println(
			a,
		)
	}
	switch a {
	case 1:
	}
	type L struct{}
}

var v = func() int {
	return 1
}()
`, "\n")
	for text := range frames() {
		for i := range lines {
			src := strings.Join(lines[:i], "") + text + "\n" + strings.Join(lines[i:], "")
			f, diags, ok := read("p.go", src)
			require.True(t, ok, src)
			require.Equal(t, 1, strings.Count(said(f), "\n")+len(diags), "%s in\n%s", said(f), src)
			_, diags, _ = read("p_test.go", src)
			require.Equal(t, diag.InTestFile, diags[0].Code)
		}
	}
}

// TestAFixMendsItsFinding applies every fix that is offered, and finds nothing afterwards.
func TestAFixMendsItsFinding(t *testing.T) {
	t.Parallel()
	const data = "package p\n\n@\ntype D struct{}\n"
	for text, frame := range map[string]string{
		"// wfe:step":                            data,
		"//wfe: step retry=3":                    data,
		"//wfe step":                             data,
		"//wfegen:step retry=3":                  data,
		"//WFE:step":                             data,
		"//wfe:stpe retry=3":                     data,
		"//wfe:step retries=3":                   data,
		"//wfe:step retry:3":                     data,
		"//wfe:step retry= 3":                    data,
		"//wfe:step retry = 3":                   data,
		"//wfe:step on-error=suspnd":             data,
		"//wfe:step retry=3 retry=3":             data,
		"//wfe:step retry=3 // three times":      data,
		"//wfe:step\n":                           data,
		"//wfe:event\n\n// D is data.":           data,
		"//wfe:event\n\n// D is data.\n//":       data,
		"//wfe:workflow\n\n":                     "package p\n\n@func f(b *DBuilder) {}\n",
		"type E struct{} //wfe:data":             "package p\n\n@\n",
		"type E struct {\n\tA int\n} //wfe:data": "package p\n\n// E is one.\n@\n",
		"//wfe:defaults retry=3\n\n":             "@package p\n",
		"//wfe:nolint WFE209 because":            data,
	} {
		src := strings.Replace(frame, "@", text, 1)
		_, diags, ok := read("p.go", src)
		require.True(t, ok, src)
		require.Len(t, diags, 1, src)
		require.NotEmpty(t, diags[0].Fixes, "%s: %s", text, diags[0].Message)
		for _, fix := range diags[0].Fixes {
			mended, err := fix.Apply([]byte(src))
			require.NoError(t, err)
			f, diags, ok := read("p.go", string(mended))
			require.True(t, ok, string(mended))
			require.Empty(t, diags, "%s became\n%s", text, mended)
			require.NotEmpty(t, said(f), string(mended))
		}
	}
}

func FuzzAnyCommentIsReadWithoutAPanic(f *testing.F) {
	for text := range frames() {
		f.Add(strings.TrimPrefix(text, "//"))
	}
	f.Add("wfe: step\r")
	f.Fuzz(func(t *testing.T, text string) {
		text = "//" + strings.ReplaceAll(text, "\n", " ")
		found, diags, ok := read("p.go", "package p\n\n"+text+"\ntype D struct{}\n")
		if ok && strings.HasPrefix(text, "//wfe:") {
			require.Positive(t, strings.Count(said(found), "\n")+len(diags), "%q", text)
		}
		for _, d := range diags {
			require.True(t, d.Pos.IsValid())
			require.GreaterOrEqual(t, d.End.Offset, d.Pos.Offset)
		}
	})
}

package diag

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
)

// Printer writes findings for people. Its first line is that of compilers, file:line:col: message [CODE], so that every
// editor finds the place.
type Printer struct {
	W       io.Writer
	Dir     string // file names are written relative to it, where that is shorter; empty is the working directory
	Hints   bool   // give hints and related places, indented below
	Excerpt bool   // quote the line, with carets
	Color   bool   // with the colours of a terminal

	// Source returns the contents of a file to quote from; nil means os.ReadFile.
	Source func(file string) ([]byte, error)
}

// ForFile returns a printer with hints; with excerpts when f is a terminal, and with colours when there is no NO_COLOR as
// well.
func ForFile(f *os.File, dir string) Printer {
	p := Printer{W: f, Dir: dir, Hints: true}
	if info, err := f.Stat(); err == nil {
		p.Excerpt = info.Mode()&os.ModeCharDevice != 0
	}
	p.Color = p.Excerpt && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	return p
}

// Print writes the findings, in the order given.
func (p Printer) Print(ds []Diagnostic) error {
	var b bytes.Buffer
	for _, d := range ds {
		p.headline(&b, d)
		if p.Excerpt {
			p.excerpt(&b, d)
		}
		if p.Hints {
			p.hints(&b, d)
		}
	}
	if _, err := p.W.Write(b.Bytes()); err != nil {
		return fmt.Errorf("wfe: writing diagnostics: %w", err)
	}
	return nil
}

const (
	bold   = "\x1b[1m"
	red    = "\x1b[31m"
	yellow = "\x1b[33m"
	plain  = "\x1b[0m"
)

func (p Printer) paint(color, s string) string {
	if !p.Color {
		return s
	}
	return color + s + plain
}

func (p Printer) headline(b *bytes.Buffer, d Diagnostic) {
	if d.Pos.IsValid() {
		b.WriteString(p.paint(bold, p.place(d.Pos.Filename, d.Pos.Line, d.Pos.Column)) + ": ")
	}
	if d.Level == Warning {
		b.WriteString(p.paint(yellow, "warning") + ": ")
	}
	b.WriteString(d.Message)
	if d.Code != "" {
		b.WriteString(p.paint(d.Level.color(), fmt.Sprintf(" [%s]", d.Code)))
	}
	b.WriteByte('\n')
}

func (l Level) color() string {
	if l == Warning {
		return yellow
	}
	return red
}

func (p Printer) hints(b *bytes.Buffer, d Diagnostic) {
	for _, h := range d.Hints {
		fmt.Fprintf(b, "  %s %s\n", p.paint(bold, "hint:"), h)
	}
	for _, r := range d.Related {
		fmt.Fprintf(b, "  %s: %s\n", p.place(r.Pos.Filename, r.Pos.Line, r.Pos.Column), r.Message)
	}
}

// excerpt quotes the line and puts carets under what is meant.
func (p Printer) excerpt(b *bytes.Buffer, d Diagnostic) {
	line, ok := p.line(d)
	if !ok {
		return
	}
	start := min(max(d.Pos.Column-1, 0), len(line))
	width := 1
	if d.End.Line == d.Pos.Line && d.End.Column > d.Pos.Column {
		width = min(d.End.Column-d.Pos.Column, max(len(line)-start, 1))
	}
	number := fmt.Sprint(d.Pos.Line)
	gap := strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, line[:start])
	fmt.Fprintf(b, "  %s | %s\n", number, line)
	fmt.Fprintf(b, "  %s | %s%s\n", strings.Repeat(" ", len(number)), gap, p.paint(d.Level.color(), strings.Repeat("^", width)))
}

func (p Printer) line(d Diagnostic) (string, bool) {
	read := p.Source
	if read == nil {
		read = os.ReadFile
	}
	if d.Pos.Line <= 0 || d.Pos.Filename == "" {
		return "", false
	}
	src, err := read(d.Pos.Filename)
	if err != nil {
		return "", false
	}
	lines := bytes.Split(src, []byte("\n"))
	if d.Pos.Line > len(lines) {
		return "", false
	}
	return strings.TrimRight(string(lines[d.Pos.Line-1]), "\r"), true
}

func (p Printer) place(file string, line, column int) string {
	file = Relative(p.Dir, file)
	s := file
	if line > 0 {
		s += fmt.Sprintf(":%d", line)
	}
	if line > 0 && column > 0 {
		s += fmt.Sprintf(":%d", column)
	}
	return s
}

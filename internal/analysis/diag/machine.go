package diag

import (
	"encoding/json"
	"fmt"
	"go/token"
	"path/filepath"
	"strings"
)

// String is the level's name.
func (l Level) String() string {
	if l == Warning {
		return "warning"
	}
	return "error"
}

// MarshalText writes the name of the level.
func (l Level) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// place is a position for machines.
type place struct {
	File   string `json:"file,omitempty"` // relative to the working directory where that is shorter, with slashes
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"` // in bytes, from 1
	Offset int    `json:"offset"`           // in bytes, from 0
}

// forMachines is a finding as JSON has it, with file names relative to dir.
func (d Diagnostic) forMachines(dir string) any {
	at := func(p token.Position) *place {
		if !p.IsValid() {
			return nil
		}
		return &place{Relative(dir, p.Filename), p.Line, p.Column, p.Offset}
	}
	type related struct {
		At      *place `json:"at"`
		Message string `json:"message"`
	}
	type edit struct {
		At  *place `json:"at"`
		End *place `json:"end"`
		New string `json:"new"`
	}
	type fix struct {
		Message string `json:"message"`
		Edits   []edit `json:"edits"`
	}
	out := struct {
		Code    Code      `json:"code,omitempty"`
		Level   Level     `json:"level"`
		At      *place    `json:"at,omitempty"`
		End     *place    `json:"end,omitempty"`
		Message string    `json:"message"`
		Hints   []string  `json:"hints,omitempty"`
		Related []related `json:"related,omitempty"`
		Fixes   []fix     `json:"fixes,omitempty"`
	}{Code: d.Code, Level: d.Level, At: at(d.Pos), End: at(d.End), Message: d.Message, Hints: d.Hints}
	for _, r := range d.Related {
		out.Related = append(out.Related, related{at(r.Pos), r.Message})
	}
	for _, f := range d.Fixes {
		var edits []edit
		for _, e := range f.Edits {
			edits = append(edits, edit{at(e.Pos), at(e.End), e.New})
		}
		out.Fixes = append(out.Fixes, fix{f.Message, edits})
	}
	return out
}

// JSON returns findings as a JSON array; it is never null. Names of files are relative to dir.
func JSON(ds []Diagnostic, dir string) (json.RawMessage, error) {
	all := make([]any, len(ds))
	for i, d := range ds {
		all[i] = d.forMachines(dir)
	}
	return json.Marshal(all)
}

// GitHub returns a finding as a command of GitHub Actions, which shows it beside the code.
func GitHub(d Diagnostic, dir string) string {
	var at []string
	add := func(key string, value any) {
		at = append(at, fmt.Sprintf("%s=%s", key, property.Replace(fmt.Sprint(value))))
	}
	if d.Pos.IsValid() {
		add("file", Relative(dir, d.Pos.Filename))
		add("line", d.Pos.Line)
		add("col", d.Pos.Column)
		if d.End.IsValid() {
			add("endLine", d.End.Line)
			add("endColumn", d.End.Column)
		}
	}
	if d.Code != "" {
		add("title", d.Code)
	}
	message := strings.Join(append([]string{d.Message}, d.Hints...), "\n")
	return fmt.Sprintf("::%s %s::%s\n", d.Level, strings.Join(at, ","), data.Replace(message))
}

// What has a meaning in such a command is escaped.
var (
	data     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// Relative is a file's name as people and machines are given it: relative to dir where that is shorter.
func Relative(dir, file string) string {
	if dir, err := filepath.Abs(dir); err == nil && filepath.IsAbs(file) {
		if rel, err := filepath.Rel(dir, file); err == nil && len(rel) < len(file) {
			file = rel
		}
	}
	return filepath.ToSlash(file)
}

package directive

import (
	"go/token"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wfegen/wfe/internal/analysis/diag"
)

// Value is the value of an argument, read as its key's type says.
type Value struct {
	Text     string
	Pos, End token.Position

	Int      int           // of TypeCount and TypeVersion; -1 is unlimited
	Float    float64       // of TypeFactor and TypeShare
	Duration time.Duration // of TypeDuration
}

// read fills in the value of a key. The text returned says what is wrong with it, and is empty when nothing is.
func (k Key) read(text string) (v Value, problem string) {
	v.Text = text
	switch k.Type {
	case TypeName:
		if !isName(text) {
			return v, "want 1 to 64 letters, digits and - _ . beginning with a letter or digit"
		}
	case TypeIdent:
		if !token.IsIdentifier(text) {
			return v, "want a Go identifier"
		}
	case TypeType:
		pkg, name, qualified := strings.Cut(text, ".")
		if !token.IsIdentifier(pkg) || qualified && !token.IsIdentifier(name) {
			return v, "want the name of a Go type, such as Item or shop.Item"
		}
	case TypeCount:
		if text == Unlimited {
			v.Int = -1
			return v, ""
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n > math.MaxInt32 {
			return v, "want an integer from 0, or " + Unlimited
		}
		v.Int = n
	case TypeVersion:
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > math.MaxInt32 {
			return v, "want an integer from 1"
		}
		v.Int = n
	case TypeDuration:
		d, err := time.ParseDuration(text)
		if err != nil || d <= 0 {
			return v, "want a duration of more than 0, such as 200ms or 1m30s"
		}
		v.Duration = d
	case TypeFactor:
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || !(f >= 1) || math.IsInf(f, 0) {
			return v, "want a number from 1"
		}
		v.Float = f
	case TypeShare:
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || !(f >= 0 && f <= 1) {
			return v, "want a number from 0 to 1"
		}
		v.Float = f
	case TypeEnum:
		if !slices.Contains(k.Enum, text) {
			return v, "want one of " + strings.Join(k.Enum, ", ")
		}
	case TypeCode:
		if !slices.Contains(codes(), text) {
			return v, "want the code of a finding, such as " + string(diag.ForeignUnexported)
		}
	}
	return v, ""
}

// codes lists all codes of findings.
func codes() []string {
	var out []string
	for _, e := range diag.Explanations() {
		out = append(out, string(e.Code))
	}
	return out
}

func isName(s string) bool {
	if len(s) < 1 || len(s) > 64 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if !letter && (i == 0 || c != '-' && c != '_' && c != '.') {
			return false
		}
	}
	return true
}

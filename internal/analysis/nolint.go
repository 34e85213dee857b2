package analysis

import (
	"fmt"
	"slices"

	"github.com/wfegen/wfe/internal/analysis/diag"
	"github.com/wfegen/wfe/internal/analysis/directive"
)

// silence takes out the warnings that a //wfe:nolint names, and adds one for each of these that names none.
func silence(ds []diag.Diagnostic, nolints []directive.Nolint) []diag.Diagnostic {
	used := make([]bool, len(nolints))
	loud := slices.Clone(nolints)[:0] // those that name an error
	out := slices.DeleteFunc(slices.Clone(ds), func(d diag.Diagnostic) bool {
		for i, n := range nolints {
			if n.Code != d.Code || n.Pos.Filename != d.Pos.Filename || n.Line != d.Pos.Line {
				continue
			}
			if d.Level == diag.Warning {
				used[i] = true
				return true
			}
			loud = append(loud, n)
		}
		return false
	})
	for i, n := range nolints {
		if !used[i] {
			out = append(out, unusedNolint(n, slices.Contains(loud, n)))
		}
	}
	return out
}

func unusedNolint(n directive.Nolint, loud bool) diag.Diagnostic {
	d := diag.Diagnostic{
		Code: diag.UnusedNolint, Level: diag.Warning, Pos: n.Pos, End: n.End,
		Message: fmt.Sprintf("nothing to silence: there is no %s about line %d", n.Code, n.Line),
		Hints:   []string{"delete it"},
		Fixes:   []diag.Fix{{Message: "delete it", Edits: []diag.Edit{{Pos: n.Pos, End: n.End}}}},
	}
	if loud {
		d.Message = fmt.Sprintf("%s about line %d is an error, which cannot be silenced", n.Code, n.Line)
		d.Hints = []string{"wfegen explain " + string(n.Code) + " says how to mend it"}
		d.Fixes = nil
	}
	return d
}

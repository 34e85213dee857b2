package diag

import (
	"cmp"
	"fmt"
	"go/token"
	"slices"
)

// Fix is a mechanical change of source that mends a finding.
type Fix struct {
	Message string // what it does: replace retries by retry
	Edits   []Edit // of one file, none overlapping
}

// Edit replaces a piece of a file. With Pos and End the same it inserts.
type Edit struct {
	Pos, End token.Position
	New      string
}

// Apply returns the source of a file with a fix made.
func (f Fix) Apply(src []byte) ([]byte, error) {
	edits := slices.Clone(f.Edits)
	slices.SortStableFunc(edits, func(a, b Edit) int { return cmp.Compare(a.Pos.Offset, b.Pos.Offset) })
	var out []byte
	at := 0
	for _, e := range edits {
		if e.Pos.Offset < at || e.End.Offset < e.Pos.Offset || e.End.Offset > len(src) {
			return nil, fmt.Errorf("wfe: the fix %q does not fit the file", f.Message)
		}
		out = append(out, src[at:e.Pos.Offset]...)
		out = append(out, e.New...)
		at = e.End.Offset
	}
	return append(out, src[at:]...), nil
}

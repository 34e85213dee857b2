package model

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// Fingerprint identifies what an object looks like in JSON: the first 8 bytes, in hex, of the SHA-256 of its sorted lines
// "struct.member type options", one for each member of the object and of every struct that it reaches (an own marshaller
// ends the way). Two builds with one fingerprint read one another's values as they were written; a different fingerprint
// says nothing more than that.
func (ts Types) Fingerprint(o *Object) string {
	f := fingerprint{types: ts, seen: make([]bool, len(ts))}
	f.object(o, "")
	slices.Sort(f.lines)
	sum := sha256.Sum256([]byte(strings.Join(f.lines, "\n")))
	return hex.EncodeToString(sum[:8])
}

type fingerprint struct {
	types Types
	seen  []bool
	lines []string
}

// object writes the lines of o. The outermost object goes without a name, so that renaming its type changes nothing.
func (f *fingerprint) object(o *Object, name string) {
	for _, m := range o.Members {
		line := name + "." + m.Name + " " + f.types.String(m.Type)
		for _, option := range []struct {
			set  bool
			name string
		}{{m.OmitEmpty, "omitempty"}, {m.OmitZero, "omitzero"}, {m.Quoted, "string"}} {
			if option.set {
				line += "," + option.name
			}
		}
		f.lines = append(f.lines, line)
		f.reach(m.Type)
	}
}

func (f *fingerprint) reach(id TypeID) {
	if id == 0 || f.seen[id] {
		return
	}
	f.seen[id] = true
	t := f.types.At(id)
	if t.Encode != FormKind && t.Decode != FormKind {
		return
	}
	f.reach(t.Key)
	f.reach(t.Elem)
	if t.Object != nil {
		f.object(t.Object, f.types.String(id))
	}
}

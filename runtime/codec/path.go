package codec

import (
	"strconv"
	"strings"
)

// maxPathLevels is how many levels of a path are spelt out.
const maxPathLevels = 32

// pathAt returns where in a JSON text the given offset lies, as ".items[3].qty"; nothing for the text's own value. It
// is only called once something has failed, so that encoding and decoding need not keep track of where they are. The
// text may end anywhere, and what is after the offset may be anything.
func pathAt(text []byte, offset int) string {
	type level struct {
		object bool
		index  int
		key    string
	}
	var levels []level
	key := ""       // the last string read
	expect := false // of an object: the next string is a key
	text = text[:min(offset, len(text))]
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '{':
			levels = append(levels, level{object: true})
			expect = true
		case '[':
			levels = append(levels, level{})
			expect = false
		case '}', ']':
			if len(levels) > 0 {
				levels = levels[:len(levels)-1]
			}
			expect = false
		case ',':
			if len(levels) == 0 {
				continue
			}
			top := &levels[len(levels)-1]
			top.index++
			top.key, expect = "", top.object
		case ':':
			if len(levels) > 0 && expect {
				levels[len(levels)-1].key, expect = key, false
			}
		case '"':
			start := i + 1
			for i++; i < len(text) && text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
			key = string(text[start:min(i, len(text))])
		}
	}
	var path strings.Builder
	for depth, l := range levels {
		if depth == maxPathLevels {
			path.WriteString("...")
			break
		}
		switch {
		case !l.object:
			path.WriteString("[" + strconv.Itoa(l.index) + "]")
		case l.key != "":
			path.WriteString("." + l.key)
		}
	}
	return path.String()
}

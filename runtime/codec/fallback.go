package codec

import "encoding/json"

// AppendAny appends what encoding/json writes for the value that v points to.
func AppendAny(b []byte, v any) ([]byte, error) {
	text, err := json.Marshal(v)
	return append(b, text...), err
}

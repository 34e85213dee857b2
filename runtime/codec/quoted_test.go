package codec_test

import (
	"encoding/json"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/codec"
)

type quoted struct {
	B bool        `json:",string"`
	I int8        `json:",string"`
	U uint8       `json:",string"`
	F float32     `json:",string"`
	S string      `json:",string"`
	N json.Number `json:",string"`
	P *int        `json:",string"`
}

func decodeTheQuoted(d *codec.Decoder, v *quoted) {
	for name := d.FirstField(); name != nil; name = d.NextField() {
		switch string(name) {
		case "B":
			codec.DecodeQuotedBool(d, &v.B)
		case "I":
			codec.DecodeQuotedInt(d, &v.I)
		case "U":
			codec.DecodeQuotedUint(d, &v.U)
		case "F":
			codec.DecodeQuotedFloat32(d, &v.F)
		case "S":
			codec.DecodeQuotedString(d, &v.S)
		case "N":
			codec.DecodeQuotedNumber(d, &v.N)
		case "P":
			codec.DecodeQuotedPointer(d, &v.P, codec.DecodeQuotedInt)
		default:
			d.Unmatched(name, "B", "I", "U", "F", "S", "N", "P")
		}
	}
}

func TestTheOptionStringIsAsOddAsInEncodingJSON(t *testing.T) {
	t.Parallel()
	c := codec.New("quoted", 0, nil, decodeTheQuoted)
	one := 1
	for _, field := range []string{"B", "I", "U", "F", "S", "N", "P"} {
		for _, said := range []string{"", "true", "truer", "false", "t", "null", "nul", "n", "0", "-0", "1", "-1", "+1", "007", "1_000",
			"127", "128", "255", "256", "1.5", "1e3", "0x1p-2", "0x10", "Inf", "-Inf", "NaN", "1e39", `"a"`, `"\'"`, `"`, `"a`, `""`,
			`"1"`, `"\u0031"`, `"1x"`, "1x", " 1", "1 ", `"\n"`, "\"\n\"", "[]", "{}"} {
			for _, text := range []string{strconv.Quote(said), said} {
				text = `{"` + field + `":` + text + `}`
				want, got := quoted{I: 3, S: "s", P: &one}, quoted{I: 3, S: "s", P: &one}
				wantErr := json.Unmarshal([]byte(text), &want)
				err := c.Decode([]byte(text), &got)
				require.Equal(t, wantErr == nil, err == nil, "%s: %v, encoding/json: %v", text, err, wantErr)
				if err == nil {
					require.Equal(t, want, got, text)
				}
				one = 1
			}
		}
	}
}

package codeczoo

import (
	"bytes"
	"math/rand/v2"
	"strings"
)

// mutate returns a JSON text with some of it changed: mostly into other JSON, sometimes into none.
func mutate(r *rand.Rand, text []byte) []byte {
	for range 1 + r.IntN(3) {
		spots := tokens(text)
		if len(spots) == 0 {
			return text
		}
		spot := spots[r.IntN(len(spots))]
		token := string(text[spot[0]:spot[1]])
		switch r.IntN(12) {
		case 0:
			token = strings.ToUpper(token)
		case 1:
			token = strings.ToLower(token)
		case 2:
			token += " \t\r\n"
		case 3:
			token = ""
		case 4:
			token += "," + token
		case 5: // a byte of the text
			i := r.IntN(len(text))
			return append(append(bytes.Clone(text[:i]), byte(r.IntN(256))), text[i+1:]...)
		case 6:
			return text[:r.IntN(len(text)+1)]
		default:
			token = replacements[r.IntN(len(replacements))]
		}
		text = append(append(bytes.Clone(text[:spot[0]]), token...), text[spot[1]:]...)
	}
	return text
}

var replacements = []string{"null", "true", "false", "0", "-0", "1", "-1", "1.0", "1e2", "1E+2", "01", "-", "1.", "1e", ".5", "+1",
	"127", "128", "-128", "-129", "255", "256", "65535", "65536", "4294967296", "9223372036854775807", "9223372036854775808",
	"-9223372036854775808", "-9223372036854775809", "18446744073709551615", "18446744073709551616", "1e400", "3.5e38", "1e-400",
	`""`, `"x"`, `"1"`, `"007"`, `"-5"`, `"+5"`, `"1e3"`, `"0x1p3"`, `"1_0"`, `"null"`, `"nul"`, `"true"`, `"\"a\""`, `"\"\\'\""`, `"\"a"`,
	`"\u0031"`, `"\ud83d\ude00"`, `"\ud83d"`, `"\ud83dx"`, `"\ude00\ud83d"`, `"\ud83d\u0061"`, `"\'"`, `"\x"`, `"\u12g4"`, `"\u12`,
	"\"\xff\"", "\"\xed\xa0\x80\"", "\"\t\"", `"AQID"`, `"AQI="`, `"AQI"`, `"A\nQID"`, `"A\r\nQID"`, `"red"`, `"2024-05-17T13:04:05Z"`,
	`"2024-05-17t13:04:05Z"`, `"2024-13-17T13:04:05Z"`, `"2024-05-17T13:04:05,5Z"`, `"2024\u002d05-17T13:04:05Z"`, `"10.0.0.1"`,
	"[]", "{}", "[1]", "[1,2,3,4,5]", `["1"]`, `[null]`, "[[]]", "[{}]", "[1,]", "{,}", `{"a"}`, `{"a":}`, `{"a":1,}`, `{"a":1}`,
	`{"ID":null,"id":"b"}`, `{"":1}`, `{"A":{"b":[1,{}]},"B":2}`, "nul", "tru", "[", "{", "]", "}", ",", ":", `"`, "/", "\ufeff"}

// tokens are the offsets of where each name, value and piece of punctuation begins and ends.
func tokens(text []byte) [][2]int {
	var spots [][2]int
	for i := 0; i < len(text); {
		start := i
		switch c := text[i]; {
		case c == '"':
			for i++; i < len(text) && text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
			i = min(i+1, len(text))
		case strings.IndexByte("{}[],: \t\r\n", c) >= 0:
			i++
		default:
			for i < len(text) && strings.IndexByte("{}[],:\" \t\r\n", text[i]) < 0 {
				i++
			}
		}
		spots = append(spots, [2]int{start, i})
	}
	return spots
}

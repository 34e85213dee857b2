package codec_test

import (
	"fmt"

	"github.com/wfegen/wfe/runtime/codec"
)

// What the generator writes for
//
//	type Line struct {
//		SKU string `json:"sku"`
//		Qty int    `json:"qty"`
//	}
func ExampleNew() {
	c := codec.New("Line", 0x5a1b2c3d4e5f6071, appendLine, decodeLine)
	payload, err := c.Marshal(&Line{SKU: "tea", Qty: 2})
	fmt.Printf("%q %v\n", payload[codec.HeaderSize:], err)

	var v Line
	err = c.Unmarshal(payload, &v)
	fmt.Println(v, err)
	err = c.Decode([]byte(`{"sku":"tea","qty":"2"}`), &v)
	fmt.Println(err)
	// Output:
	// "{\"sku\":\"tea\",\"qty\":2}" <nil>
	// {tea 2} <nil>
	// codec: decoding Line.qty: at byte 19: found a string, want a number
}

// Line is a line of an order.
type Line struct {
	SKU string `json:"sku"`
	Qty int    `json:"qty"`
}

func appendLine(b []byte, v *Line) ([]byte, error) {
	b = append(b, `{"sku":`...)
	b = codec.AppendString(b, v.SKU)
	b = append(b, `,"qty":`...)
	b = codec.AppendInt(b, v.Qty)
	return append(b, '}'), nil
}

func decodeLine(d *codec.Decoder, v *Line) {
	for name := d.FirstField(); name != nil; name = d.NextField() {
		switch string(name) {
		case "sku":
			codec.DecodeString(d, &v.SKU)
		case "qty":
			codec.DecodeInt(d, &v.Qty)
		default:
			d.Unmatched(name, "sku", "qty")
		}
	}
}

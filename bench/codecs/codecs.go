// Package codecs is an order of twelve fields, one of them a slice of structs, and what reads and writes it as JSON: the
// code that wfegen generates, encoding/json, and three other libraries with their fastest ways.
package codecs

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/bytedance/sonic"
	goccy "github.com/goccy/go-json"
	"github.com/mailru/easyjson"
	"github.com/mailru/easyjson/jwriter"

	"github.com/wfegen/wfe/bench/codecs/easy"
)

//go:generate go tool wfegen .

// Order is the value.
//
//wfe:data
type Order struct {
	ID       string    `json:"id"`
	Customer string    `json:"customer"`
	Email    string    `json:"email"`
	Cents    int64     `json:"cents"`
	Currency string    `json:"currency"`
	Paid     bool      `json:"paid"`
	Weight   float64   `json:"weight"`
	Placed   time.Time `json:"placed"`
	Tags     []string  `json:"tags"`
	Items    []Item    `json:"items"`
	Address  *Address  `json:"address"`
	Note     string    `json:"note,omitempty"`
}

// Item is one line of an order.
type Item struct {
	SKU   string `json:"sku"`
	Name  string `json:"name"`
	Qty   int    `json:"qty"`
	Cents int64  `json:"cents"`
}

// Address is where it goes.
type Address struct {
	Street string `json:"street"`
	City   string `json:"city"`
	Zip    string `json:"zip"`
}

// Sample is the order that is measured: 10 items, about 900 bytes.
func Sample() *Order {
	o := &Order{
		ID: "ord-2025-000417", Customer: "Ada Lovelace", Email: "ada@example.com", Cents: 123_450, Currency: "EUR", Paid: true,
		Weight: 12.75, Placed: time.Date(2025, 3, 14, 9, 26, 53, 589_793_000, time.UTC), Tags: []string{"gift", "express", "b2b"},
		Address: &Address{Street: "12 St James's Square", City: "London", Zip: "SW1Y 4JH"}, Note: "Please ring twice; the bell is <small> & old.",
	}
	for i := range 10 {
		o.Items = append(o.Items, Item{SKU: fmt.Sprintf("SKU-%04d", i), Name: "analytical engine, part", Qty: i + 1, Cents: int64(1999 * (i + 1))})
	}
	return o
}

// Codec is one way to write and read an order.
type Codec struct {
	Name string
	// Marshal writes the sample, into b where the library can. What it returns is handed in the next time.
	Marshal func(b []byte) ([]byte, error)
	// Unmarshal reads into a new order.
	Unmarshal func(text []byte) (any, error)
}

// Codecs are those that are compared. The first is wfegen's, the second encoding/json.
func Codecs() []Codec {
	o := Sample()
	fast, std := sonic.ConfigDefault, sonic.ConfigStd
	return []Codec{
		{"wfegen",
			func(b []byte) ([]byte, error) { return codecOrder.Append(b[:0], o) },
			func(text []byte) (any, error) { v := new(Order); return v, codecOrder.Decode(text, v) }},
		{"encoding/json",
			func([]byte) ([]byte, error) { return json.Marshal(o) },
			func(text []byte) (any, error) { v := new(Order); return v, json.Unmarshal(text, v) }},
		{"goccy/go-json",
			func([]byte) ([]byte, error) { return goccy.Marshal(o) },
			func(text []byte) (any, error) { v := new(Order); return v, goccy.Unmarshal(text, v) }},
		{"sonic, as encoding/json",
			func([]byte) ([]byte, error) { return std.Marshal(o) },
			func(text []byte) (any, error) { v := new(Order); return v, std.Unmarshal(text, v) }},
		{"sonic, its default",
			func([]byte) ([]byte, error) { return fast.Marshal(o) },
			func(text []byte) (any, error) { v := new(Order); return v, fast.Unmarshal(text, v) }},
		easyCodec(o),
	}
}

// easyCodec has a type of its own: a method MarshalJSON would be what the others measure.
func easyCodec(o *Order) Codec {
	e := easyOrder(o)
	return Codec{"easyjson",
		func(b []byte) ([]byte, error) {
			w := jwriter.Writer{}
			w.Buffer.Buf = b[:0] // it writes there as long as there is room
			e.MarshalEasyJSON(&w)
			return w.BuildBytes(b[:0])
		},
		func(text []byte) (any, error) { v := new(easy.Order); return v, easyjson.Unmarshal(text, v) }}
}

func easyOrder(o *Order) *easy.Order {
	e := &easy.Order{
		ID: o.ID, Customer: o.Customer, Email: o.Email, Cents: o.Cents, Currency: o.Currency, Paid: o.Paid, Weight: o.Weight,
		Placed: o.Placed, Tags: slices.Clone(o.Tags), Address: (*easy.Address)(o.Address), Note: o.Note,
	}
	for _, it := range o.Items {
		e.Items = append(e.Items, easy.Item(it))
	}
	return e
}

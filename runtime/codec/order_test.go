package codec_test

import (
	"time"

	"github.com/wfegen/wfe/runtime/codec"
)

// order is the value of the benchmarks. The functions below it are what the generator writes for it.
type order struct {
	ID       string    `json:"id"`
	Customer string    `json:"customer"`
	Email    string    `json:"email"`
	Cents    int64     `json:"cents"`
	Currency string    `json:"currency"`
	Paid     bool      `json:"paid"`
	Weight   float64   `json:"weight"`
	Placed   time.Time `json:"placed"`
	Tags     []string  `json:"tags"`
	Items    []item    `json:"items"`
	Address  *address  `json:"address"`
	Note     string    `json:"note,omitempty"`
}

type item struct {
	SKU   string `json:"sku"`
	Name  string `json:"name"`
	Qty   int    `json:"qty"`
	Cents int64  `json:"cents"`
}

type address struct {
	Street string `json:"street"`
	City   string `json:"city"`
	Zip    string `json:"zip"`
}

func orderCodec() codec.Codec[order] { return codec.New("order", 0, appendOrder, decodeOrder) }

func appendOrder(b []byte, v *order) ([]byte, error) {
	var err error
	b = append(b, `{"id":`...)
	b = codec.AppendString(b, v.ID)
	b = append(b, `,"customer":`...)
	b = codec.AppendString(b, v.Customer)
	b = append(b, `,"email":`...)
	b = codec.AppendString(b, v.Email)
	b = append(b, `,"cents":`...)
	b = codec.AppendInt(b, v.Cents)
	b = append(b, `,"currency":`...)
	b = codec.AppendString(b, v.Currency)
	b = append(b, `,"paid":`...)
	b = codec.AppendBool(b, v.Paid)
	b = append(b, `,"weight":`...)
	if b, err = codec.AppendFloat64(b, v.Weight); err != nil {
		return b, err
	}
	b = append(b, `,"placed":`...)
	if b, err = codec.AppendTime(b, v.Placed); err != nil {
		return b, err
	}
	b = append(b, `,"tags":`...)
	b = codec.AppendValues(b, v.Tags, codec.AppendString)
	b = append(b, `,"items":`...)
	if b, err = codec.AppendSlice(b, v.Items, appendItem); err != nil {
		return b, err
	}
	b = append(b, `,"address":`...)
	if b, err = codec.AppendPointer(b, v.Address, appendAddress); err != nil {
		return b, err
	}
	if v.Note != "" {
		b = append(b, `,"note":`...)
		b = codec.AppendString(b, v.Note)
	}
	return append(b, '}'), nil
}

func decodeOrder(d *codec.Decoder, v *order) {
	for name := d.FirstField(); name != nil; name = d.NextField() {
		switch string(name) {
		case "id":
			codec.DecodeString(d, &v.ID)
		case "customer":
			codec.DecodeString(d, &v.Customer)
		case "email":
			codec.DecodeString(d, &v.Email)
		case "cents":
			codec.DecodeInt(d, &v.Cents)
		case "currency":
			codec.DecodeString(d, &v.Currency)
		case "paid":
			codec.DecodeBool(d, &v.Paid)
		case "weight":
			codec.DecodeFloat64(d, &v.Weight)
		case "placed":
			codec.DecodeTime(d, &v.Placed)
		case "tags":
			codec.DecodeSlice(d, &v.Tags, codec.DecodeString)
		case "items":
			codec.DecodeSlice(d, &v.Items, decodeItem)
		case "address":
			codec.DecodePointer(d, &v.Address, decodeAddress)
		case "note":
			codec.DecodeString(d, &v.Note)
		default:
			d.Unmatched(name, "id", "customer", "email", "cents", "currency", "paid", "weight", "placed", "tags", "items", "address", "note")
		}
	}
}

func appendItem(b []byte, v *item) ([]byte, error) {
	b = append(b, `{"sku":`...)
	b = codec.AppendString(b, v.SKU)
	b = append(b, `,"name":`...)
	b = codec.AppendString(b, v.Name)
	b = append(b, `,"qty":`...)
	b = codec.AppendInt(b, v.Qty)
	b = append(b, `,"cents":`...)
	b = codec.AppendInt(b, v.Cents)
	return append(b, '}'), nil
}

func decodeItem(d *codec.Decoder, v *item) {
	for name := d.FirstField(); name != nil; name = d.NextField() {
		switch string(name) {
		case "sku":
			codec.DecodeString(d, &v.SKU)
		case "name":
			codec.DecodeString(d, &v.Name)
		case "qty":
			codec.DecodeInt(d, &v.Qty)
		case "cents":
			codec.DecodeInt(d, &v.Cents)
		default:
			d.Unmatched(name, "sku", "name", "qty", "cents")
		}
	}
}

func appendAddress(b []byte, v *address) ([]byte, error) {
	b = append(b, `{"street":`...)
	b = codec.AppendString(b, v.Street)
	b = append(b, `,"city":`...)
	b = codec.AppendString(b, v.City)
	b = append(b, `,"zip":`...)
	b = codec.AppendString(b, v.Zip)
	return append(b, '}'), nil
}

func decodeAddress(d *codec.Decoder, v *address) {
	for name := d.FirstField(); name != nil; name = d.NextField() {
		switch string(name) {
		case "street":
			codec.DecodeString(d, &v.Street)
		case "city":
			codec.DecodeString(d, &v.City)
		case "zip":
			codec.DecodeString(d, &v.Zip)
		default:
			d.Unmatched(name, "street", "city", "zip")
		}
	}
}

func sampleOrder() order {
	o := order{
		ID: "ord-000017", Customer: "Ada Lovelace", Email: "ada@example.com", Cents: 125_900, Currency: "EUR", Paid: true,
		Weight: 12.375, Placed: time.Date(2024, 5, 17, 13, 4, 5, 123456789, time.UTC),
		Tags:    []string{"express", "gift", "fragile"},
		Address: &address{Street: "12 St James's Square", City: "London", Zip: "SW1Y 4JH"},
		Note:    "Leave it at the side door & ring twice.",
	}
	for i := range 8 {
		o.Items = append(o.Items, item{SKU: "SKU-10032-" + string(rune('a'+i)), Name: "Analytical engine, part", Qty: i + 1, Cents: int64(i) * 1999})
	}
	return o
}

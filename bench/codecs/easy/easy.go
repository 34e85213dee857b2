// Package easy is the order of package codecs once more, with the code that easyjson generates for it.
package easy

import "time"

//go:generate go tool easyjson -all easy.go

// Order is codecs.Order.
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

// Item is codecs.Item.
type Item struct {
	SKU   string `json:"sku"`
	Name  string `json:"name"`
	Qty   int    `json:"qty"`
	Cents int64  `json:"cents"`
}

// Address is codecs.Address.
type Address struct {
	Street string `json:"street"`
	City   string `json:"city"`
	Zip    string `json:"zip"`
}

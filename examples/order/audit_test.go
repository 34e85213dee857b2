package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/wfegen/wfe/examples/order/outside"
	"github.com/wfegen/wfe/examples/order/pipeline"
)

// audit compares how orders ended with what happened in the outside world, and
// lists what is wrong.
func audit(orders []order, ends map[string]end, entries []outside.Entry) []string {
	var wrong []string
	bad := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	books := map[string]*book{}
	keys := map[string]bool{}
	for _, e := range entries {
		if e.Effect == "decline" {
			continue
		}
		if keys[e.Key] {
			bad("two effects under the key %s", e.Key)
		}
		keys[e.Key] = true
		id := e.Key[:max(strings.LastIndexByte(e.Key, '/'), 0)]
		if books[id] == nil {
			books[id] = &book{live: map[string]outside.Entry{}, gone: map[string]bool{}, count: map[string]int{}}
		}
		if err := books[id].enter(e); err != nil {
			bad("order %s: %v", id, err)
		}
	}
	for _, o := range orders {
		b := books[o.ID]
		if b == nil {
			b = &book{}
		}
		delete(books, o.ID)
		if ends[o.ID] != o.Want {
			bad("order %s is %q, not %q", o.ID, ends[o.ID], o.Want)
		}
		if err := b.settles(o); err != nil {
			bad("order %s, which is %s: %v", o.ID, o.Want, err)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(books)) {
		bad("effects of an order %q that nobody placed", id)
	}
	return wrong
}

// book is what happened for one order.
type book struct {
	live  map[string]outside.Entry // by key: charges and reservations that were not reversed
	gone  map[string]bool          // keys that were reversed
	count map[string]int           // by effect
}

func (b *book) enter(e outside.Entry) error {
	b.count[e.Effect]++
	switch e.Effect {
	case "charge", "reserve":
		if b.gone[e.Key] {
			return fmt.Errorf("the %s under %s happened after it was reversed", e.Effect, e.Key)
		}
		b.live[e.Key] = e
	case "refund", "release":
		if b.gone[e.Of] {
			return fmt.Errorf("what happened under %s was reversed twice", e.Of)
		}
		b.gone[e.Of] = true
		if done, ok := b.live[e.Of]; ok {
			if was := map[string]string{"refund": "charge", "release": "reserve"}[e.Effect]; done.Effect != was {
				return fmt.Errorf("a %s of a %s", e.Effect, done.Effect)
			}
			if e.Effect == "release" && b.refundable() {
				return fmt.Errorf("an item was released before the payment, which came later, was given back")
			}
			delete(b.live, e.Of)
		}
	}
	return nil
}

// refundable reports whether a charge stands.
func (b *book) refundable() bool {
	for _, e := range b.live {
		if e.Effect == "charge" {
			return true
		}
	}
	return false
}

// settles says in what the book does not fit the end of its order.
func (b *book) settles(o order) error {
	var charged []int64
	var reserved []pipeline.Item
	for _, e := range b.live {
		switch e.Effect {
		case "charge":
			charged = append(charged, e.Cents)
		case "reserve":
			reserved = append(reserved, pipeline.Item{SKU: e.SKU, Qty: e.Qty})
		}
	}
	want, items, sent := []int64{o.Cents}, slices.Clone(o.Items), 1
	if o.Want != complete {
		want, items, sent = nil, nil, 0
	}
	bySKU := func(a, b pipeline.Item) int { return strings.Compare(a.SKU, b.SKU) }
	slices.SortFunc(items, bySKU)
	slices.SortFunc(reserved, bySKU)
	switch {
	case !slices.Equal(charged, want):
		return fmt.Errorf("charged are %v cents, not %v", charged, want)
	case !slices.Equal(reserved, items):
		return fmt.Errorf("reserved are %v, not %v", reserved, items)
	case b.count["ship"] != sent || b.count["mail"] != sent:
		return fmt.Errorf("%d parcels and %d mails were sent, not %d of each", b.count["ship"], b.count["mail"], sent)
	case o.Want == waiting && len(b.count) > 0:
		return fmt.Errorf("something was done before the approval: %v", b.count)
	}
	return nil
}

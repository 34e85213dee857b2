package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/wfegen/wfe/examples/order/pipeline"
	wfe "github.com/wfegen/wfe/runtime"
)

//go:embed orders.json
var sample []byte

// order is one entry of the file.
type order struct {
	pipeline.Order
	// Want is how the order is to end: complete, terminated, suspended or
	// waiting. Without it anything but suspended will do.
	Want end `json:"want"`
}

// readOrders reads and checks a whole file before anything is started.
func readOrders(file string) ([]order, error) {
	data, name := sample, "the sample"
	if file != "" {
		var err error
		if data, err = os.ReadFile(file); err != nil {
			return nil, fmt.Errorf("reading the orders: %w", err)
		}
		name = file
	}
	var raw []json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		if wrong := (*json.UnmarshalTypeError)(nil); errors.As(err, &wrong) {
			return nil, fmt.Errorf("%s: it is a JSON %s; write an array of orders: [{...}, {...}]", name, wrong.Value)
		}
		return nil, fmt.Errorf("%s: not a JSON array of orders: %w", name, position(data, err))
	}
	orders := make([]order, len(raw))
	seen := map[string]int{}
	for i, r := range raw {
		if err := decode(r, &orders[i]); err != nil {
			return nil, fmt.Errorf("%s: order %d: %w", name, i+1, err)
		}
		id := orders[i].ID
		if first, ok := seen[id]; ok {
			return nil, fmt.Errorf("%s: order %d has the id %q of order %d; give it one of its own", name, i+1, id, first)
		}
		seen[id] = i + 1
	}
	return orders, nil
}

// maxID is the bound of an instance's id, in bytes.
const maxID = 255

func decode(r json.RawMessage, o *order) error {
	d := json.NewDecoder(bytes.NewReader(r))
	d.DisallowUnknownFields()
	if err := d.Decode(o); err != nil {
		return fits(err)
	}
	switch {
	case o.ID == "":
		return errors.New(`it has no "id"`)
	case len(o.ID) > maxID:
		return fmt.Errorf(`its "id" is %d bytes long; at most %d are allowed`, len(o.ID), maxID)
	}
	switch o.Want {
	case "", complete, terminated, suspended, waiting:
		return nil
	}
	return fmt.Errorf(`"want" is %q; it can be %s, %s, %s or %s`, o.Want, complete, terminated, suspended, waiting)
}

// fits says it of the file, not of Go, when a value is of the wrong type.
func fits(err error) error {
	if wrong := (*json.UnmarshalTypeError)(nil); errors.As(err, &wrong) {
		field := strings.TrimPrefix(wrong.Field, "Order.")
		if field == "" {
			return fmt.Errorf("it is a JSON %s; write an object: {...}", wrong.Value)
		}
		return fmt.Errorf("%q is a JSON %s, which does not fit; write a value of type %v", field, wrong.Value, wrong.Type)
	}
	return err
}

// position adds the line to a syntax error.
func position(data []byte, err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		line := 1 + bytes.Count(data[:min(int(syntax.Offset), len(data))], []byte("\n"))
		return fmt.Errorf("line %d: %w", line, err)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("it ends too early")
	}
	return err
}

// toApprove returns the ids of the orders that -approve names.
func toApprove(which string, orders []order) ([]string, error) {
	var ids []string
	for _, o := range orders {
		if o.Cents > pipeline.Large && (which == "all" || which == o.ID) {
			ids = append(ids, o.ID)
		}
	}
	if which != "" && which != "all" && ids == nil {
		return nil, fmt.Errorf("-approve: there is no large order %q in the file (large is above %d cents)", which, pipeline.Large)
	}
	return ids, nil
}

// end is how an order ended, or that it waits for an approval.
type end string

const (
	complete   = end(wfe.Complete)
	terminated = end(wfe.Terminated)
	suspended  = end(wfe.Suspended)
	waiting    = end("waiting")
)

package direct

import (
	"fmt"

	"github.com/wfegen/wfe/runtime/engine"
)

func bounded(what string, n int) error {
	if n > engine.MaxPayload {
		return fmt.Errorf("%s %d bytes; at most %d are allowed", what, n, engine.MaxPayload)
	}
	return nil
}

func boundedItems(what string, items [][]byte) error {
	if len(items) > engine.MaxItems {
		return fmt.Errorf("%s %d elements; at most %d are allowed", what, len(items), engine.MaxItems)
	}
	for i, item := range items {
		if err := bounded(fmt.Sprintf("element %d is", i), len(item)); err != nil {
			return err
		}
	}
	return nil
}

package host

import (
	"fmt"

	"github.com/wfegen/wfe/runtime/engine"
)

// bind makes a binding of each workflow for each scheduler goroutine. A builder
// function that cannot be bound is an error of Start.
func (h *Host) bind() error {
	h.codes = make([]map[string]engine.Code, h.Schedulers)
	for i := range h.codes {
		h.codes[i] = make(map[string]engine.Code, len(h.workflows))
		for hash, w := range h.workflows {
			code, err := w.NewCode()
			if err != nil {
				return fmt.Errorf("wfe: workflow %s version %d: %w", w.Definition.Name, w.Definition.Version, err)
			}
			h.codes[i][hash] = code
		}
	}
	return nil
}

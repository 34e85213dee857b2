package host

import (
	"fmt"

	"github.com/wfegen/wfe/runtime/engine"
)

// bind makes a binding of each workflow for each scheduler goroutine. A builder
// function that cannot be bound is an error of Start.
func (h *Host) bind() error {
	h.programs = make([]map[*Workflow]*engine.Program, h.Schedulers)
	for i := range h.programs {
		h.programs[i] = make(map[*Workflow]*engine.Program, len(h.workflows))
		for _, w := range h.workflows {
			code, err := w.NewCode()
			if err != nil {
				return fmt.Errorf("wfe: workflow %s version %d: %w", w.Definition.Name, w.Definition.Version, err)
			}
			h.programs[i][w] = &engine.Program{Definition: w.Definition, Settings: w.Settings, Positions: w.Positions, Code: code}
		}
	}
	return nil
}

// find returns the registered workflow of that name and version, the newest for
// version 0; nil if there is none.
func (h *Host) find(name string, version int) *Workflow {
	var found *Workflow
	for _, w := range sortedWorkflows(h.workflows) { // versions ascend
		if w.Definition.Name == name && (version == 0 || w.Definition.Version == version) {
			found = w
		}
	}
	return found
}

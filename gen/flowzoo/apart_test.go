package flowzoo

import (
	"testing"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/wfetest"
)

func TestCompiled_WhatHasMemoryInCommonIsApartBehindACall(t *testing.T) {
	wfetest.Equivalent(t, Apart, wfetest.Case[Case]{Parts: func() []any { return []any{NewSteps()} }})
	wfetest.CrashEverywhere(t, func(r *wfetest.Rig) {
		r.Host(func(h *wfe.Host) error { return Register(h, NewSteps()) })
		wfetest.Start(r, StartApart, Case{}).UntilComplete()
	})
}

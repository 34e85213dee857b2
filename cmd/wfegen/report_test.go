package main

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/gen"
	"github.com/wfegen/wfe/internal/analysis/diag"
)

func TestExitCodesFollowTheGravestFinding(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		code int
		ds   []diag.Diagnostic
	}{
		{exitClean, nil},
		{exitClean, []diag.Diagnostic{{Level: diag.Warning}}},
		{exitFindings, []diag.Diagnostic{{Level: diag.Warning}, {Level: diag.Compile}}},
		{exitFindings, []diag.Diagnostic{{Level: diag.Error, Code: diag.BadRun}}},
		{exitFailed, []diag.Diagnostic{{Level: diag.Error, Code: diag.BadOutput}}},
	} {
		r := reporter{findings: diag.Printer{W: io.Discard}}
		require.Equal(t, c.code, r.found(&gen.Report{Diagnostics: c.ds}))
		if r.strict = true; len(c.ds) > 0 {
			require.Equal(t, max(c.code, exitFindings), r.found(&gen.Report{Diagnostics: c.ds}))
		}
	}
}

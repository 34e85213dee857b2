package main

import (
	"bytes"
	"context"
	"os"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/wfegen/wfe/gen"
)

// diffs shows what generating would change: findings on stderr, a unified diff on stdout; as JSON both in one document.
func diffs(ctx context.Context, c gen.Config, out *reporter) int {
	report, err := gen.Check(ctx, c)
	if err != nil {
		return out.refused(err)
	}
	if out.format != "text" {
		out.diffs = true
		return out.checked(report, c.Patterns)
	}
	code := out.found(report)
	for _, change := range report.Changes {
		if _, err := os.Stdout.Write(unified(out.name(change.Path), change)); err != nil {
			return out.refused(err)
		}
		code = max(code, exitFindings)
	}
	return code
}

// unified is a change as a diff that patch takes.
func unified(name string, c gen.Change) []byte {
	from, to := "a/"+name, "b/"+name
	if c.Old == nil {
		from = "/dev/null"
	}
	if c.Remove {
		to = "/dev/null"
	}
	text := diff.Diff(from, bytes.ReplaceAll(c.Old, []byte("\r\n"), []byte("\n")), to, c.New)
	_, text, _ = bytes.Cut(text, []byte("\n")) // the line "diff a b"
	return text
}

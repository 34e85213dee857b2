package flow

import (
	"go/parser"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNameFor_SaysWhatAConditionAsksFor(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"o.Approved":                               "approved",
		"!o.Approved && o.Cents > 1_000":           "not-approved-cents",
		"o.Cents > Large":                          "cents-large",
		"n < 7":                                    "n-7",
		`o.By == "me"`:                             "by-me",
		`strings.HasPrefix(o.By, "x")`:             "has-prefix-by-x",
		`o.Text == "more than a name"`:             "text",
		"len(o.Items) > 0 || o.Paid || o.Refunded": "len-items-0",
		"1.5 > 2.5":                                "other",
	} {
		x, err := parser.ParseExpr(text)
		require.NoError(t, err)
		require.Equal(t, want, NameFor(x), text)
	}
}

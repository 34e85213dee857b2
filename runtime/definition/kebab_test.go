package definition_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/definition"
)

func TestKebabPutsDashesBetweenTheWordsOfAGoName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"ChargeCard": "charge-card", "HTTPServer": "http-server", "ID": "id", "OrderV2Done": "order-v2-done", "order": "order",
		"GetURL": "get-url", "X": "x", "AStep": "a-step", "Überweisung": "überweisung", "Step2": "step2",
	} {
		require.Equal(t, want, definition.Kebab(name), name)
	}
}

package outside

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestALineThatWasCutShortIsNoEntryAndLeavesNoTrace(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "ledger")
	whole := `{"key":"a/1","effect":"mail"}` + "\n"
	require.NoError(t, os.WriteFile(file, []byte(whole+`{"key":"a/2","eff`), 0o600))
	w := New(file, 0, io.Discard)
	require.NoError(t, w.Send(t.Context(), "a/2", "to", "text"))
	require.NoError(t, w.Close())
	f, err := os.Open(file)
	require.NoError(t, err)
	defer f.Close()
	entries, err := ReadLedger(f)
	require.NoError(t, err)
	require.Len(t, entries, 2)
}

func TestAKeyHasOneEffect(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "ledger")
	for range 2 { // the second world has only the file
		w := New(file, 0, io.Discard)
		for range 2 {
			receipt, err := w.Charge(t.Context(), "a/1", "visa", 100)
			require.NoError(t, err)
			require.Equal(t, "receipt-a/1", receipt)
		}
		require.NoError(t, w.Close())
	}
	b, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, `{"key":"a/1","effect":"charge","detail":"1.00","cents":100}`+"\n", string(b))
}

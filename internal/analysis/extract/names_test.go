package extract

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParametersAreNamedInLowerCamelCase(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Gateway": "gateway", "HTTPClient": "httpClient", "DB": "db", "logger": "logger", "MyDB": "myDB",
	} {
		require.Equal(t, want, lowerCamel(name), name)
	}
}

func TestNamesAvoidKeywordsPredeclaredAndTakenOnes(t *testing.T) {
	t.Parallel()
	n := newNames("mail")
	require.Equal(t, "mail2", n.free("mail"))
	require.Equal(t, "len2", n.free("len"))
	require.Equal(t, "type2", n.free("type"))
	require.Equal(t, "x", n.free("x"))
	require.Equal(t, "x2", n.free("x"))
}

func TestInternalPackagesAreVisibleFromTheirParentOnly(t *testing.T) {
	t.Parallel()
	require.True(t, internalVisible("a/b", "c"))
	require.True(t, internalVisible("a/internal/b", "a/c"))
	require.True(t, internalVisible("a/internal", "a"))
	require.False(t, internalVisible("a/internal/b", "c"))
	require.False(t, internalVisible("a/internal/b", "ab"))
	require.False(t, internalVisible("internal/abi", "a"))
	require.False(t, internalVisible("a/internal/b/internal/c", "a/d"))
}

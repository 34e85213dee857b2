package flow

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHazards_AFileNameMayBeABuildConstraint(t *testing.T) {
	t.Parallel()
	for file, system := range map[string]bool{
		"help.go": false, "linux.go": false, "help_now.go": false, "help_linux.go": true, "help_amd64.go": true, "help_darwin_arm64.go": true,
	} {
		require.Equal(t, system, namesSystem(file), file)
	}
}

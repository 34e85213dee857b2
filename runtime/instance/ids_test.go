package instance_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/instance"
)

func TestATimeThatIsNoInstantIsTheNearestOne(t *testing.T) {
	t.Parallel()
	year := func(y int) instance.Instant { return instance.At(time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC)) }
	require.Equal(t, instance.Instant(math.MinInt64), year(1))
	require.Equal(t, instance.Instant(math.MaxInt64), year(9999))
	require.Equal(t, 2030, year(2030).Time().Year())

	require.Equal(t, time.Duration(math.MaxInt64), year(9999).Sub(year(1)))
	require.Equal(t, time.Duration(math.MinInt64), year(1).Sub(year(9999)))
	require.Equal(t, 24*365*time.Hour, year(2031).Sub(year(2030)))
}

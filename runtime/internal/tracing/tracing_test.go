package tracing

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/trace"
)

func context1(t *testing.T, state string) context.Context {
	t.Helper()
	s, err := trace.ParseTraceState(state)
	require.NoError(t, err)
	return trace.ContextWithSpanContext(t.Context(), trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{1, 15: 2}, SpanID: trace.SpanID{3, 7: 4}, TraceFlags: trace.FlagsSampled, TraceState: s}))
}

func TestOf_IsGivenBackByWith(t *testing.T) {
	t.Parallel()
	for _, state := range []string{"", "vendor=a,other=b"} {
		b := Of(context1(t, state))
		got := trace.SpanContextFromContext(With(t.Context(), b))
		want := trace.SpanContextFromContext(context1(t, state)).WithRemote(true)
		require.True(t, want.Equal(got), "%v %v", want, got)
		require.Equal(t, "01000000000000000000000000000002", ID(b))
	}
}

func TestOf_IsNilWithoutASpan(t *testing.T) {
	t.Parallel()
	require.Nil(t, Of(t.Context()))
	require.Equal(t, t.Context(), With(t.Context(), nil))
	require.Empty(t, ID(nil))
}

func TestOf_DropsATraceStateThatIsTooLong(t *testing.T) {
	t.Parallel()
	var members []string
	for i := range 5 {
		members = append(members, strings.Repeat(string(rune('a'+i)), 8)+"="+strings.Repeat("x", 200))
	}
	b := Of(context1(t, strings.Join(members, ",")))
	require.Len(t, b, stateAt)
	require.True(t, SpanContext(b).IsValid())
}

func TestSpanContext_OfOtherBytesIsInvalid(t *testing.T) {
	t.Parallel()
	for _, b := range [][]byte{{}, {1, 2, 3}, make([]byte, stateAt), bytes.Repeat([]byte{1}, stateAt+maxState+1)} {
		require.False(t, SpanContext(b).IsValid())
		require.Equal(t, t.Context(), With(t.Context(), b))
	}
	require.True(t, SpanContext(append(bytes.Repeat([]byte{1}, stateAt), "not a trace state"...)).IsValid(), "the state alone is dropped")
}

package host

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
)

func TestReplies_WhoAskedGetsTheErrorThatTheHostHad(t *testing.T) {
	t.Parallel()
	for _, is := range []error{ErrAlreadyExists, ErrReferenceTaken, ErrLive, ErrNotFound, ErrInboxFull, ErrNotRegistered} {
		err := fmt.Errorf("wfe: doing x: %w", is)
		_, got := Answer(*replyTo("r", 1, "no answer", err))
		require.ErrorIs(t, got, is)
		require.EqualError(t, got, err.Error())
	}
	for _, err := range []error{
		&CommandError{Instance: "i", Command: Retry, Status: instance.Terminated, Reason: instance.ReasonFailed},
		&BlockedError{Instance: "i", Node: "n", Reason: "changed"},
	} {
		_, got := Answer(*replyTo("r", 1, "", fmt.Errorf("wfe: doing x: %w", err)))
		require.Equal(t, err, got)
	}
	_, err := Answer(*replyTo("r", 1, "", errors.New("something else")))
	require.EqualError(t, err, "something else")
	text, err := Answer(*replyTo("r", 1, "7", nil))
	require.NoError(t, err)
	require.Equal(t, "7", text)
	_, err = Answer(store.Reply{Code: "of another version", Text: "said"})
	require.EqualError(t, err, "said")
	_, err = Answer(store.Reply{Code: "refused", Text: "{"})
	require.ErrorContains(t, err, `reading the answer "{"`)
}

package host

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
)

// What a request of another process came to goes as a code and a text through the
// store. The same table is used by the host, which writes them, and by who asked.

// kind is a sort of errors that callers branch on.
type kind struct {
	code  string
	write func(err error) (text string, ok bool) // false: err is of another kind
	read  func(text string) error
}

// The codes of what is of no kind.
const (
	codeDone  = "done"
	codeError = "error"
)

var kinds = []kind{
	oneOf("exists", ErrAlreadyExists),
	oneOf("reference-taken", ErrReferenceTaken),
	oneOf("live", ErrLive),
	oneOf("not-found", ErrNotFound),
	oneOf("inbox-full", ErrInboxFull),
	oneOf("not-registered", ErrNotRegistered),
	typed[*CommandError]("refused"),
	typed[*BlockedError]("blocked"),
}

// oneOf is the kind of errors that are is.
func oneOf(code string, is error) kind {
	return kind{code,
		func(err error) (string, bool) { return err.Error(), errors.Is(err, is) },
		func(text string) error { return &ReplyError{text, is} },
	}
}

// typed is the kind of errors of type E, a pointer. They go as JSON.
func typed[E error](code string) kind {
	return kind{code,
		func(err error) (string, bool) {
			var e E
			if !errors.As(err, &e) {
				return "", false
			}
			text, err := json.Marshal(e)
			return string(text), err == nil
		},
		func(text string) error {
			var e E
			if err := json.Unmarshal([]byte(text), &e); err != nil {
				return fmt.Errorf("reading the answer %q: %w", text, err)
			}
			return e
		},
	}
}

// ReplyError is an error of the host that was asked, in its words.
type ReplyError struct {
	Text string
	Kind error // for errors.Is; may be nil
}

func (e *ReplyError) Error() string { return e.Text }
func (e *ReplyError) Unwrap() error { return e.Kind }

// replyTo is what a request has come to: a text, or an error.
func replyTo(request string, at instance.Instant, text string, err error) *store.Reply {
	r := &store.Reply{Request: request, At: at, Code: codeDone, Text: text}
	if err == nil {
		return r
	}
	for _, k := range kinds {
		if text, ok := k.write(err); ok {
			r.Code, r.Text = k.code, text
			return r
		}
	}
	r.Code, r.Text = codeError, err.Error()
	return r
}

// Answer is what replyTo was called with, as who asked sees it.
func Answer(r store.Reply) (text string, err error) {
	if r.Code == codeDone {
		return r.Text, nil
	}
	for _, k := range kinds {
		if k.code == r.Code {
			return "", k.read(r.Text)
		}
	}
	return "", &ReplyError{Text: r.Text}
}

package host

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/wfegen/wfe/runtime/engine"
	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/internal/tracing"
)

// Command is something that is wanted of an instance as a whole.
type Command string

// The commands.
const (
	Suspend   Command = "suspend"
	Resume    Command = "resume"
	Retry     Command = "retry"
	Cancel    Command = "cancel"
	Terminate Command = "terminate"
)

var commandKinds = map[Command]instance.InputKind{
	Suspend: instance.Suspend, Resume: instance.Resume, Retry: instance.Retry, Cancel: instance.Cancel, Terminate: instance.Terminate,
}

func commandOf(k instance.InputKind) Command {
	for c, kind := range commandKinds {
		if kind == k {
			return c
		}
	}
	return ""
}

// CommandError says that an instance's status does not allow a command. Nothing
// was done.
type CommandError struct {
	Instance string
	Command  Command
	Status   instance.Status
	Reason   instance.Reason // where it is Terminated
}

func (e *CommandError) Error() string {
	is := string(e.Status)
	switch {
	case e.Reason != "":
		is += " (" + string(e.Reason) + ")"
	case e.Command == Retry && e.Status == instance.Suspended:
		is += ", and no step of it has failed: Resume makes it run on"
	case e.Command == Retry && !e.Status.Ended():
		is += ", and no step of it waits for that"
	}
	return fmt.Sprintf("wfe: %s %q: the instance is %s", e.Command, e.Instance, is)
}

// maxCommands is how many inputs may wait for one instance before commands for it
// are refused.
const maxCommands = 10_000

// Command does what c says with an instance and returns when that is durable. why
// is kept with an instance that is terminated; the span of ctx is handed to listeners. from is the message that asked for
// it; nil if none did.
func (h *Host) Command(ctx context.Context, c Command, id, why string, from *Message) error {
	kind, ok := commandKinds[c]
	if !ok {
		return fmt.Errorf("wfe: the command %q of instance %q is not known to this program", c, id)
	}
	if err := h.check(); err != nil {
		return err
	}
	if err := h.queue.admit(ctx); err != nil {
		return fmt.Errorf("wfe: %s %q: %w", c, id, err)
	}
	done := make(chan error, 1)
	if !h.postWithin(maxCommands, id, letter{in: instance.Input{Kind: kind, At: h.Clock.Now(), Payload: []byte(why), Trace: tracing.Of(ctx)}, from: from,
		done: func(_ bool, err error) { done <- err }}) {
		return fmt.Errorf("wfe: %s %q: %w", c, id, ErrInboxFull)
	}
	failed, err := await(ctx, h, done)
	if err != nil {
		return fmt.Errorf("wfe: %s %q: %w; it may be done all the same", c, id, err)
	}
	var refused *CommandError
	switch {
	case errors.As(failed, &refused):
		return refused
	case errors.Is(failed, ErrNotFound):
		return fmt.Errorf("wfe: %s %q: %w", c, id, ErrNotFound)
	case failed != nil:
		return fmt.Errorf("wfe: %s %q: %w", c, id, failed)
	}
	return nil
}

// commandsFirst puts the commands among what waits before the facts.
func commandsFirst(mail []letter) {
	if slices.ContainsFunc(mail, func(l letter) bool { return l.in.Kind.IsCommand() }) {
		slices.SortStableFunc(mail, func(a, b letter) int { return a.in.Kind.Rank() - b.in.Kind.Rank() })
	}
}

// answerAll answers the letters of a transition that is over.
func (p *pending) answerAll() {
	for i, l := range p.mail {
		if l.done != nil {
			l.done(true, p.refusal(i))
		}
	}
}

// refusal returns why letter i, a command, was refused; nil if it was not.
func (p *pending) refusal(i int) error {
	n := slices.IndexFunc(p.fx.Refused, func(r engine.Refused) bool { return r.Tag == i })
	if n < 0 {
		return nil
	}
	r := p.fx.Refused[n]
	return &CommandError{Instance: p.actor.id, Command: commandOf(p.mail[i].in.Kind), Status: r.Status, Reason: r.Reason}
}

package host

import (
	"errors"
	"fmt"
)

// The errors that callers branch on.
var (
	ErrStopped    = errors.New("the host is not running: call Start, or ask a process that runs one")
	ErrOverloaded = errors.New("the host is overloaded: try again later")
	ErrUnhealthy  = errors.New("the host cannot write to its store at the moment; it tries again by itself")
	ErrNotFound   = errors.New("there is no such instance")
	ErrInboxFull  = fmt.Errorf("%d inputs wait for the instance already: try again later", maxCommands)
	// ErrNotRegistered is for Serve to return.
	ErrNotRegistered = errors.New("the workflow is not registered")
)

// BlockedError says why an instance is left alone by this program.
type BlockedError struct {
	Instance string
	Node     string // id of the node, where one is the reason
	Reason   string
}

func (e *BlockedError) Error() string {
	at := ""
	if e.Node != "" {
		at = " at node " + e.Node
	}
	return fmt.Sprintf("instance %s is blocked%s: %s", e.Instance, at, e.Reason)
}

package wfe

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
)

// ErrCursor says that a Filter's Cursor is not one that Query returned.
var ErrCursor = errors.New("the cursor is not one that Query returned")

// Bounds of Filter.Limit.
const (
	DefaultPage = 100
	MaxPage     = 1000
)

// Filter says which instances Query lists. A field that is zero asks for nothing.
type Filter struct {
	Status    Status
	Workflow  string // its id
	Version   int
	Reference string

	// Half open: at From or later, before To. A bound of the end leaves out what lives.
	CreatedFrom, CreatedTo time.Time
	EndedFrom, EndedTo     time.Time

	Newest bool   // the newest first; else the oldest
	Cursor string // Page.Next of the page before
	Limit  int    // of a page; default 100, at most 1,000
}

// Page is a part of the instances that a Filter asks for.
type Page struct {
	Instances []Summary
	Next      string // Filter.Cursor for the next page; "" after the last one
}

// Summary is an instance in a list.
type Summary struct {
	ID, Workflow string
	Version      int
	Reference    string
	Status       Status
	Reason       Reason // why it is Terminated
	Created      time.Time
	Ended        time.Time // zero while it lives
	// Blocked says why the host that is the Client leaves the instance alone; nil where
	// it does not. Like Host.Blocked; another client does not know it.
	Blocked *BlockedError
}

// Query lists instances in the order of their creation. Going on from page to page
// lists each once, whatever is started or deleted meanwhile; one whose status
// changes is in the list or not as it is when its page is read.
func Query(ctx context.Context, c Client, f Filter) (Page, error) {
	q := store.Query{Status: f.Status, Workflow: f.Workflow, Version: f.Version, Reference: f.Reference,
		CreatedFrom: bound(f.CreatedFrom), CreatedTo: bound(f.CreatedTo), EndedFrom: bound(f.EndedFrom), EndedTo: bound(f.EndedTo),
		Descending: f.Newest}
	limit, err := pageSize(f.Limit)
	if err != nil {
		return Page{}, fmt.Errorf("wfe: querying: %w", err)
	}
	q.Limit = limit + 1 // to see whether there are more
	if f.Cursor != "" {
		if q.After, err = decodeCursor(f.Cursor); err != nil {
			return Page{}, fmt.Errorf("wfe: querying: %w", err)
		}
	}
	list, err := c.reader().Query(ctx, q)
	if err != nil {
		return Page{}, fmt.Errorf("wfe: querying: %w", err)
	}
	var p Page
	if len(list) > limit {
		list = list[:limit]
		p.Next = encodeCursor(list[limit-1].Place)
	}
	for _, s := range list {
		v := Summary{ID: s.ID, Workflow: s.Workflow, Version: s.Version, Reference: s.Reference,
			Status: s.Status, Reason: s.Reason, Created: s.Created.Time(), Ended: s.Ended.Time()}
		if v.Blocked, err = blocked(ctx, c, s.ID, s.Definition, s.Status); err != nil {
			return Page{}, fmt.Errorf("wfe: querying: %w", err)
		}
		p.Instances = append(p.Instances, v)
	}
	return p, nil
}

// blocked returns why c leaves an instance alone, as far as it knows.
func blocked(ctx context.Context, c Client, id, hash string, s Status) (*BlockedError, error) {
	if s.Ended() {
		return nil, nil
	}
	return c.blocked(ctx, id, hash)
}

// pageSize is a limit that was asked for, or the default.
func pageSize(limit int) (int, error) {
	switch {
	case limit < 0 || limit > MaxPage:
		return 0, fmt.Errorf("the limit is %d; it is 1 to %d, or 0 for %d", limit, MaxPage, DefaultPage)
	case limit == 0:
		return DefaultPage, nil
	}
	return limit, nil
}

// bound is t as an Instant; 0 for the zero time.
func bound(t time.Time) instance.Instant {
	if t.IsZero() {
		return 0
	}
	return instance.At(t)
}

func encodeCursor(p store.Place) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d %d", p.Created, p.K))
}

func decodeCursor(cursor string) (*store.Place, error) {
	p := &store.Place{}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil {
		_, err = fmt.Sscanf(string(text), "%d %d", &p.Created, &p.K)
	}
	if err != nil || encodeCursor(*p) != cursor {
		return nil, ErrCursor
	}
	return p, nil
}

// Package batch has random workflows. This file is what they work on; the others are generated.
package batch

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	wfe "github.com/wfegen/wfe/runtime"
)

// Data is what all workflows work on.
//
//wfe:data
type Data struct {
	ID    string // of the run; that of its root in a child
	At    string // the strand that a child belongs to
	A, B  int
	S     string
	F     bool
	Ns    []int
	Items []Item
	P     Item
	Notes []string // in their order
	Sum   int      // what branches that run in parallel add to
	Bag   []string // and append to, in any order
}

// Item is an element.
type Item struct {
	N  int
	S  string
	Ns []int
}

// Ping is what workflows wait for.
//
//wfe:event
type Ping struct {
	N int
	S string
}

// Log is told what steps do.
type Log interface {
	// Did records that the step of ctx did what, for the run by, on the strand at.
	Did(ctx context.Context, by, at, what string) error
}

// fails is the error of an attempt: none from that of number fails on; below 0 for good.
func fails(ctx context.Context, fails int, what string) error {
	switch {
	case fails < 0:
		return wfe.Permanent(errors.New(what + " is broken"))
	case wfe.Info(ctx).Attempt <= fails:
		return fmt.Errorf("%s fails %d times", what, fails)
	}
	return nil
}

// Act does something that leaves nothing to undo.
//
//wfe:step retry=2 compensate=none
type Act struct {
	log Log `wfe:"inject"`

	By, At, What string
	In, Fails    int
	Text         string
	Out          int    `wfe:"out"`
	Said         string `wfe:"out"`
}

// Run does it.
func (s *Act) Run(ctx context.Context) error {
	if err := s.log.Did(ctx, s.By, s.At, fmt.Sprintf("act %s %d %q #%d", s.What, s.In, s.Text, wfe.Info(ctx).Attempt)); err != nil {
		return err
	}
	s.Out, s.Said = 77, "half" // a failed attempt leaves nothing
	if err := fails(ctx, s.Fails, s.What); err != nil {
		return err
	}
	s.Out, s.Said = (s.In*7+len(s.Text)+3)%50, fmt.Sprint("r", s.In%10)
	return nil
}

// Book does something that it can undo.
//
//wfe:step retry=2
type Book struct {
	log Log `wfe:"inject"`

	By, At, What string
	In, Fails    int
	Out          int `wfe:"out"`
}

// Run does it.
func (s *Book) Run(ctx context.Context) error {
	if err := s.log.Did(ctx, s.By, s.At, fmt.Sprintf("book %s %d #%d", s.What, s.In, wfe.Info(ctx).Attempt)); err != nil {
		return err
	}
	if err := fails(ctx, s.Fails, s.What); err != nil {
		return err
	}
	s.Out = s.In%20 + 1
	return nil
}

// Undo undoes it, some of it at the second attempt.
func (s *Book) Undo(ctx context.Context) error {
	if err := s.log.Did(ctx, s.By, s.At, fmt.Sprintf("unbook %s %d %d #%d", s.What, s.In, s.Out, wfe.Info(ctx).Attempt)); err != nil {
		return err
	}
	if s.In%5 == 4 && wfe.Info(ctx).Attempt == 1 {
		return errors.New("not yet")
	}
	return nil
}

// Lend does something that another step undoes.
//
//wfe:step retry=1 compensate=Return
type Lend struct {
	log Log `wfe:"inject"`

	By, At, What string
	In, Fails    int
	Ref          int `wfe:"out"`
}

// Run does it.
func (s *Lend) Run(ctx context.Context) error {
	if err := s.log.Did(ctx, s.By, s.At, fmt.Sprintf("lend %s %d #%d", s.What, s.In, wfe.Info(ctx).Attempt)); err != nil {
		return err
	}
	s.Ref = s.In%20 + 2
	return fails(ctx, s.Fails, s.What)
}

// Return undoes Lend.
//
//wfe:step compensate=none
type Return struct {
	log Log `wfe:"inject"`

	By, At, What string
	In, Ref      int
}

// Run undoes it.
func (s *Return) Run(ctx context.Context) error {
	return s.log.Did(ctx, s.By, s.At, fmt.Sprintf("return %s %d %d", s.What, s.In, s.Ref))
}

// Choose steers.
//
//wfe:step retry=2
type Choose struct {
	log Log `wfe:"inject"`

	By, At, What string
	In, Fails    int
	Runs         int `wfe:"out"`
}

// Run persists, sleeps, and has an outcome.
func (s *Choose) Run(ctx wfe.StepContext) (wfe.Result, error) {
	var runs int
	if _, err := ctx.Persisted(&runs); err != nil {
		return ctx.Next(), err
	}
	runs++
	if err := s.log.Did(ctx, s.By, s.At, fmt.Sprintf("choose %s %d run %d #%d", s.What, s.In, runs, ctx.Attempt)); err != nil {
		return ctx.Next(), err
	}
	if err := fails(ctx, s.Fails, s.What); err != nil {
		return ctx.Next(), err
	}
	n := upTo(s.In, 6)
	switch {
	case runs == 1 && n == 1:
		return ctx.Persist(runs), nil
	case runs < 3 && n == 2:
		return ctx.Sleep(time.Minute).Keep(runs), nil
	}
	s.Runs = runs
	switch n % 4 {
	case 0:
		return ctx.Next(), nil
	case 1:
		return ctx.Outcome("a"), nil
	case 2:
		return ctx.Outcome("b"), nil
	}
	return ctx.Outcome(n), nil
}

// Undo undoes it.
func (s *Choose) Undo(ctx context.Context) error {
	return s.log.Did(ctx, s.By, s.At, fmt.Sprintf("unchoose %s %d %d", s.What, s.In, s.Runs))
}

// Split branches.
//
//wfe:step retry=1 branches=int compensate=none
type Split struct {
	log Log `wfe:"inject"`

	By, At, What string
	In, Fails    int
	Made         int `wfe:"out"`
}

// Run branches into none to three numbers.
func (s *Split) Run(ctx wfe.BranchContext[int]) (wfe.Result, error) {
	if err := s.log.Did(ctx, s.By, s.At, fmt.Sprintf("split %s %d #%d", s.What, s.In, wfe.Info(ctx).Attempt)); err != nil {
		return ctx.Next(), err
	}
	if err := fails(ctx, s.Fails, s.What); err != nil {
		return ctx.Next(), err
	}
	s.Made = upTo(s.In, 4)
	var items []int
	for i := range s.Made {
		items = append(items, 10*i+upTo(s.In, 7))
	}
	return ctx.Branch(items), nil
}

// upTo is n brought below k.
//
//wfe:pure
func upTo(n, k int) int { return (n%k + k) % k }

// clip keeps texts short.
//
//wfe:pure
func clip(s string) string {
	if len(s) > 6 {
		return s[len(s)-6:]
	}
	return s
}

// checked fails for many numbers.
//
//wfe:pure
func checked(n int) error {
	if n%4 == 1 {
		return fmt.Errorf("%d is no good", n)
	}
	return nil
}

// told is what failed.
//
//wfe:pure
func told(f *wfe.Failure) string {
	if f == nil {
		return "well"
	}
	message := f.Message
	if child, ok := strings.CutPrefix(message, "child "); ok { // whose id has that of its parent in it
		_, message, _ = strings.Cut(child, " ")
	}
	return f.Step + ": " + message
}

// twice is a method that is pure.
//
//wfe:pure
func (i Item) twice() Item {
	return Item{N: 2*i.N + 1, S: clip(i.S + i.S), Ns: append([]int{i.N}, i.Ns...)}
}

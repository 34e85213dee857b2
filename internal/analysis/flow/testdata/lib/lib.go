// Package lib is another package of the module.
package lib

import (
	"context"
	"math/rand"

	wfe "github.com/wfegen/wfe/runtime"
)

// Limit may be assigned by anybody.
var Limit = 10

// Double is marked, and so may be called from other packages.
//
//wfe:pure
func Double(n int) int { return 2 * n }

func Chance() int { return rand.Intn(6) }

// Notify is given the Flow of a workflow of another package.
func Notify(w *wfe.Flow) { wfe.Do(w, Mail{}) }

//wfe:step
type Mail struct {
	To   string
	Sent bool `wfe:"out"`
}

func (m *Mail) Run(context.Context) error { return nil }

//wfe:step
type Lost struct {
	Sent bool `wfe:"out"`
}

func (l Lost) Run(context.Context) error { return nil }

//wfe:step
type Silent struct{ To string }

func (s Silent) Run(context.Context) error { return nil }

type hidden struct{ N int }

//wfe:pure
func Hidden() hidden { return hidden{} }

// Shout is marked, and no workflow of this package calls it.
//
//wfe:pure
func Shout(s string) string {
	println(s) // want WFE4004 Shout is marked //wfe:pure, but it uses println
	return s + "!"
}

// Fill writes to what it is given.
func Fill(into any) {}

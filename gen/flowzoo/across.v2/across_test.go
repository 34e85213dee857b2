package across

import (
	"testing"

	"github.com/wfegen/wfe/gen/flowzoo"
	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/wfetest"
)

func TestAcross_NamesOfAChildAreThoseOfItsPackage(t *testing.T) {
	parts := func(more ...any) func() []any {
		return func() []any { return append(more, NewSteps(), flowzoo.NewSteps()) }
	}
	wfetest.Equivalent(t, Across,
		wfetest.Case[Book]{Name: "alone", Data: Book{}, Parts: parts()},
		wfetest.Case[Book]{Name: "children", Data: Book{Words: []string{"a", "b"}}, Parts: parts(wfetest.Event("across", flowzoo.Go{By: "me"}))})
}

func TestAcross_EndsAlikeWhereverItCrashes(t *testing.T) {
	wfetest.CrashEverywhere(t, func(r *wfetest.Rig) {
		r.Host(func(h *wfe.Host) error {
			if err := flowzoo.Register(h, flowzoo.NewSteps()); err != nil {
				return err
			}
			return Register(h, NewSteps(), flowzoo.NewSteps())
		})
		wfetest.Start(r, StartAcross, Book{Words: []string{"a", "b"}}).UntilComplete()
	})
}

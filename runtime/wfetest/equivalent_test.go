package wfetest_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/codec"
	"github.com/wfegen/wfe/runtime/wfetest"
)

type (
	savedBasket = wfe.Saved[basket]
	plainBasket = wfe.Plain[basket]
)

// shop is compiled here by hand, for no test of this package runs wfegen.
func shop(w *wfe.Flow, b *basket) {
	wfe.Do(w, Tell{Label: "hello " + b.ID})
	b.Sum = 7
	wfe.ForEach(w, b.Items, func(it int) {
		b.Notes = append(b.Notes, wfe.Do(w, Act{Label: fmt.Sprint("take", it)}).Done+fmt.Sprint(it))
	})
	if a, ok := wfe.WaitForWithin[answer](w, b.ID, time.Hour); !ok || a.Text == "no" {
		wfe.Fail(w, errors.New("not wanted"))
	}
	wfe.Poll(w, wfe.Endpoint{URL: "https://example.com", Timeout: time.Hour})
}

// compiled is shop, but for what wrong says.
func compiled(wrong string) any {
	hello, sum, why := "hello ", 7, "not wanted"
	switch wrong {
	case "inputs":
		hello = "goodbye "
	case "data":
		sum = 8
	case "failure":
		why = "wanted"
	}
	return wfe.Workflow[savedBasket, *plainBasket]{ID: "shop", Version: 1, Func: shop,
		Data: wfe.SavedCodec(codec.JSON[basket](), codec.JSON[struct{}]()), New: wfe.NewPlain[basket],
		Build: func(b *plainBasket) {
			if wrong != "a step less" {
				wfe.AddStep(b.Block, wfe.Use[savedBasket, Tell]{Set: func(d *savedBasket, s *Tell) { s.Label = hello + d.Data.ID }})
			}
			b.Set("sum", func(d *savedBasket) { d.Data.Sum = sum })
			wfe.Each(b, "for-items", func(d *savedBasket) []int { return d.Data.Items }, func(b *plainBasket, it *int) {
				wfe.AddStep(b.Block, wfe.Use[savedBasket, Act]{
					Set: func(d *savedBasket, s *Act) { s.Label = fmt.Sprint("take", *it) },
					Out: func(d *savedBasket, s *Act) { d.Data.Notes = append(d.Data.Notes, s.Done+fmt.Sprint(*it)) }})
			})
			fail := func(b *plainBasket) {
				b.First(func(d *savedBasket) int { return d.Fail(1, errors.New(why)) }, wfe.Exit{Fail: "fail"})
			}
			wfe.Await(b, "answer", func(d *savedBasket) string { return d.Data.ID }, func(d *savedBasket, a *answer) { d.Data.lost = len(a.Text) }).
				Timeout(time.Hour, fail)
			b.Poll("poll", wfe.Endpoint{URL: "https://example.com", Timeout: time.Hour})
			if wrong == "a step more" {
				wfe.AddStep(b.Block, wfe.Use[savedBasket, Tell]{Set: func(d *savedBasket, s *Tell) { s.Label = "more" }}).Name("more")
			}
		}}
}

func shopping(wrong string, parts ...any) wfetest.Case[basket] {
	return wfetest.Case[basket]{Name: "shopping", Data: basket{ID: "b1", Items: []int{1, 2, 3}}, Parts: func() []any {
		steps := wfe.NewStepSet("wfetest_test",
			wfe.Step[Tell]{Name: "tell", Codec: jsonOf[Tell](), Run: func(*Tell, context.Context) error { return nil }},
			wfe.Step[Act]{Name: "act", Codec: jsonOf[Act](), Run: func(s *Act, _ context.Context) error { s.Done = "!"; return nil }},
			wfe.NewEvent[answer]("answer"), compiled(wrong).(wfe.Part))
		return append([]any{steps, wfetest.Answer("poll", wfe.Response{Status: 200})}, parts...)
	}}
}

func TestEquivalent_OfWhatIsTheSame(t *testing.T) {
	t.Parallel()
	wfetest.Equivalent(t, shop, shopping("", wfetest.Event("b1", answer{"yes"})))
}

// TestNotEquivalent is run by TestEquivalent_SaysWhatDiffers, in a process of its own.
func TestNotEquivalent(t *testing.T) {
	wrong := os.Getenv("WFETEST_WRONG")
	if wrong == "" {
		t.Skip("for TestEquivalent_SaysWhatDiffers")
	}
	if wrong == "failure" {
		c := shopping(wrong)
		c.Parts = func() []any {
			parts := shopping(wrong).Parts()
			return append(parts[:1], parts[2:]...) // no poll is reached
		}
		wfetest.Equivalent(t, shop, c)
		return
	}
	wfetest.Equivalent(t, shop, shopping(wrong, wfetest.Event("b1", answer{"yes"})))
}

func TestEquivalent_SaysWhatDiffers(t *testing.T) {
	t.Parallel()
	for wrong, want := range map[string]string{
		"inputs":      `> 1. tell of {"Label":"goodbye b1"}`,
		"data":        `its data are {"ID":"b1","Items":[1,2,3],"Notes":["!1","!2","!3"],"Sum":8}`,
		"a step less": `expected there: tell of {"Label":"hello b1"}`,
		"a step more": `more of {"Label":"more"}`,
		"failure":     `its failure is "wanted"`,
	} {
		c := exec.Command(os.Args[0], "-test.run=^TestNotEquivalent$")
		c.Env = append(os.Environ(), "WFETEST_WRONG="+wrong)
		out, err := c.CombinedOutput()
		require.Error(t, err, "%s", out)
		require.Contains(t, string(out), "wfetest: compiled, the workflow does something else than directly:\n", wrong)
		require.Contains(t, string(out), want, wrong)
	}
}

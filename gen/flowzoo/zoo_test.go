package flowzoo

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/wfetest"
)

type start = func(ctx context.Context, c wfe.Client, data Case, opts ...wfe.StartOption) (wfe.Handle[Case], error)

func TestCompiled_DoesWhatTheFunctionSays(t *testing.T) {
	register := func(h *wfe.Host) error { return Register(h, NewSteps()) }
	for name, c := range map[string]struct {
		start start
		in    Case
		log   []string
		sum   int
	}{
		"locals":        {StartLocals, Case{N: 2}, []string{"3 3zc", "ddd", "3"}, 20},
		"loops":         {StartLoops, Case{N: 9, Words: []string{"a", "", "b", "stop", "c"}, Rows: []Row{{"r", []int{2, 1}}, {"s", []int{3, 0, 1}}}}, []string{"i0", "i2", "0a!a!", "2b!b!", "stopped", "three"}, 9},
		"loops to end":  {StartLoops, Case{}, []string{"three", "end"}, 5},
		"choices":       {StartChoices, Case{N: 2, Words: []string{"a", "b"}}, []string{"even", "4", "init"}, 2},
		"choices, one":  {StartChoices, Case{N: 1, Words: []string{"a"}}, []string{"few", "init"}, 0},
		"choices, none": {StartChoices, Case{N: 0}, []string{"none", "as many", "even", "0", "init"}, 0},
		"choices, rest": {StartChoices, Case{N: 7}, []string{"none", "other", "init"}, 0},
		"named":         {StartNamed, Case{N: 3}, []string{"odd"}, 2},
		"named, even":   {StartNamed, Case{N: 2}, []string{"then odd6"}, 0},
		"tries, a":      {StartTries, Case{Fails: "a"}, []string{"cannot say a", "well", "well", "well"}, 0},
		"tries, c":      {StartTries, Case{Fails: "c"}, []string{"well", "undone well", "cannot say c", "well", "well"}, 0},
		"tries, d":      {StartTries, Case{Fails: "d"}, []string{"well", "well", "cannot say d", "well"}, 0},
		"times":         {StartTimes, Case{}, []string{"1h0m0s", "2h0m0s", "3h0m0s", "3h1m0s"}, 0},
		"behind":        {StartBehind, Case{}, []string{"1", "2"}, 3},
		"fanout":        {StartFanout, Case{N: 4, Rows: []Row{{"a", []int{1, 2}}, {"b", nil}, {"c", []int{3}}}}, []string{"left", "r", "4"}, 14},
		"sagas":         {StartSagas, Case{N: 1, Words: []string{"a", "b"}}, []string{"done"}, 0},
		"sagas, fails":  {StartSagas, Case{N: 1, Words: []string{"a", "b", "c"}, Fails: "c"}, []string{"undo b100 2", "undo a0 2", "cannot say c", "done"}, 0},
		"sagas, Fail":   {StartSagas, Case{N: 6, Words: []string{"a"}}, []string{"undo a0 1", "6 is too much", "done"}, 0},
		"sagas, End":    {StartSagas, Case{N: 0, Words: []string{"a", "b"}, Fails: "b"}, []string{"undo a0 1", "cannot say b"}, 0},
		"sagas, return": {StartSagas, Case{N: 6, Words: []string{"a", "enough", "b"}}, []string{"done"}, 0},
		"helped":        {StartHelped, Case{N: 2, Words: []string{"abc"}, Rows: []Row{{"x", nil}, {"y", []int{1, 2}}, {"z", nil}}}, []string{"long", "ytrue", "tail"}, 305},
		"cancels":       {StartCancels, Case{}, []string{"by ", "end"}, 1},
		"typed":         {StartTyped, Case{N: 3}, []string{"[a b c x] [a b c y]", "float64 3.14159265358979 2.5 1e-300 x 1.5s 2"}, 0},
		"helped, empty": {StartHelped, Case{N: 2, Words: []string{""}}, []string{"long", "nobodyfalse", "tail"}, -95},
		"labels":        {StartLabels, Case{Rows: []Row{{"a", []int{1, 0, 9}}, {"b", []int{2, 3, 9}}}}, []string{"[12 0]"}, 4},
		"early":         {StartEarly, Case{Words: []string{"a", "b", "c", "d", "e"}}, []string{"<nil>", "fine", "4 words: too many"}, 6},
		"early, fails":  {StartEarly, Case{Fails: "s", Words: []string{"a", "last", "c"}}, []string{"<nil>", "row s", "because of row s"}, 1103},
		"early, on":     {StartEarly, Case{N: 7, Fails: "s", Words: []string{"a", "last", "c"}}, []string{"<nil>", "row s", "because of row s", "row s"}, 107},
		"answers":       {StartAnswers, Case{N: 4, Words: []string{"a", "b", "bad", "d"}}, []string{"even", "other", "4 words: too many", "4 words: too many", "many: 4 words: too many", "fine", "end"}, 41},
		"answers, one":  {StartAnswers, Case{N: 1, Words: []string{"a", "b", "c", "d"}, Fails: "s"}, []string{"even", "4 words: too many", "4 words: too many", "many: 4 words: too many", "it is row s", "row s", "end"}, 34},
		"kinds":         {StartKinds, Case{Words: []string{"a"}}, []string{"<nil>"}, 1},
		"kinds, cell":   {StartKinds, Case{N: 4, Words: []string{"a", "b"}, Rows: []Row{{"r", []int{1}}, {"r", []int{1, 0}}, {"r", []int{3}}}}, []string{"cell 1,1", "{1 1}", "b"}, 111},
		"kinds, else":   {StartKinds, Case{N: 4, Words: []string{"a", "b"}, Rows: []Row{{"s", nil}, {"r", []int{1}}, {"s", nil}}}, []string{"in 0: row s", "in 1: row s", "b"}, 1011},
		"fails":         {StartFails, Case{N: 2, Words: []string{"11"}, Rows: []Row{{"r", []int{2, 1}}}}, []string{"done"}, 13},
		"fails, many":   {StartFails, Case{N: 2, Words: []string{"a", "b", "c", "d"}}, []string{"undone", "4 words: too many", "done"}, -1},
		"fails, row":    {StartFails, Case{N: 2, Rows: []Row{{"r", nil}, {"s", nil}}}, []string{"undone", "row s", "done"}, -1},
		"fails, long":   {StartFails, Case{N: 2, Rows: []Row{{"r", []int{1, 2, 3}}}}, []string{"undone", "r is long", "done"}, -1},
	} {
		t.Run(name, func(t *testing.T) {
			wfetest.Test(t, func(r *wfetest.Rig) {
				r.Host(register)
				i := wfetest.Start(r, c.start, c.in)
				got := i.UntilComplete()
				require.Equal(t, c.log, got.Log)
				require.Equal(t, c.sum, got.Sum)
			})
		})
	}
}

func TestCompiled_RollsBackOutwards(t *testing.T) {
	wfetest.Test(t, func(r *wfetest.Rig) {
		r.Host(func(h *wfe.Host) error { return Register(h, NewSteps()) })
		i := wfetest.Start(r, StartSagas, Case{N: 1, Fails: "last"})
		got := i.UntilEnded()
		require.Equal(t, wfe.Terminated, got.Status)
		require.Equal(t, []string{"inner", "outer"}, got.Data.Log)
	})
}

func TestCompiled_HandsAFailureOn(t *testing.T) {
	wfetest.Test(t, func(r *wfetest.Rig) {
		r.Host(func(h *wfe.Host) error { return Register(h, NewSteps()) })
		got := wfetest.Start(r, StartSagas, Case{N: 7, Words: []string{"a"}}).UntilEnded()
		require.Equal(t, wfe.Terminated, got.Status)
		require.Equal(t, "7 is too much", got.Failure.Message)
	})
}

func TestCompiled_Waits(t *testing.T) {
	wfetest.Test(t, func(r *wfetest.Rig) {
		r.Host(func(h *wfe.Host) error { return Register(h, NewSteps()) })
		i := wfetest.Start(r, StartWaits, Case{N: 3})
		wfetest.Publish(r, PublishGo, "key3", Go{By: "me"})
		got := i.UntilComplete()
		require.Equal(t, []string{"me", "", "false", "4 4zc", "dddd", "4", "5"}, got.Log)
		require.Equal(t, 5, got.Sum)
	})
}

func TestCompiled_CodePointsAtTheSource(t *testing.T) {
	wfetest.Test(t, func(r *wfetest.Rig) {
		var positions []string
		r.Config.StepMiddleware = []wfe.StepMiddleware{func(next wfe.StepFunc) wfe.StepFunc {
			return func(ctx wfe.StepContext) (wfe.Result, error) {
				positions = append(positions, filepath.Base(ctx.Position))
				return next(ctx)
			}
		}}
		r.Host(func(h *wfe.Host) error { return Register(h, NewSteps()) })
		i := wfetest.Start(r, StartPanics, Case{N: 3})
		got := i.UntilSuspended()
		require.Equal(t, "say", got.Failure.Node)
		require.Contains(t, got.Failure.Message, "index out of range [3]")
		require.Contains(t, got.Failure.Message, lineOf(t, "zoo.go", "c.Words[c.N]"))
		require.Equal(t, []string{lineOf(t, "zoo.go", `"before it panics"`)}, positions)
		require.Equal(t, lineOf(t, "zoo.go", `"before it panics"`), filepath.Base(got.Failure.Position))
	})
}

// lineOf returns the line of a file on which a text stands.
func lineOf(t *testing.T, file, text string) string {
	source, err := os.ReadFile(file)
	require.NoError(t, err)
	lines := strings.Split(string(source), "\n")
	return file + ":" + strconv.Itoa(1+slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, text) }))
}

func TestCompiled_FailsForGoodWhereTheSourceSaysSo(t *testing.T) {
	for name, c := range map[string]struct {
		in                  Case
		node, message, line string
		log                 []string
	}{
		"in a loop":   {Case{Words: []string{"a", "bad"}}, "fail", "word 1 is bad", `is %s`, []string{"bad word"}},
		"in a saga":   {Case{N: 6, Fails: "last"}, "if/then/saga/fail", "row last", "// in a saga", nil},
		"in an if":    {Case{Fails: "last", Words: []string{"11"}}, "fail", "row last", "// in an if", []string{"failing"}},
		"in a helper": {Case{Words: []string{"x"}}, "if/else/parsed/for-words/fail", `"x": strconv.Atoi: parsing "x": invalid syntax`, `%q: %w`, []string{"not a number"}},
	} {
		t.Run(name, func(t *testing.T) {
			wfetest.Test(t, func(r *wfetest.Rig) {
				r.Host(func(h *wfe.Host) error { return Register(h, NewSteps()) })
				got := wfetest.Start(r, StartFails, c.in).UntilEnded()
				require.Equal(t, wfe.Terminated, got.Status)
				require.Equal(t, wfe.ReasonFailed, got.Reason)
				require.Equal(t, c.node, got.Failure.Node)
				require.Equal(t, c.message, got.Failure.Message)
				require.Empty(t, got.Failure.Step)
				require.EqualValues(t, 1, got.Failure.Attempt)
				require.Equal(t, c.log, got.Data.Log)
				require.Equal(t, lineOf(t, "fails.go", c.line), filepath.Base(got.Failure.Position))
			})
		})
	}
}

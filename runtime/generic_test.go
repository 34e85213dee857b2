package wfe_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/codec"
	"github.com/wfegen/wfe/runtime/store/memory"
)

// parcel is the data of workflows that are assembled here.
type parcel struct {
	ID     string
	Weight int
	Items  []string
	Address
	Price   int
	Sorted  []string
	Greeted string
	Signed  string
}

type Address struct{ City string }

// diary is a dependency.
type diary struct {
	mu    sync.Mutex
	lines []string
}

func (d *diary) note(format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(d.lines, fmt.Sprintf(format, args...))
}

type sized struct{ Weight int }

// WeighParcel has an embedded input.
type WeighParcel struct {
	diary *diary `wfe:"inject"`
	sized
	Price int `wfe:"out"`
}

func (s *WeighParcel) Run(ctx context.Context) error {
	s.diary.note("weigh %d %s", s.Weight, wfe.Info(ctx).IdempotencyKey)
	s.Price = 2 * s.Weight
	return nil
}

func (s *WeighParcel) Undo(context.Context) error {
	s.diary.note("unweigh %d %d", s.Weight, s.Price)
	return nil
}

// PutAside steers, has an input that no field fits, and a dependency that is exported.
type PutAside struct {
	Diary *diary `wfe:"inject"`
	What  string
}

func (s *PutAside) Run(ctx wfe.StepContext) (wfe.Result, error) {
	s.Diary.note("aside %s", s.What)
	if s.What == "egg" {
		return ctx.Next(), wfe.Permanent(errors.New("it broke"))
	}
	return ctx.Outcome(s.What), nil
}

// signature is an event.
type signature struct{ By string }

var signed = wfe.NewEvent[signature]("signed")

// added starts a host with a workflow.
func added[D any](t *testing.T, w wfe.Workflow[D, *wfe.Generic[D]], parts ...any) *wfe.Host {
	t.Helper()
	h := wfe.NewHost(memory.New(), wfe.Config{})
	require.NoError(t, h.Add(w, parts...))
	require.NoError(t, h.Start(t.Context()))
	t.Cleanup(func() { _ = h.Stop(now()) })
	return h
}

func TestGeneric_RunsAWorkflowThatIsAssembledAtRunTime(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := new(diary)
		w := wfe.NewWorkflow("send", 1, func(b *wfe.Generic[parcel]) {
			b.Step("weigh-parcel").Name("weigh").OnError(wfe.Retry(1, time.Second))
			wfe.Each(b, "each", func(p *parcel) []string { return p.Items }, func(b *wfe.Generic[parcel], item *string) {
				wfe.Then(b, func(_ *parcel, s *PutAside) { s.What = *item }).
					When("hat", func(b *wfe.Generic[parcel]) {
						b.Set("hat", func(p *parcel) { p.Sorted = append(p.Sorted, *item) })
					})
			}, wfe.Sequential())
			wfe.Await(b, "sign", func(p *parcel) string { return p.ID }, func(p *parcel, s *signature) { p.Signed = s.By })
			b.If("far", func(p *parcel) bool { return p.City != "here" }, func(b *wfe.Generic[parcel]) {
				b.Delay("drive", time.Hour)
			})
		})
		h := added(t, w, &WeighParcel{diary: d}, PutAside{Diary: d}, signed)
		i, err := wfe.Start(t.Context(), h, w.Ref(), &parcel{ID: "p", Weight: 3, Items: []string{"shoe", "hat"}, Address: Address{"there"}}, wfe.ID("p"))
		require.NoError(t, err)
		require.NoError(t, wfe.Publish(t.Context(), h, signed, "p", &signature{"ann"}))
		done, err := wfe.Get(h, w.Ref(), i.ID()).Wait(t.Context())
		require.NoError(t, err)
		require.Equal(t, parcel{ID: "p", Weight: 3, Items: []string{"shoe", "hat"}, Address: Address{"there"},
			Price: 6, Sorted: []string{"hat"}, Signed: "ann"}, done)
		require.Equal(t, []string{"weigh 3 p/1", "aside shoe", "aside hat"}, d.lines)
	})
}

func TestGeneric_ASagaUndoesItsSteps(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := new(diary)
		w := wfe.NewWorkflow("send", 1, func(b *wfe.Generic[parcel]) {
			b.Saga("pack", func(b *wfe.Generic[parcel]) {
				wfe.Then(b, func(_ *parcel, s *WeighParcel) { s.Weight++ }) // after what is wired
				wfe.Then(b, func(p *parcel, s *PutAside) { s.What = "egg" })
			})
		})
		h := added(t, w, &WeighParcel{diary: d}, PutAside{Diary: d})
		i, err := wfe.Start(t.Context(), h, w.Ref(), &parcel{Weight: 3}, wfe.ID("p"))
		require.NoError(t, err)
		_, err = i.Wait(t.Context())
		require.ErrorContains(t, err, "step put-aside: it broke")
		require.Equal(t, []string{"weigh 4 p/2", "aside egg", "unweigh 4 8"}, d.lines)
	})
}

func TestGeneric_GoesOnAfterACrash(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := new(diary)
		w := wfe.NewWorkflow("send", 1, func(b *wfe.Generic[parcel]) {
			b.Step("weigh-parcel")
			b.Delay("drive", time.Hour)
			b.Func("greet", func(ctx wfe.StepContext, p *parcel) (wfe.Result, error) {
				p.Greeted = fmt.Sprint("price ", p.Price)
				return ctx.Next(), nil
			})
		})
		st := memory.New()
		start := func() *wfe.Host {
			h := wfe.NewHost(st, wfe.Config{})
			require.NoError(t, h.Add(w, &WeighParcel{diary: d}))
			require.NoError(t, h.Start(t.Context()))
			return h
		}
		h := start()
		i, err := wfe.Start(t.Context(), h, w.Ref(), &parcel{Weight: 1}, wfe.ID("p"))
		require.NoError(t, err)
		<-time.After(time.Minute)
		require.NoError(t, h.Stop(now()))
		h = start()
		defer func() { require.NoError(t, h.Stop(t.Context())) }()
		done, err := wfe.Get(h, w.Ref(), i.ID()).Wait(t.Context())
		require.NoError(t, err)
		require.Equal(t, "price 2", done.Greeted)
		require.Len(t, d.lines, 1)
	})
}

// What follows is wrong in one way each.
type (
	valueRun struct {
		Price int `wfe:"out"`
	}
	noRun       struct{ Weight int }
	badUndo     struct{ Weight int }
	hiddenField struct{ weight int }
	badTag      struct {
		Price int `wfe:"output"`
	}
	chanField struct{ C chan int }
	twoNames  struct {
		A int
		B int `json:"A"`
	}
	generic[T any] struct{ Weight T }
)

func (valueRun) Run(context.Context) error       { return nil }
func (*badUndo) Run(context.Context) error       { return nil }
func (*badUndo) Undo() error                     { return nil }
func (s *hiddenField) Run(context.Context) error { s.weight++; return nil }
func (*badTag) Run(context.Context) error        { return nil }
func (*chanField) Run(context.Context) error     { return nil }
func (*twoNames) Run(context.Context) error      { return nil }
func (*generic[T]) Run(context.Context) error    { return nil }

func TestGeneric_RefusesWhatIsWrong(t *testing.T) {
	t.Parallel()
	type b = *wfe.Generic[parcel]
	weigh, aside := &WeighParcel{diary: new(diary)}, &PutAside{}
	for name, c := range map[string]struct {
		build func(b)
		parts []any
		want  string
	}{
		"a name of no step":       {func(b b) { b.Step("weigh") }, []any{weigh, aside}, `node "weigh": there is no step "weigh"; those given are: put-aside, weigh-parcel`},
		"a name inside":           {func(b b) { b.Saga("s", func(b *wfe.Generic[parcel]) { b.Step("x") }) }, nil, `node "s/x": there is no step "x"; those given are: none`},
		"a type that is no part":  {func(b b) { wfe.Then(b, func(*parcel, *PutAside) {}) }, []any{weigh}, `step type wfe_test.PutAside is not among the steps given to Register or Add`},
		"an input without source": {func(b b) { b.Step("put-aside") }, []any{aside}, `node "put-aside": wfe_test.parcel has no field for what step wfe_test.PutAside needs: What string; add the step by wfe.Then`},
		"two nodes of one id":     {func(b b) { b.Step("weigh-parcel").Step("weigh-parcel") }, []any{weigh}, `two nodes "weigh-parcel": name one of them`},
		"an event that is no part": {func(b b) {
			wfe.Await(b, "w", func(*parcel) string { return "" }, func(*parcel, *signature) {})
		}, nil, `node "w": event type wfe_test.signature is not among the events given to Register or Add`},
		"no builder function":        {nil, nil, "its builder function is nil"},
		"a step twice":               {nil, []any{weigh, *weigh}, "part 2: step type wfe_test.WeighParcel is given twice"},
		"two steps of one name":      {func(b) {}, []any{weigh, wfe.As("weigh-parcel", aside)}, `two types are the step "weigh-parcel": wfe_test.WeighParcel and wfe_test.PutAside; give one of them another name, by name= in its directive or by As`},
		"an empty name":              {nil, []any{wfe.As("", aside)}, `part 1: the name "" of step *wfe_test.PutAside is empty`},
		"nil":                        {nil, []any{nil}, "part 1: <nil> is no step"},
		"a nil pointer":              {nil, []any{(*PutAside)(nil)}, "part 1: *wfe_test.PutAside is no step"},
		"no Run":                     {nil, []any{noRun{}}, "step type wfe_test.noRun: its pointer needs Run(context.Context) error or"},
		"Run on a value with output": {nil, []any{valueRun{}}, "step type wfe_test.valueRun: its Run has a value receiver, so what it stores in output Price is lost"},
		"an Undo of another form":    {nil, []any{badUndo{}}, "step type wfe_test.badUndo: its compensation is Undo(context.Context) error"},
		"a field that is hidden":     {nil, []any{hiddenField{}}, "step type wfe_test.hiddenField: field weight is not exported, so it cannot be saved"},
		"a tag that is not known":    {nil, []any{badTag{}}, `step type wfe_test.badTag: field Price: the tag wfe:"output" is not known`},
		"an input of a channel":      {nil, []any{chanField{}}, "wfe_test.chanField.C is of type chan int, which cannot be saved"},
		"two fields of one name":     {nil, []any{twoNames{}}, "step type wfe_test.twoNames: fields A and B have one name in JSON"},
		"an input that is set":       {nil, []any{PutAside{What: "x"}}, "step type wfe_test.PutAside: field What has a value; what a step works on comes from the data"},
		"a generic type":             {nil, []any{generic[int]{}}, "step type wfe_test.generic[int] has no name of its own: give it one by wfe.As"},
		"an event with a channel":    {nil, []any{wfe.NewEvent[chanField]("x")}, "part 1: wfe_test.chanField.C is of type chan int"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := wfe.NewHost(memory.New(), wfe.Config{}).Add(wfe.NewWorkflow("send", 1, c.build), c.parts...)
			require.ErrorContains(t, err, "wfe: adding workflow send: ")
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestGeneric_RefusesDataThatCannotBeSaved(t *testing.T) {
	t.Parallel()
	type node struct {
		Next *node
		Func func()
	}
	type bad struct {
		Nodes  map[[2]int][]node
		Any    any
		Error  error
		At     time.Time
		lost   int
		Number complex128 `json:"-"`
	}
	_ = bad{lost: 1}
	h := wfe.NewHost(memory.New(), wfe.Config{})
	err := h.Add(wfe.NewWorkflow("bad", 1, func(*wfe.Generic[bad]) {}))
	require.EqualError(t, err, `wfe: adding workflow bad: wfe_test.bad.Nodes is a map with keys of type [2]int; they must be strings, integers, or marshal themselves as text
wfe_test.bad.Nodes[][].Func is of type func(), which cannot be saved
wfe_test.bad.Error is of interface type error, which cannot be saved: nothing says what to read it into
wfe_test.bad.lost is not exported, so it would be lost; export it, or tag it json:"-"`)
	err = h.Add(wfe.NewWorkflow("bad", 1, func(*wfe.Generic[int]) {}))
	require.ErrorContains(t, err, "the data of a workflow is a struct; int is none")
}

func TestGeneric_TheFingerprintOfDataIsThatOfItsFields(t *testing.T) {
	t.Parallel()
	type one struct{ Weight int }
	type other struct{ Weight int }
	type changed struct{ Weight int64 }
	require.Equal(t, wfe.NewWorkflow[one]("a", 1, nil).Data.Schema, wfe.NewWorkflow[other]("a", 1, nil).Data.Schema)
	require.NotEqual(t, wfe.NewWorkflow[one]("a", 1, nil).Data.Schema, wfe.NewWorkflow[changed]("a", 1, nil).Data.Schema)
}

func TestGeneric_AChangedStructureBlocksARunningInstance(t *testing.T) {
	bubble(t, func(t *testing.T) {
		st := memory.New()
		run := func(id string) *wfe.Host {
			h := wfe.NewHost(st, wfe.Config{})
			require.NoError(t, h.Add(wfe.NewWorkflow("send", 1, func(b *wfe.Generic[parcel]) { b.Delay(id, time.Hour) })))
			require.NoError(t, h.Start(t.Context()))
			return h
		}
		h := run("drive")
		ref := wfe.NewWorkflow[parcel]("send", 1, nil).Ref()
		_, err := wfe.Start(t.Context(), h, ref, new(parcel), wfe.ID("p"))
		require.NoError(t, err)
		require.NoError(t, h.Stop(t.Context()))
		h = run("fly")
		_, err = wfe.Get(h, ref, "p").Wait(t.Context())
		var blocked *wfe.BlockedError
		require.ErrorAs(t, err, &blocked)
		require.NoError(t, h.Stop(t.Context()))
	})
}

// OpenSafe has a secret input and a secret output.
type OpenSafe struct {
	ID     string `wfe:"secret"`
	Signed string `wfe:"out,secret"`
}

func (s *OpenSafe) Run(context.Context) error {
	s.Signed = "signature"
	return wfe.Permanent(fmt.Errorf("%s and %s do not fit", s.ID, s.Signed))
}

func TestGeneric_SecretsOfAStepAreInNoError(t *testing.T) {
	bubble(t, func(t *testing.T) {
		w := wfe.NewWorkflow("open", 1, func(b *wfe.Generic[parcel]) {
			b.Step("open-safe").OnError(wfe.RetryPolicy{Then: wfe.Terminate})
		})
		h := added(t, w, OpenSafe{})
		i, err := w.Start(t.Context(), h, parcel{ID: "combination"})
		require.NoError(t, err)
		_, err = i.Wait(t.Context())
		require.ErrorContains(t, err, "step open-safe: [secret] and [secret] do not fit")
	})
}

// described is given to Add as a Step.
type described struct{ Key string }

func TestGeneric_TakesAStepThatIsDescribed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		w := wfe.NewWorkflow("flow", 1, func(b *wfe.Generic[data]) { b.Step("given") })
		h := wfe.NewHost(memory.New(), wfe.Config{})
		require.NoError(t, h.Add(w, wfe.Step[described]{Name: "given", Codec: codec.JSON[described](),
			Run: func(*described, context.Context) error { return wfe.Permanent(errTask) }, Retry: &wfe.RetryPolicy{Then: wfe.Terminate}}))
		require.NoError(t, h.Start(t.Context()))
		defer h.Stop(now())
		i, err := w.Start(t.Context(), h, data{})
		require.NoError(t, err)
		_, err = i.Wait(t.Context())
		require.ErrorContains(t, err, errTask.Error())
	})
}

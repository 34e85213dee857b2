package wfe_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/codec"
	"github.com/wfegen/wfe/runtime/store/memory"
)

// box is what a parcel is split into.
type box struct {
	Thing  string
	Secret string `json:"-"`
}

// Split branches into boxes.
type Split struct {
	diary *diary `wfe:"inject"`
	Items []string
	Price int `wfe:"out"`
}

func (s *Split) Run(ctx wfe.BranchContext[box]) (wfe.Result, error) {
	var slept bool
	if _, err := ctx.Persisted(&slept); err != nil {
		return ctx.Next(), err
	}
	if !slept && len(s.Items) > 2 {
		return ctx.Sleep(time.Hour).Keep(true), nil
	}
	var boxes []box
	for _, it := range s.Items {
		boxes = append(boxes, box{Thing: it, Secret: it})
	}
	s.Price = len(boxes)
	return ctx.Branch(boxes), nil
}

// pack is the workflow of these tests: each box becomes a string of what is seen in its branch.
func pack(b *wfe.Generic[parcel]) {
	wfe.ThenBranch(b, (func(*parcel, *Split))(nil), func(b *wfe.Generic[parcel], it *box) {
		b.If("if", func(p *parcel) bool { return it.Thing != "air" }, func(b *wfe.Generic[parcel]) {
			wfe.Then(b, func(_ *parcel, s *PutAside) { s.What = it.Thing })
			b.Set("note", func(p *parcel) { p.Sorted = append(p.Sorted, it.Thing+it.Secret) })
		})
	}, wfe.Sequential(), wfe.Name("split-up")).
		When("none", func(b *wfe.Generic[parcel]) { b.End() })
}

func TestBranch_RunsTheBlockOfAStepOncePerItem(t *testing.T) {
	for name, items := range map[string][]string{"none": nil, "two": {"shoe", "air"}, "after a sleep": {"shoe", "air", "hat"}} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				d := new(diary)
				h := added(t, wfe.NewWorkflow("send", 1, pack), &Split{diary: d}, PutAside{Diary: d})
				i, err := wfe.Start(t.Context(), h, wfe.NewWorkflow("send", 1, pack).Ref(), &parcel{Items: items}, wfe.ID("p"))
				require.NoError(t, err)
				done, err := i.Wait(t.Context())
				require.NoError(t, err)
				var want []string
				for _, it := range items {
					if it != "air" {
						want = append(want, it)
					}
				}
				require.Equal(t, parcel{Items: items, Price: len(items), Sorted: want}, done)
			})
		})
	}
}

// unpack is a step that branches, described as generated code does.
type unpack struct{ Items []int }

func (s *unpack) Run(ctx wfe.BranchContext[int]) (wfe.Result, error) { return ctx.Branch(s.Items), nil }

// offByOne adds one to what it encodes, so that it shows.
func offByOne() codec.Codec[int] {
	c := codec.JSON[int]()
	return codec.Codec[int]{Schema: 7, Decode: c.Decode,
		Append: func(b []byte, v *int) ([]byte, error) {
			if *v < 0 {
				return nil, errors.New("a negative one")
			}
			more := *v + 1
			return c.Append(b, &more)
		}}
}

var unpackStep = wfe.Step[unpack]{Name: "unpack", Codec: codec.JSON[unpack](), Branch: wfe.Branches((*unpack).Run, offByOne()),
	Retry: &wfe.RetryPolicy{Then: wfe.Terminate}}

func unpacked(build func(b *builder)) wfe.Workflow[data, *builder] {
	return wfe.Workflow[data, *builder]{ID: "unpacked", Version: 1, Data: codec.JSON[data](), New: newBuilder, Build: build}
}

func addItem(b *builder, it *int) { b.Set("add", func(d *data) { d.Items = append(d.Items, *it) }) }

func TestBranch_UsesTheCodecThatTheStepCameWith(t *testing.T) {
	bubble(t, func(t *testing.T) {
		w := unpacked(func(b *builder) {
			wfe.ThenBranch(b, func(d *data, s *unpack) { s.Items = d.Items }, addItem, wfe.Sequential())
		})
		h := wfe.NewHost(memory.New(), wfe.Config{})
		require.NoError(t, h.Register(wfe.NewStepSet("test", unpackStep), nil, w))
		require.NoError(t, h.Start(t.Context()))
		defer func() { _ = h.Stop(now()) }()
		i, err := wfe.Start(t.Context(), h, wfe.Ref[data]{ID: w.ID, Version: 1, Data: w.Data}, &data{Items: []int{1, 5}}, wfe.ID("i"))
		require.NoError(t, err)
		done, err := i.Wait(t.Context())
		require.NoError(t, err)
		require.Equal(t, []int{1, 5, 2, 6}, done.Items)
		i, err = wfe.Start(t.Context(), h, wfe.Ref[data]{ID: w.ID, Version: 1, Data: w.Data}, &data{Items: []int{1, -1}}, wfe.ID("j"))
		require.NoError(t, err)
		_, err = i.Wait(t.Context())
		require.ErrorContains(t, err, "wfe: encoding what the step branches into: element 1: a negative one")
	})
}

func TestBranch_IsRefusedWhereABlockIsMissingOrDoesNotFit(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		build func(b *builder)
		want  string
	}{
		"no block": {func(b *builder) { wfe.Then(b, func(*data, *unpack) {}) },
			`node "unpack": step unpack branches, and is given no block for that; add it by wfe.ThenBranch`},
		"a nil block": {func(b *builder) { wfe.ThenBranch(b, func(*data, *unpack) {}, (func(*builder, *int))(nil)) },
			`node "unpack": its body is nil`},
		"items of another type": {func(b *builder) {
			wfe.AddBranching(b.Block, wfe.Use[data, unpack]{}, func(*builder, *string) {})
		}, `node "unpack": step unpack branches into int, and its block takes string`},
		"a step that does not branch": {func(b *builder) {
			wfe.AddBranching(b.Block, wfe.Use[data, task]{}, func(*builder, *string) {})
		}, `node "task": step task does not branch, and it is given a block for that`},
		"a compensation that branches": {func(b *builder) {
			wfe.AddStep(b.Block, wfe.Use[data, task]{Undo: wfe.UndoBy(func(*data, *task, *unpack) {}, nil)})
		}, `node "task": it is undone by step unpack, which branches; a compensation cannot`},
		"a bad limit": {func(b *builder) {
			wfe.ThenBranch(b, func(*data, *unpack) {}, addItem, wfe.Limit(1001))
		}, `a limit is 1 to 1000; it is 1001`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := wfe.NewHost(memory.New(), wfe.Config{})
			set := wfe.NewStepSet("test", unpackStep, wfe.Step[task]{Name: "task", Codec: codec.JSON[task](),
				Steer: func(_ *task, ctx wfe.StepContext) (wfe.Result, error) { return ctx.Next(), nil }})
			require.ErrorContains(t, h.Register(set, nil, unpacked(c.build)), c.want)
		})
	}
}

// splitsChannels branches into what cannot be saved.
type splitsChannels struct{}

func (*splitsChannels) Run(ctx wfe.BranchContext[chan int]) (wfe.Result, error) {
	return ctx.Branch(nil), nil
}

func TestBranch_OfAGenericWorkflowIsRefusedWhereABlockIsMissing(t *testing.T) {
	t.Parallel()
	w := wfe.NewWorkflow("send", 1, func(b *wfe.Generic[parcel]) { b.Step("split") })
	h := wfe.NewHost(memory.New(), wfe.Config{})
	require.ErrorContains(t, h.Add(w, &Split{}), `node "split": step split branches, and is given no block for that; add it by wfe.ThenBranch`)
	require.ErrorContains(t, h.Add(w, &splitsChannels{}), "step type wfe_test.splitsChannels branches into what cannot be saved: chan int is of type chan int")
}

func TestResult_SaysIntoHowManyItBranches(t *testing.T) {
	t.Parallel()
	require.Equal(t, "branch 2", wfe.BranchContext[int]{}.Branch([]int{1, 2}).String(), "without a host too")
}

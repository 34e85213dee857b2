package engine_test

import (
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/engine"
	"github.com/wfegen/wfe/runtime/instance"
)

// big is a list of about n KiB.
func big(n int) []string {
	l := make([]string, n)
	for i := range l {
		l[i] = strings.Repeat("x", 1021)
	}
	return l
}

// fatCells lists the numbers of the fields that have a cell of their own.
func (h *host) fatCells() []int {
	var l []int
	for _, f := range h.s.Data.Fat {
		l = append(l, f.Number)
	}
	return l
}

func TestData_ALargeFieldHasACellAndASmallOneHasNone(t *testing.T) {
	t.Parallel()
	size := 0
	a := set("a", func(d *data) { d.List = []string{strings.Repeat("x", size)} })
	loop := while("w", func(*data) bool { return true }, a, step("s"))
	h := newHost(t, compile(t, loop))
	h.crashes = true
	h.start(data{})
	for _, c := range []struct {
		size int
		fat  []int
	}{{900, nil}, {2000, []int{2}}, {900, []int{2}}, {10, nil}, {900, nil}, {100_000, []int{2}}} {
		size = c.size
		h.done("s")
		require.Equal(t, c.fat, h.fatCells(), "%d bytes", c.size)
		require.Len(t, h.data().List[0], c.size)
	}
}

// wide is data of many fields that are a little less than large each.
type wide struct {
	*program
	fields int
}

func (w *wide) member(i int) string {
	return fmt.Sprintf("%s%q", w.Fields()[i], strings.Repeat("x", 900-i))
}

func (w *wide) payload() []byte {
	all := make([]string, w.fields)
	for i := range all {
		all[i] = w.member(i)
	}
	return []byte("{" + strings.Join(all, ",") + "}")
}

func (w *wide) Decode([]byte) (any, error)             { return w, nil }
func (w *wide) Encode(b []byte, _ any) ([]byte, error) { return append(b, w.payload()...), nil }
func (w *wide) EncodeField(b []byte, _ any, i int) ([]byte, error) {
	return append(b, w.member(i)...), nil
}
func (w *wide) Fields() (names []string) {
	for i := range w.fields {
		names = append(names, fmt.Sprintf(`"f%d":`, i))
	}
	return names
}

func TestData_SmallFieldsThatAreLargeTogetherHaveCells(t *testing.T) {
	t.Parallel()
	p := compile(t, delay("d", time.Minute))
	w := &wide{p, 20}
	p.Program.Code = w
	s := &instance.State{ID: "i", Status: instance.Runnable}
	var fx engine.Effects
	require.NoError(t, engine.Advance(p.Program, s, []instance.Input{{Kind: instance.Started, Payload: w.payload()}}, engine.Env{}, &fx))
	require.LessOrEqual(t, len(s.Data.Head), 4<<10)
	var fat []int
	for _, f := range s.Data.Fat {
		fat = append(fat, f.Number)
	}
	require.Equal(t, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, fat, "the largest ones")
	require.Equal(t, string(w.payload()), string(s.Data.Whole()))
	require.Equal(t, len(w.payload()), s.Data.Size())
}

func TestData_OfWhichNoFieldsAreKnownIsOneCell(t *testing.T) {
	t.Parallel()
	p := compile(t, set("a", func(d *data) { d.List = big(5) }), step("b"), step("c"))
	p.whole = true
	h := newHost(t, p)
	h.crashes = true
	h.start(data{})
	require.Equal(t, []int{0}, h.fatCells())
	require.Empty(t, h.s.Data.Head)
	h.done("b")
	require.Equal(t, []string{"b"}, h.log())
}

func TestData_IsDividedAnewWhenItsFieldsAreOthers(t *testing.T) {
	t.Parallel()
	for _, change := range []struct {
		name   string
		change func(p *program)
		fat    []int
	}{
		{"none are known any more", func(p *program) { p.whole = true }, []int{0}},
		{"they come in another order", func(p *program) { p.swapped = true }, []int{1}},
	} {
		t.Run(change.name, func(t *testing.T) {
			t.Parallel()
			p := compile(t, set("a", func(d *data) { d.List = big(5) }), step("b"), step("c"))
			h := newHost(t, p)
			h.start(data{})
			require.Equal(t, []int{2}, h.fatCells())
			change.change(p)
			h.reload()
			h.done("b")
			require.Equal(t, change.fat, h.fatCells())
			require.Equal(t, []string{"b"}, h.log())
			require.Len(t, h.data().List, 5)
			h.reload()
			h.done("c")
			h.is(instance.Complete)
		})
	}
}

func TestData_OfTheLargestSizeIsStoredAndMoreIsRefused(t *testing.T) {
	t.Parallel()
	extra := 0
	a := set("a", func(d *data) {
		d.List = []string{strings.Repeat("x", engine.MaxPayload-len(`{"list":[""]}`)+extra)}
	})
	h := live(t, step("s"), a)
	h.done("s")
	require.Equal(t, instance.Suspended, h.s.Status, "with the log it is too large")
	require.Contains(t, h.s.Failure.Message, "the data would be 1048588 bytes; at most 1048576 are allowed")
	require.Empty(t, h.data().List)
	b := set("b", func(d *data) {
		d.Log = nil
		d.List = []string{strings.Repeat("x", engine.MaxPayload-len(`{"list":[""]}`))}
	})
	h = live(t, b)
	h.is(instance.Complete)
	require.Len(t, h.s.Data.Whole(), engine.MaxPayload)
}

// elements runs n branches of a loop over large data, whose outputs go to the log;
// those of every seventh one fail.
func elements(t *testing.T, n int) *host {
	a := step("a")
	a.out = func(d *data, v value) {
		d.Log = append(d.Log, v.In)
		if strings.HasSuffix(v.In, "3") {
			panic("broken")
		}
	}
	h := newHost(t, compile(t, set("s", func(d *data) { d.List = big(5) }), each("e", list(n), a).limit(1000)))
	h.start(data{})
	return h
}

func results(h *host) (in []instance.Input) {
	for _, r := range h.bodies {
		in = append(in, instance.Input{Kind: instance.StepDone, Ptr: r.Ptr, Gen: r.Gen, At: h.now, Payload: r.Input})
	}
	return in
}

func TestAdvance_ManyInputsAtOnceAreTheSameAsOneAfterTheOther(t *testing.T) {
	t.Parallel()
	for _, n := range []int{3, 40} {
		one, all := elements(t, n), elements(t, n)
		for _, in := range results(one) {
			one.apply(in)
		}
		all.apply(results(all)...)
		require.Equal(t, n > 3, one.s.Status == instance.Suspended)
		require.Equal(t, string(one.head), string(all.head))
		require.Equal(t, one.cells, all.cells)
	}
}

func TestAdvance_EncodesLargeDataOnceForManyInputs(t *testing.T) {
	t.Parallel()
	h := elements(t, 3)
	before := h.prog.encoded
	h.apply(results(h)...)
	require.Equal(t, 1, h.prog.encoded[2]-before[2], "times the list was encoded")
	require.Len(t, h.log(), 3)
}

// cost is what a part of a run took.
type cost struct{ bytes, rows, allocs, allocated float64 }

// rounds runs a loop of one step, whose outputs are the field that stays small, and
// returns the cost of one round among the first tenth and among the last.
func rounds(t *testing.T, n int, d data) (first, last cost) {
	a := step("a")
	a.out = func(d *data, v value) { d.Log = []string{v.In} }
	a.stores = []int{0}
	p := compile(t, while("w", func(*data) bool { return true }, a))
	s := &instance.State{ID: "i", Definition: "hash", Status: instance.Runnable}
	payload, err := json.Marshal(d)
	require.NoError(t, err)
	var fx engine.Effects
	var row []byte
	apply := func(c *cost, in instance.Input) {
		run := fx.Run
		fx = engine.Effects{Put: fx.Put[:0], Del: fx.Del[:0], Run: run[:0]}
		require.NoError(t, engine.Advance(p.Program, s, []instance.Input{in}, engine.Env{}, &fx))
		row = s.AppendHead(row[:0])
		c.bytes += float64(len(row))
		c.rows++
		for _, id := range fx.Put {
			row = s.AppendCell(row[:0], id)
			c.bytes += float64(len(row))
			c.rows++
		}
		for _, cell := range fx.Archive { // older history, now and then
			c.bytes += float64(len(cell.Body))
			c.rows++
		}
		c.rows += float64(len(fx.Del))
	}
	apply(new(cost), instance.Input{Kind: instance.Started, Payload: payload})
	tenth := func() (c cost) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range n / 10 {
			r := fx.Run[0]
			apply(&c, instance.Input{Kind: instance.StepDone, Ptr: r.Ptr, Gen: r.Gen, Payload: r.Input})
		}
		runtime.ReadMemStats(&after)
		of := float64(n / 10)
		return cost{c.bytes / of, c.rows / of, float64(after.Mallocs-before.Mallocs) / of, float64(after.TotalAlloc-before.TotalAlloc) / of}
	}
	first = tenth()
	for range 8 {
		tenth()
	}
	return first, tenth()
}

func TestWhile_LastRoundsCostWhatTheFirstOnesDo(t *testing.T) {
	small, smallEnd := rounds(t, 10_000, data{})
	medium, _ := rounds(t, 10_000, data{List: big(2)})
	large, largeEnd := rounds(t, 10_000, data{List: big(900)})
	for _, c := range []struct {
		what        string
		first, then cost
	}{
		{"the last tenth against the first one", small, smallEnd},
		{"the same with 900 KB in another field", large, largeEnd},
		{"with 900 KB in another field against 2 KB", medium, large},
	} {
		require.LessOrEqual(t, c.then.rows, 1.1*c.first.rows, "rows: %s", c.what)
		require.LessOrEqual(t, c.then.bytes, 1.1*c.first.bytes, "bytes: %s", c.what)
		require.LessOrEqual(t, c.then.allocs, 1.1*c.first.allocs, "allocations: %s", c.what)
		require.LessOrEqual(t, c.then.allocated, 1.1*c.first.allocated, "bytes allocated: %s", c.what)
	}
	require.Less(t, largeEnd.rows, 1.1, "besides the head there is older history, now and then")
}

package codec_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/codec"
)

type label string

type deep struct {
	F     float64
	Small float32
	Text  label `json:"text"`
	Texts []string
	Grid  [2][]float64
	ByKey map[string]float64
	ByInt map[int8]label
	By    map[netip.Addr]string
	Next  *deep
	Bytes []byte
	Raw   json.RawMessage
	At    time.Time
	Any   any
	Empty []int          `json:",omitempty"`
	Gone  map[string]int `json:"-"`
	Num   json.Number
	Pair  struct{ A, B float64 } `json:",omitzero"`
	inner
}

type twice struct {
	left
	right
}
type left struct{ X int }
type right struct{ X int }

type inner struct{ In string }

func TestExact_KeepsWhatJSONHasNoValueFor(t *testing.T) {
	t.Parallel()
	for v, want := range map[label]string{"": `""`, "plain <": `"plain \u003c"`, "NaN": `"NaN"`, `\ufffd`: `"\\ufffd"`, "\ufffd": "\"\ufffd\"", "h\xc3": `{"wfe:exact":["aMM="]}`} {
		exact(t, v, want)
	}
	for v, want := range map[float64]string{0: `0`, 1.5: `1.5`, math.Copysign(0, -1): `-0`, math.Inf(1): `{"wfe:exact":"+Inf"}`, math.Inf(-1): `{"wfe:exact":"-Inf"}`, math.NaN(): `{"wfe:exact":"NaN"}`} {
		exact(t, v, want)
	}
	exact(t, float32(0.1), `0.1`)
	exact(t, []string(nil), `null`)
	exact(t, []string{}, `[]`)
	exact(t, []string{"a", "\xff"}, `{"wfe:exact":["a",["/w=="]]}`)
	exact(t, map[string]int{"a": 1, "\xff": 2}, `{"wfe:exact":[["a",1],[["/w=="],2]]}`)
	exact(t, map[int]float64{1: math.Inf(1)}, `{"wfe:exact":[[1,"+Inf"]]}`)
	exact(t, map[string]int{"wfe:exact": 1}, `{"wfe:exact":[["wfe:exact",1]]}`)
	exact(t, json.RawMessage(`{"a": 1}`), `{"wfe:exact":"eyJhIjogMX0="}`)
	exact(t, json.RawMessage(`{"a":1}`), `{"a":1}`)
	exact(t, []any{1.5, "a", true, nil, []any{}}, `[1.5,"a",true,null,[]]`)
	exact(t, []any{1, map[string]any{"a": int8(1)}}, `{"wfe:exact":[{"int":1},{"map[string]interface {}":[["a",{"int8":1}]]}]}`)
	exact(t, []*[]int{{}, nil, new([]int)}, `{"wfe:exact":[[[]],null,[null]]}`)
	exact(t, struct {
		A [1]float64 `json:",omitzero"`
	}{[1]float64{math.Copysign(0, -1)}}, `{"wfe:exact":{"A":[-0]}}`)
	exact(t, twice{left{1}, right{2}}, `{"wfe:exact":{"left":{"X":1},"right":{"X":2}}}`)
	exact(t, deep{inner: inner{"\xff"}, Gone: map[string]int{"a": 1}, Empty: []int{}}, `{"wfe:exact":{"Empty":[],"Gone":[["a",1]],"inner":{"In":["/w=="]}}}`)
}

func TestExact_KeepsZones(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 29, 1, 30, 0, 7, time.UTC)
	exact(t, at, `"2026-03-29T01:30:00.000000007Z"`)
	exact(t, time.Time{}, `"0001-01-01T00:00:00Z"`)
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	for want, loc := range map[string]*time.Location{
		`{"wfe:exact":[1774747800,7,"Europe/Berlin",7200,"CEST"]}`: berlin,
		`{"wfe:exact":[1774747800,7,"CET",3600,"CET"]}`:            time.FixedZone("CET", 3600),
		`{"wfe:exact":[1774747800,7,"",0,"UTC"]}`:                  time.FixedZone("UTC", 0),
		`{"wfe:exact":[1774747800,7,"",-5400,""]}`:                 time.FixedZone("", -5400),
	} {
		got := through(t, at.In(loc), want)
		require.Equal(t, at.In(loc).String(), got.String())
		require.Equal(t, loc.String(), got.Location().String())
		require.True(t, at.Equal(got))
	}
	require.Equal(t, time.Local, through(t, at.In(time.Local), "").Location())
	require.Equal(t, at.In(berlin).AddDate(0, 0, 1).String(), through(t, at.In(berlin), "").AddDate(0, 0, 1).String())
	now := time.Now()
	require.Equal(t, now.Round(0).String(), through(t, now, "").String(), "without what a clock says to itself")
}

func TestExact_SaysWhatCannotBeSaved(t *testing.T) {
	t.Parallel()
	c := codec.Exact(codec.JSON[deep]())
	_, err := c.Append(nil, &deep{Any: map[int]label{1: "a"}})
	require.EqualError(t, err, "codec: encoding codec_test.deep.Any: there is a map[int]codec_test.label in an interface, which nothing says how to read again")
	d := &deep{F: math.NaN()}
	d.Next = d
	_, err = c.Append(nil, d)
	require.ErrorContains(t, err, "holds itself")
	for text, want := range map[string]string{`{"wfe:exact":{"F":"x"}}`: "not a value in the form", `{"wfe:exact":{"text":1,"Text":1}}`: "want a string", `{"wfe:exact":{"At":[1]}}`: "not a value",
		`{"wfe:exact":{"Any":{"order.Item":1}}}`: `a "order.Item" in an interface`, `{"wfe:exact":{"ByKey":[["a",1,2]]}}`: "not a value", `{"wfe:exact":{}`: "EOF"} {
		require.ErrorContains(t, c.Decode([]byte(text), new(deep)), want, text)
	}
}

// through returns what v is when it was written and read.
func through[T any](t *testing.T, v T, want string) (got T) {
	t.Helper()
	c := codec.Exact(codec.JSON[T]())
	b, err := c.Append(nil, &v)
	require.NoError(t, err)
	if want != "" {
		require.Equal(t, want, string(b))
	}
	require.NoError(t, c.Decode(b, &got), string(b))
	return got
}

func exact[T any](t *testing.T, v T, want string) {
	t.Helper()
	got := through(t, v, want)
	require.True(t, alike(reflect.ValueOf(v), reflect.ValueOf(got)), "%s: %#v, want %#v", want, got, v)
}

func TestExact_KeepsWhateverThereIs(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	c := codec.Exact(codec.JSON[deep]())
	for range 3000 {
		var v, got deep
		odd(r, reflect.ValueOf(&v).Elem(), 4)
		b, err := c.Append(nil, &v)
		require.NoError(t, err, "%#v", v)
		again, err := c.Append(nil, &v)
		require.NoError(t, err)
		require.Equal(t, string(b), string(again), "maps have an order")
		require.NoError(t, c.Decode(b, &got), string(b))
		require.True(t, alike(reflect.ValueOf(v), reflect.ValueOf(got)), "%s\n%#v\n%#v", b, v, got)
	}
}

// odd fills v with values of which JSON has none, among others.
func odd(r *rand.Rand, v reflect.Value, depth int) {
	if depth == 0 || r.IntN(4) == 0 {
		return
	}
	switch v.Type() {
	case reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Unix(r.Int64N(1e9), r.Int64N(1e9)).In([]*time.Location{time.UTC, time.Local, time.FixedZone("X", 5400)}[r.IntN(3)])))
		return
	case reflect.TypeFor[netip.Addr]():
		v.Set(reflect.ValueOf(netip.AddrFrom4([4]byte{10, 0, 0, byte(r.IntN(4))})))
		return
	case reflect.TypeFor[json.RawMessage]():
		v.SetBytes([]byte([]string{"1", " [1]", "null", `"<"`}[r.IntN(4)]))
		return
	case reflect.TypeFor[json.Number]():
		v.SetString([]string{"1", "1.50", "", "-0"}[r.IntN(4)])
		return
	}
	switch v.Kind() {
	case reflect.Float32, reflect.Float64:
		v.SetFloat([]float64{math.NaN(), math.Inf(1), math.Inf(-1), math.Copysign(0, -1), 1.5, float64(float32(r.NormFloat64()))}[r.IntN(6)])
	case reflect.String:
		v.SetString([]string{"", "a", "\xff", "h\xc3", "\ufffd", `\ufffd`, "é"}[r.IntN(7)])
	case reflect.Int8, reflect.Int, reflect.Uint8:
		if v.CanInt() {
			v.SetInt(r.Int64N(100) - 50)
		} else {
			v.SetUint(r.Uint64N(256))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), r.IntN(3), 3))
		fallthrough
	case reflect.Array:
		for i := range v.Len() {
			odd(r, v.Index(i), depth-1)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range r.IntN(3) {
			key, elem := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			odd(r, key, 3)
			odd(r, elem, depth-1)
			v.SetMapIndex(key, elem)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		odd(r, v.Elem(), depth-1)
	case reflect.Interface:
		v.Set(reflect.ValueOf([]any{1, "\xff", 1.5, float32(2), []any{nil, uint8(1)}, []string{"x"}, map[string]any{"\xff": 1}, true}[r.IntN(8)]))
	case reflect.Struct:
		for i := range v.NumField() {
			odd(r, v.Field(i), depth)
		}
	}
}

// alike is reflect.DeepEqual, by which a NaN is one, a zero has its sign, and times are those of one zone.
func alike(a, b reflect.Value) bool {
	if a.IsValid() != b.IsValid() || a.IsValid() && a.Type() != b.Type() {
		return false
	}
	if !a.IsValid() {
		return true
	}
	if a.Type() == reflect.TypeFor[time.Time]() {
		return a.Interface().(time.Time).Format(time.RFC3339Nano+"MST") == b.Interface().(time.Time).Format(time.RFC3339Nano+"MST")
	}
	switch a.Kind() {
	case reflect.Float32, reflect.Float64:
		return math.Float64bits(a.Float()) == math.Float64bits(b.Float())
	case reflect.Slice, reflect.Map, reflect.Pointer, reflect.Interface:
		if a.IsNil() != b.IsNil() {
			return false
		}
	}
	switch a.Kind() {
	case reflect.Slice, reflect.Array:
		if a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !alike(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	case reflect.Map:
		if a.Len() != b.Len() {
			return false
		}
		for _, k := range a.MapKeys() {
			if !alike(a.MapIndex(k), b.MapIndex(k)) {
				return false
			}
		}
		return true
	case reflect.Pointer, reflect.Interface:
		return alike(a.Elem(), b.Elem())
	case reflect.Struct:
		if a.Type() == reflect.TypeFor[netip.Addr]() {
			return a.Equal(b)
		}
		for i := range a.NumField() {
			if !alike(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	}
	return a.Equal(b)
}

package gen

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestStores_CountsEachWayToWrite looks at what pieces of code are generated to store.
func TestStores_CountsEachWayToWrite(t *testing.T) {
	t.Parallel()
	const any = "any"
	list := []struct{ code, stores string }{
		{`o.Nums[0] = 1`, `"Nums"`},
		{`o.Nums = append(o.Nums, 1)`, `"Nums"`},
		{`o.Nums = append(o.Nums[:1], 1)`, `"Nums"`},
		{`_ = append(o.Nums[:1], 1)`, `"Nums"`},
		{`_ = append(o.Nums[:1:2], 1)`, `"Nums"`},
		{`_ = append(o.Nums[:1:1], 1)`, ``},
		{`_ = append(o.Nums, 1)`, ``},
		{`_ = append([]int{1}[:0], 1)`, ``},
		{`_ = (append)((o.Nums)[:1], 1)`, `"Nums"`},
		{`log = append(log, "x")`, `"wfe:vars"`},
		{`_ = append(log[:1], "x")`, any},
		{`_ = append(same, 1)`, any},
		{`big := o.Nums[:0]; _ = append(big, 1)`, any},
		{`copy(o.Nums, o.Nums)`, `"Nums"`},
		{`(clear)(o.Nums[1:])`, any},
		{`it := o.Parts[0]; it.X = 1`, any},
		{`it := o.Parts[0]; it.Core.X = 1`, any},
		{`o.One.X = 1`, `"One"`},
		{`one.Name = "x"`, `"wfe:vars"`},
		{`one.X = 1`, any},
		{`swap := sort.IntSlice(o.Nums).Swap; swap(0, 1)`, any},
		{`sort.IntSlice(o.Nums).Sort()`, any},
		{`_ = strconv.AppendInt(o.By[:0], 1, 10)`, any},
		{`_ = with(o.Nums[:1])`, any},
		{`_ = len(o.Nums)`, ``},
		{`o.Note = o.Note + "x"`, `"Note"`},
	}
	var b strings.Builder
	b.WriteString(writtenTypes)
	for i, c := range list {
		fmt.Fprintf(&b, writtenFlow, i, i, c.code)
	}
	p := newPlace(t, b.String())
	_, err := p.generate()
	require.NoError(t, err)
	src, err := os.ReadFile(p.path("wfe_gen.go"))
	require.NoError(t, err)
	for i, c := range list {
		_, text, _ := strings.Cut(string(src), fmt.Sprintf("func compileW%d(", i))
		_, text, _ = strings.Cut(text, "b.After(")
		text, _, ok := strings.Cut(text, `b.Name("two")`)
		require.True(t, ok, "%s:\n%s", c.code, src)
		got := regexp.MustCompile(`b\.Stores\((.*)\)`).FindStringSubmatch(text)
		if c.stores == any {
			require.Empty(t, got, c.code)
		} else {
			require.Equal(t, []string{"b.Stores(" + c.stores + ")", c.stores}, got, c.code)
		}
	}
}

const writtenTypes = `package p

import (
	"context"
	"sort"
	"strconv"

	wfe "github.com/wfegen/wfe/runtime"
)

// O is data.
//
//wfe:data
type O struct {
	Nums  []int
	Same  []int
	By    []byte
	Parts []Part
	One   struct{ X int }
	Note  string
}

type Part struct {
	*Core
	Name string
}

type Core struct{ X int }

// Act acts.
//
//wfe:step
type Act struct{ Text string }

func (*Act) Run(context.Context) error { return nil }

//wfe:pure
func with(nums []int) []int { return append(nums, 1) }

var _, _ = sort.Ints, strconv.Itoa
`

const writtenFlow = `
//wfe:workflow id=w%d version=1
func W%d(w *wfe.Flow, o *O) {
	log, same, one := []string{"a"}, o.Same, Part{Name: "x"}
	wfe.Do(w, Act{})
	%s
	wfe.Do(w, Act{}, wfe.Name("two"))
	wfe.Do(w, Act{Text: log[0] + one.Name + strconv.Itoa(len(same))}, wfe.Name("three"))
}
`

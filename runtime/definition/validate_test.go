package definition_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/definition"
)

const none = definition.None

// valid is a definition with one node of each kind.
func valid() *definition.Definition {
	return &definition.Definition{Name: "order", Version: 1, First: 0, Nodes: []definition.Node{
		{ID: "charge", Kind: definition.Step, Step: "ChargeCard", Undo: true, Parent: none, Next: 2,
			Blocks: []definition.Block{{Name: "declined", First: 1}}},
		{ID: "charge/declined/mail", Kind: definition.Step, Step: "Mail", Compensate: "Unmail", Parent: 0, Next: none},
		{ID: "if", Kind: definition.If, Parent: none, Next: 3,
			Blocks: []definition.Block{{Name: definition.BlockThen, First: none}, {Name: definition.BlockElse, First: none}}},
		{ID: "saga", Kind: definition.Saga, Parent: none, Next: 7,
			Blocks: []definition.Block{{First: 4}, {Name: definition.BlockCompensate, First: 6}}},
		{ID: "saga/each", Kind: definition.ForEach, Parent: 3, Next: none, Blocks: []definition.Block{{First: 5}}},
		{ID: "saga/each/each", Kind: definition.ForEach, Parent: 4, Next: none, Blocks: []definition.Block{{First: 10}}},
		{ID: "saga/compensate/end", Kind: definition.End, Parent: 3, Next: none},
		{ID: "parallel", Kind: definition.Parallel, Parent: none, Next: none, Blocks: []definition.Block{{First: 8}, {First: 9}}},
		{ID: "parallel/delay", Kind: definition.Delay, Parent: 7, Next: none},
		{ID: "parallel/paid", Kind: definition.WaitFor, Event: "paid", Parent: 7, Next: none,
			Blocks: []definition.Block{{Name: definition.BlockTimeout, First: none}}},
		{ID: "saga/each/each/ship", Kind: definition.Step, Step: "Ship", Parent: 5, Next: none, Sequential: true,
			Blocks: []definition.Block{{First: none}, {Name: "lost", First: none}}},
	}}
}

func TestValidate_AcceptsEveryKindOfNode(t *testing.T) {
	t.Parallel()
	require.NoError(t, valid().Validate())
	require.NoError(t, (&definition.Definition{Name: "empty", Version: 1, First: none}).Validate())
}

func TestValidate_NamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 256)
	cases := map[string]struct {
		change func(d *definition.Definition)
		want   string
	}{
		"no name":              {func(d *definition.Definition) { d.Name = "" }, "name: is empty"},
		"long name":            {func(d *definition.Definition) { d.Name = long }, "is 256 bytes long; at most 255"},
		"name not UTF-8":       {func(d *definition.Definition) { d.Name = "\xff" }, "is not valid UTF-8"},
		"name with NUL":        {func(d *definition.Definition) { d.Name = "a\x00" }, "contains a NUL byte"},
		"no version":           {func(d *definition.Definition) { d.Version = 0 }, "a version is 1 or more"},
		"too many nodes":       {func(d *definition.Definition) { d.Nodes = make([]definition.Node, 10_001) }, "10001 nodes; at most 10000"},
		"edge to nowhere":      {func(d *definition.Definition) { d.Nodes[0].Next = 99 }, "leads to node 99"},
		"edge below":           {func(d *definition.Definition) { d.Nodes[0].Next = -2 }, "leads to node -2"},
		"block to nowhere":     {func(d *definition.Definition) { d.Nodes[3].Blocks[0].First = 99 }, "leads to node 99"},
		"cycle":                {func(d *definition.Definition) { d.Nodes[7].Next = 0 }, `"charge" is reached twice`},
		"cycle into a block":   {func(d *definition.Definition) { d.Nodes[10].Next = 5 }, `"saga/each/each" is reached twice`},
		"join":                 {func(d *definition.Definition) { d.Nodes[7].Blocks[1].First = 8 }, `"parallel/delay" is reached twice`},
		"wrong parent":         {func(d *definition.Definition) { d.Nodes[8].Parent = none }, "its parent is not the node around it"},
		"same id":              {func(d *definition.Definition) { d.Nodes[9].ID = "parallel/delay" }, `two nodes "parallel/delay": name one of them`},
		"unreachable":          {func(d *definition.Definition) { d.Nodes[2].Next = none }, `"saga" cannot be reached`},
		"no id":                {func(d *definition.Definition) { d.Nodes[0].ID = "" }, "a segment is 1 to 64 bytes"},
		"empty segment":        {func(d *definition.Definition) { d.Nodes[0].ID = "a//b" }, "a segment is 1 to 64 bytes"},
		"long segment":         {func(d *definition.Definition) { d.Nodes[0].ID = long[:65] }, "a segment is 1 to 64 bytes"},
		"long id":              {func(d *definition.Definition) { d.Nodes[0].ID = strings.Repeat("x/", 2048) + "x" }, "its path is 4097 bytes long; at most 4096"},
		"segment not UTF-8":    {func(d *definition.Definition) { d.Nodes[0].ID = "a/\xff" }, "is not valid UTF-8"},
		"end with a condition": {func(d *definition.Definition) { d.Nodes[6].Cancel = true }, `"saga/compensate/end": it is over at once, as any end`},
		"set with a condition": {func(d *definition.Definition) { d.Nodes[8].Kind, d.Nodes[8].Cancel = definition.Set, true }, "it is over at once, as any set"},
		"goes on without one":  {func(d *definition.Definition) { d.Nodes[8].Proceed = true }, `"parallel/delay": the flow is to go on when it is cancelled`},
		"unknown kind":         {func(d *definition.Definition) { d.Nodes[8].Kind = "goto" }, `unknown kind "goto"`},
		"step without a name":  {func(d *definition.Definition) { d.Nodes[0].Step = "" }, "its step is empty"},
		"bad compensation":     {func(d *definition.Definition) { d.Nodes[0].Compensate = long }, "its compensation is 256 bytes"},
		"outcome without name": {func(d *definition.Definition) {
			d.Nodes[0].Blocks = append(d.Nodes[0].Blocks, definition.Block{First: none})
		}, `outcome ""`},
		"sequential step that does not branch": {func(d *definition.Definition) { d.Nodes[10].Blocks = d.Nodes[10].Blocks[1:] }, "it is sequential, and has no block"},
		"outcome with a slash":                 {func(d *definition.Definition) { d.Nodes[0].Blocks[0].Name = "a/b" }, `outcome "a/b"`},
		"outcome twice": {func(d *definition.Definition) {
			d.Nodes[0].Blocks = append(d.Nodes[0].Blocks, definition.Block{Name: "declined", First: none})
		}, `outcome "declined" leads to two blocks`},
		"if with other blocks":    {func(d *definition.Definition) { d.Nodes[2].Blocks[0].Name = "else" }, `has no block "else" here`},
		"loop without a block":    {func(d *definition.Definition) { d.Nodes[5].Blocks = nil }, "a foreach has a block, and this one has none"},
		"saga without a block":    {func(d *definition.Definition) { d.Nodes[3].Blocks = nil }, "a saga has a block, and this one has none"},
		"saga with only another":  {func(d *definition.Definition) { d.Nodes[3].Blocks = d.Nodes[3].Blocks[1:] }, `has no block "compensate" here`},
		"branch with a name":      {func(d *definition.Definition) { d.Nodes[7].Blocks[0].Name = "left" }, `has no block "left" here`},
		"wait without an event":   {func(d *definition.Definition) { d.Nodes[9].Event = "" }, "its event is empty"},
		"wait with another block": {func(d *definition.Definition) { d.Nodes[9].Blocks[0].Name = "then" }, `has no block "then" here`},
		"delay with a block":      {func(d *definition.Definition) { d.Nodes[8].Blocks = []definition.Block{{First: none}} }, `a delay has no block ""`},
		"undo outside of a saga":  {func(d *definition.Definition) { undo(d, 8) }, `"parallel/delay": it says what to do when the saga around it is rolled back, and there is no saga around it`},
		"undo in an undo": {func(d *definition.Definition) {
			undo(d, 10)
			d.Nodes[6].Parent, d.Nodes[10].Blocks[0].First = 10, 6
			undo(d, 6)
			d.Nodes[3].Blocks = d.Nodes[3].Blocks[:1]
		}, `"saga/compensate/end": it says what to do`},
		"undo without a block":         {func(d *definition.Definition) { undo(d, 10); d.Nodes[10].Blocks = nil }, "undo has a block"},
		"an exit that fails and leads": {func(d *definition.Definition) { d.Nodes[2].Exits = []definition.Exit{{Node: 1, Fail: "f"}} }, `"if": an exit that fails, as "f", leads nowhere else`},
		"an exit that fails, badly named": {func(d *definition.Definition) {
			d.Nodes[2].Exits = []definition.Exit{{Node: definition.None, Fail: "f//g"}}
		}, `"if": `},
		"call without a block":         {func(d *definition.Definition) { d.Nodes[8].Kind = definition.Call }, "a call has a block"},
		"catch of no saga":             {func(d *definition.Definition) { d.Nodes[8].Catch = true }, "a saga hands its failure on; this is of kind delay"},
		"due of no delay":              {func(d *definition.Definition) { d.Nodes[2].Due = true }, "may have a time that the data say; this is of kind if"},
		"variables of an if":           {func(d *definition.Definition) { d.Nodes[2].Blocks[0].Frame = true }, `"if": variables of its own has a block that runs in rounds`},
		"exit to what is not around":   {func(d *definition.Definition) { d.Nodes[2].Exits = []definition.Exit{{Node: 3}} }, `"if": an exit leads to node 3, which is not around it`},
		"exit that leaves nothing":     {func(d *definition.Definition) { d.Nodes[2].Exits = []definition.Exit{{Node: none, Leave: true}} }, "an exit that ends the instance leaves no node"},
		"exit at the beginning":        {func(d *definition.Definition) { d.Exits = []definition.Exit{{Node: 2}} }, "at its beginning: an exit leads to node 2"},
		"exit through a saga":          {func(d *definition.Definition) { d.Nodes[4].Exits = []definition.Exit{{Node: none}} }, `"saga/each": an exit cannot lead out of node "saga", of kind saga: it ends a block of it at the most`},
		"exit that leaves a saga":      {func(d *definition.Definition) { d.Nodes[4].Exits = []definition.Exit{{Node: 3, Leave: true}} }, `cannot lead out of node "saga"`},
		"exit out of a parallel":       {func(d *definition.Definition) { d.Nodes[8].Exits = []definition.Exit{{Node: none}} }, `cannot lead out of node "parallel"`},
		"exit through a parallel loop": {func(d *definition.Definition) { d.Nodes[10].Exits = []definition.Exit{{Node: 4}} }, `cannot lead out of node "saga/each/each", of kind foreach`},
		"exit of a block":              {func(d *definition.Definition) { d.Nodes[4].Blocks[0].Exits = []definition.Exit{{Node: none}} }, `"saga/each", at the beginning of block "": an exit cannot lead out of node "saga/each"`},
		"exit through all cases": {func(d *definition.Definition) {
			d.Nodes[5].Kind, d.Nodes[5].All, d.Nodes[5].Blocks[0].Name = definition.Decide, true, "one"
			d.Nodes[10].Exits = []definition.Exit{{Node: 4}}
		}, `cannot lead out of node "saga/each/each", of kind decide`},
		"end that cuts a rollback": {func(d *definition.Definition) {
			d.Nodes[4].Kind = definition.Saga
			d.Nodes[5].Kind = definition.Saga
			d.Nodes[5].Blocks = append(d.Nodes[5].Blocks, definition.Block{Name: definition.BlockCompensate, First: 6})
			d.Nodes[6].Parent = 5
			d.Nodes[3].Blocks = d.Nodes[3].Blocks[:1]
		}, "an end in the compensation of what is inside a saga"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := valid()
			c.change(d)
			require.ErrorContains(t, d.Validate(), c.want)
		})
	}
}

// undo makes of node n what is to be undone.
func undo(d *definition.Definition, n int) {
	d.Nodes[n].Kind, d.Nodes[n].Step, d.Nodes[n].Sequential = definition.Undo, "", false
	d.Nodes[n].Blocks = []definition.Block{{Name: definition.BlockCompensate, First: none}}
}

func TestValidate_AcceptsExits(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(d *definition.Definition){
		"to the end": func(d *definition.Definition) { d.Nodes[2].Exits = []definition.Exit{{Node: none}} },
		"to the end, of a block": func(d *definition.Definition) {
			d.Nodes[2].Blocks[0].Exits = []definition.Exit{{Node: none}, {Node: 2}, {Node: 2, Leave: true}}
		},
		"at once":                  func(d *definition.Definition) { d.Exits = []definition.Exit{{Node: none}} },
		"to the end of a saga":     func(d *definition.Definition) { d.Nodes[4].Exits = []definition.Exit{{Node: 3}} },
		"to the end of a branch":   func(d *definition.Definition) { d.Nodes[8].Exits = []definition.Exit{{Node: 7}} },
		"to the end of an element": func(d *definition.Definition) { d.Nodes[10].Exits = []definition.Exit{{Node: 5}} },
		"out of loops": func(d *definition.Definition) {
			d.Nodes[5].Sequential, d.Nodes[4].Kind, d.Nodes[4].Blocks[0].Frame = true, definition.While, true
			d.Nodes[10].Exits = []definition.Exit{{Node: 5}, {Node: 5, Leave: true}, {Node: 4}, {Node: 4, Leave: true}, {Node: 3}}
		},
		"undo in a saga": func(d *definition.Definition) { undo(d, 10) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := valid()
			change(d)
			require.NoError(t, d.Validate())
			body, err := d.Body()
			require.NoError(t, err)
			back, err := definition.Decode(body)
			require.NoError(t, err)
			require.Equal(t, d, back)
		})
	}
}

func TestValidate_BoundsTheNesting(t *testing.T) {
	t.Parallel()
	nested := func(depth int) *definition.Definition {
		d := &definition.Definition{Name: "deep", Version: 1}
		for i := range depth {
			d.Nodes = append(d.Nodes, definition.Node{ID: fmt.Sprintf("n%d", i), Kind: definition.Saga, Parent: i - 1, Next: none,
				Blocks: []definition.Block{{First: i + 1}}})
		}
		d.Nodes[depth-1].Blocks[0].First = none
		return d
	}
	require.NoError(t, nested(64).Validate())
	require.ErrorContains(t, nested(65).Validate(), `node "n64": nested deeper than 64`)
}

func TestDecode_GivesBackWhatBodyMade(t *testing.T) {
	t.Parallel()
	d := valid()
	body, err := d.Body()
	require.NoError(t, err)
	back, err := definition.Decode(body)
	require.NoError(t, err)
	require.Equal(t, d, back)
	one, err := d.Hash()
	require.NoError(t, err)
	two, err := back.Hash()
	require.NoError(t, err)
	require.Equal(t, one, two)
}

func TestDecode_RefusesWhatIsNotWhole(t *testing.T) {
	t.Parallel()
	_, err := definition.Decode([]byte("{"))
	require.ErrorContains(t, err, "decoding a stored definition")
	_, err = definition.Decode([]byte(`{"name":"x","version":1,"first":3}`))
	require.ErrorContains(t, err, "leads to node 3")
}

func TestHash_CoversStructureContractAndCode(t *testing.T) {
	t.Parallel()
	structure, contract, code := valid(), valid(), valid()
	structure.Nodes[4].Sequential = true
	contract.Contract = []string{"Order 12"}
	code.Nodes[0].Code = "abc"
	seen := map[definition.Hash]bool{}
	for _, d := range []*definition.Definition{valid(), structure, contract, code} {
		h, err := d.Hash()
		require.NoError(t, err)
		require.False(t, seen[h])
		seen[h] = true
	}
}

func TestNode_FindsItsBlocksAndItsCompensation(t *testing.T) {
	t.Parallel()
	d := valid()
	require.Equal(t, 1, d.Nodes[3].Block(definition.BlockCompensate))
	require.Equal(t, none, d.Nodes[3].Block("other"))
	require.True(t, d.Nodes[0].HasCompensation())
	require.True(t, d.Nodes[1].HasCompensation())
	require.False(t, d.Nodes[10].HasCompensation())
}

func TestRetryPolicy_WaitIsBounded(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		policy definition.RetryPolicy
		n      int
		chance float64
		want   time.Duration
	}{
		"first":              {definition.RetryPolicy{Interval: time.Second, Factor: 2}, 1, 0, time.Second},
		"third":              {definition.RetryPolicy{Interval: time.Second, Factor: 2}, 3, 0, 4 * time.Second},
		"factor below one":   {definition.RetryPolicy{Interval: time.Second, Factor: 0.5}, 3, 0, time.Second},
		"own bound":          {definition.RetryPolicy{Interval: time.Second, Factor: 2, MaxInterval: 3 * time.Second}, 3, 0, 3 * time.Second},
		"one day":            {definition.RetryPolicy{Interval: time.Second, Factor: 2}, math.MaxInt, 0, 24 * time.Hour},
		"no interval":        {definition.RetryPolicy{Factor: 2}, math.MaxInt, 0, 0},
		"negative interval":  {definition.RetryPolicy{Interval: -1}, 1, 0, 0},
		"jitter":             {definition.RetryPolicy{Interval: time.Second, Jitter: 0.5}, 1, 0.5, 750 * time.Millisecond},
		"jitter above one":   {definition.RetryPolicy{Interval: time.Second, Jitter: 7}, 1, 0.5, 500 * time.Millisecond},
		"jitter below zero":  {definition.RetryPolicy{Interval: time.Second, Jitter: -1}, 1, 0.5, time.Second},
		"jitter, no chance":  {definition.RetryPolicy{Interval: time.Second, Jitter: 1}, 1, 0, time.Second},
		"jitter after bound": {definition.RetryPolicy{Interval: time.Hour, MaxInterval: time.Second, Jitter: 1}, 1, 0.5, 500 * time.Millisecond},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, c.policy.Wait(c.n, c.chance))
		})
	}
}

package definition_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/definition"
)

func TestDraft_LinksWhatIsAddedAndNamesItByItsPlace(t *testing.T) {
	t.Parallel()
	d := definition.NewDraft()
	top := d.Top()
	d.Add(top, "a", definition.Node{Kind: definition.Set})
	check := d.Add(top, "check", definition.Node{Kind: definition.If})
	then := d.Open(check, definition.BlockThen)
	d.Add(then, "b", definition.Node{Kind: definition.Set})
	d.Add(then, "c", definition.Node{Kind: definition.Set})
	d.Add(d.Open(d.Add(top, "saga", definition.Node{Kind: definition.Saga}), ""), "b", definition.Node{Kind: definition.Set})
	d.Rename(check, "large")
	require.Equal(t, 0, d.First)
	require.Equal(t, []definition.Node{
		{ID: "a", Kind: definition.Set, Parent: none, Next: 1},
		{ID: "large", Kind: definition.If, Parent: none, Next: 4, Blocks: []definition.Block{{Name: "then", First: 2}}},
		{ID: "large/then/b", Kind: definition.Set, Parent: 1, Next: 3},
		{ID: "large/then/c", Kind: definition.Set, Parent: 1, Next: none},
		{ID: "saga", Kind: definition.Saga, Parent: none, Next: none, Blocks: []definition.Block{{First: 5}}},
		{ID: "saga/b", Kind: definition.Set, Parent: 4, Next: none},
	}, d.Nodes)
}

package definition_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/definition"
)

// drawn has each form that is drawn in its own way, and names that have to be quoted.
func drawn() *definition.Definition {
	d := definition.NewDraft()
	top := d.Top()
	check := d.Add(top, `is "big"`, definition.Node{Kind: definition.If})
	d.Add(d.Open(check, definition.BlockThen), "end", definition.Node{Kind: definition.End})
	saga := d.Add(top, "pay", definition.Node{Kind: definition.Saga})
	body := d.Open(saga, "")
	step := d.Add(body, "charge", definition.Node{Kind: definition.Step, Step: "charge", Undo: true})
	d.Add(d.Open(step, "declined"), "wait", definition.Node{Kind: definition.WaitFor, Event: "card"})
	d.Add(body, "log", definition.Node{Kind: definition.Set})
	d.Add(d.Open(saga, definition.BlockCompensate), "pause", definition.Node{Kind: definition.Delay})
	d.Add(top, "last", definition.Node{Kind: definition.Decide})
	d.Add(top, "never", definition.Node{Kind: definition.Set})
	return &definition.Definition{Name: "flow", Version: 2, First: d.First, Nodes: d.Nodes}
}

func note(n int) string { return map[int]string{0: "a < b && c"}[n] }

func TestMermaid_DrawsNodesFramesAndEdges(t *testing.T) {
	t.Parallel()
	require.Equal(t, `flowchart TD
  start(["flow version 2"])
  n0{"is #quot;big#quot;<br>if<br>a #lt; b #amp;#amp; c"}
  n1(("end"))
  n2["pay<br>saga"]
  subgraph f1["pay"]
    n3["charge<br>step charge (has Undo)"]
    n4(["wait<br>wait-for card"])
    n5["log<br>set"]
  end
  subgraph f2["pay compensate"]
    n6(["pause<br>delay"])
  end
  n7{"last<br>decide"}
  n8["never<br>set"]
  start --> n0
  n0 -->|"then"| n1
  n0 -->|"else"| n2
  n2 --> n3
  n3 -->|"declined"| n4
  n3 --> n5
  n4 --> n5
  n2 -.->|"compensate"| n6
  n2 --> n7
`, drawn().Mermaid(note))
}

func TestDOT_DrawsTheSame(t *testing.T) {
	t.Parallel()
	require.Equal(t, `digraph "flow" {
  node [shape=box];
  start [shape=oval label="flow version 2"];
  n0 [label="is \"big\"\nif\na < b && c" shape=diamond];
  n1 [label="end" shape=doublecircle];
  n2 [label="pay\nsaga"];
  subgraph cluster_1 {
    label="pay";
    n3 [label="charge\nstep charge (has Undo)"];
    n4 [label="wait\nwait-for card" shape=oval];
    n5 [label="log\nset"];
  }
  subgraph cluster_2 {
    label="pay compensate";
    n6 [label="pause\ndelay" shape=oval];
  }
  n7 [label="last\ndecide" shape=diamond];
  n8 [label="never\nset"];
  start -> n0 [];
  n0 -> n1 [label="then"];
  n0 -> n2 [label="else"];
  n2 -> n3 [];
  n3 -> n4 [label="declined"];
  n3 -> n5 [];
  n4 -> n5 [];
  n2 -> n6 [label="compensate" style=dotted];
  n2 -> n7 [];
}
`, drawn().DOT(note))
	require.NotEmpty(t, (&definition.Definition{Name: "empty", Version: 1, First: none}).DOT(nil))
}

// left has exits of each sort.
func left() *definition.Definition {
	d := definition.NewDraft()
	top := d.Top()
	loop := d.Add(top, "for", definition.Node{Kind: definition.While})
	body := d.Open(loop, "")
	check := d.Add(body, "if", definition.Node{Kind: definition.If})
	d.Open(check, definition.BlockThen)
	d.Nodes[check].Blocks[0].Exits = []definition.Exit{{Node: loop}}
	d.Add(body, "a", definition.Node{Kind: definition.Step, Step: "a", Exits: []definition.Exit{{Node: loop, Leave: true}, {Node: definition.None}}})
	d.Add(top, "b", definition.Node{Kind: definition.Step, Step: "b", Exits: []definition.Exit{{Node: definition.None, Fail: "for/fail"}, {Node: definition.None, Fail: "bad"}}})
	return &definition.Definition{Name: "flow", Version: 1, First: d.First, Nodes: d.Nodes, Exits: []definition.Exit{{Node: definition.None}}}
}

func TestMermaid_DrawsExits(t *testing.T) {
	t.Parallel()
	require.NoError(t, left().Validate())
	require.Equal(t, `flowchart TD
  start(["flow version 1"])
  n0["for<br>while"]
  subgraph f1["for"]
    n1{"if"}
    n2["a<br>step a"]
  end
  n3["b<br>step b"]
  stop(("end"))
  x0(("fail"))
  x1(("bad"))
  start --> n0
  n0 --> n1
  n1 -->|"next"| n0
  n1 -->|"else"| n2
  n1 -->|"then"| n2
  n2 -->|"return"| stop
  n0 --> n3
  n2 --> n3
  n3 --> x0
  n3 --> x1
  start -->|"return"| stop
`, left().Mermaid(nil))
}

func TestDOT_DrawsExits(t *testing.T) {
	t.Parallel()
	text := left().DOT(nil)
	require.Contains(t, text, "  stop [label=end shape=doublecircle];\n")
	require.Contains(t, text, "  n2 -> stop [label=\"return\"];\n")
	require.Contains(t, text, "  x1 [label=\"bad\" shape=doublecircle];\n")
	require.Contains(t, text, "  n3 -> x1 [];\n")
	require.Contains(t, text, "  n1 -> n0 [label=\"next\"];\n")
}

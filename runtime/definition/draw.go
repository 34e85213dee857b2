package definition

import (
	"fmt"
	"slices"
	"strings"
)

// Mermaid returns d as a flowchart of Mermaid. note, unless it is nil, says what
// stands at node n besides its name and kind; "" is nothing. What a container does
// is drawn in a frame behind it, what undoes it behind a dotted edge.
func (d *Definition) Mermaid(note func(n int) string) string {
	g := d.drawing()
	var b strings.Builder
	b.WriteString("flowchart TD\n")
	b.WriteString("  start([" + mermaidText(fmt.Sprintf("%s version %d", d.Name, d.Version)) + "])\n")
	var write func(f *frame, indent string)
	write = func(f *frame, indent string) {
		for _, part := range f.parts {
			if part.inner != nil {
				fmt.Fprintf(&b, "%ssubgraph f%d[%s]\n", indent, part.inner.number, mermaidText(part.inner.title))
				write(part.inner, indent+"  ")
				b.WriteString(indent + "end\n")
				continue
			}
			shape := [2]string{"[", "]"}
			switch d.Nodes[part.node].Kind {
			case If, Decide:
				shape = [2]string{"{", "}"}
			case WaitFor, Delay, Schedule:
				shape = [2]string{"([", "])"}
			case End:
				shape = [2]string{"((", "))"}
			}
			fmt.Fprintf(&b, "%sn%d%s%s%s\n", indent, part.node, shape[0], mermaidText(d.caption(part.node, note)...), shape[1])
		}
	}
	write(g.top, "  ")
	if g.ends() {
		b.WriteString("  stop((" + mermaidText("end") + "))\n")
	}
	for k, id := range g.fails {
		fmt.Fprintf(&b, "  x%d((%s))\n", k, mermaidText(lastSegment(id)))
	}
	for _, e := range g.edges {
		from, to, arrow := fmt.Sprintf("n%d", e.from), e.target(), "-->"
		if e.from == None {
			from = "start"
		}
		if e.dotted {
			arrow = "-.->"
		}
		if e.label != "" {
			arrow += "|" + mermaidText(e.label) + "|"
		}
		fmt.Fprintf(&b, "  %s %s %s\n", from, arrow, to)
	}
	return b.String()
}

// mermaidText quotes lines of text.
func mermaidText(lines ...string) string {
	text := strings.Join(lines, "\x00")
	text = strings.NewReplacer("#", "#35;", "&", "#amp;", `"`, "#quot;", "<", "#lt;", ">", "#gt;", "`", "#96;", "\n", " ", "\x00", "<br>").Replace(text)
	return `"` + text + `"`
}

// DOT returns d as a digraph of Graphviz, drawn as by Mermaid.
func (d *Definition) DOT(note func(n int) string) string {
	g := d.drawing()
	var b strings.Builder
	fmt.Fprintf(&b, "digraph %s {\n  node [shape=box];\n  start [shape=oval label=%s];\n", dotText(d.Name), dotText(fmt.Sprintf("%s version %d", d.Name, d.Version)))
	var write func(f *frame, indent string)
	write = func(f *frame, indent string) {
		for _, part := range f.parts {
			if part.inner != nil {
				fmt.Fprintf(&b, "%ssubgraph cluster_%d {\n%s  label=%s;\n", indent, part.inner.number, indent, dotText(part.inner.title))
				write(part.inner, indent+"  ")
				b.WriteString(indent + "}\n")
				continue
			}
			shape := ""
			switch d.Nodes[part.node].Kind {
			case If, Decide:
				shape = " shape=diamond"
			case WaitFor, Delay, Schedule:
				shape = " shape=oval"
			case End:
				shape = " shape=doublecircle"
			}
			fmt.Fprintf(&b, "%sn%d [label=%s%s];\n", indent, part.node, dotText(d.caption(part.node, note)...), shape)
		}
	}
	write(g.top, "  ")
	if g.ends() {
		b.WriteString("  stop [label=end shape=doublecircle];\n")
	}
	for k, id := range g.fails {
		fmt.Fprintf(&b, "  x%d [label=%s shape=doublecircle];\n", k, dotText(lastSegment(id)))
	}
	for _, e := range g.edges {
		from, to := fmt.Sprintf("n%d", e.from), e.target()
		if e.from == None {
			from = "start"
		}
		var attributes []string
		if e.label != "" {
			attributes = append(attributes, "label="+dotText(e.label))
		}
		if e.dotted {
			attributes = append(attributes, "style=dotted")
		}
		fmt.Fprintf(&b, "  %s -> %s [%s];\n", from, to, strings.Join(attributes, " "))
	}
	b.WriteString("}\n")
	return b.String()
}

// dotText quotes lines of text.
func dotText(lines ...string) string {
	for i := range lines {
		lines[i] = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", " ").Replace(lines[i])
	}
	return `"` + strings.Join(lines, `\n`) + `"`
}

// caption is what stands in the box of a node.
func (d *Definition) caption(n int, note func(n int) string) []string {
	node := &d.Nodes[n]
	name := lastSegment(node.ID)
	lines := []string{name}
	if what := node.Says(); what != name {
		lines = append(lines, what)
	}
	if note != nil {
		if text := note(n); text != "" {
			lines = append(lines, text)
		}
	}
	return lines
}

func lastSegment(id string) string { return id[strings.LastIndexByte(id, '/')+1:] }

// Says describes the node in a few words: its kind, and what it uses.
func (n *Node) Says() string {
	words := []string{string(n.Kind)}
	add := func(is bool, format string, args ...any) {
		if is {
			words = append(words, fmt.Sprintf(format, args...))
		}
	}
	add(n.Step != "", "%s", n.Step)
	add(n.Event != "", "%s", n.Event)
	add(n.Workflow != "", "%s", n.Workflow)
	add(n.Version != 0, "version %d", n.Version)
	add(n.Sequential, "sequential")
	add(n.All, "all that hold")
	add(n.Catch, "hands its failure on")
	add(n.Abandon, "goes on when abandoned")
	add(n.Every != 0, "every %v", n.Every)
	add(n.Cron != "", "%s %s", n.Cron, n.Zone)
	add(n.Undo, "(has Undo)")
	add(n.Compensate != "", "(undone by %s)", n.Compensate)
	return strings.Join(words, " ")
}

// drawing is a definition as frames around nodes, and edges between nodes.
type drawing struct {
	*Definition
	top   *frame
	edges []drawnEdge
	count int                 // of frames
	fails []string            // the ids under which the flow fails
	out   map[int][]drawnEdge // exits by the container that they leave
}

// target is the name of what an edge leads to.
func (e drawnEdge) target() string {
	switch {
	case e.to == None:
		return "stop"
	case e.to < None:
		return fmt.Sprintf("x%d", None-1-e.to)
	}
	return fmt.Sprintf("n%d", e.to)
}

// failure is what an edge leads to that fails under an id.
func (g *drawing) failure(id string) int {
	k := slices.Index(g.fails, id)
	if k < 0 {
		k, g.fails = len(g.fails), append(g.fails, id)
	}
	return None - 1 - k
}

type frame struct {
	number int
	title  string
	parts  []drawnPart
}

// drawnPart is a node, or a frame if inner is set.
type drawnPart struct {
	node  int
	inner *frame
}

type drawnEdge struct {
	from, to int // None is the start, and the end; what is below that is a failure
	label    string
	dotted   bool
}

func (d *Definition) drawing() *drawing {
	g := &drawing{Definition: d, top: &frame{}, out: map[int][]drawnEdge{}}
	g.sequence(d.First, g.top, []drawnEdge{{from: None}})
	g.exits(None, d.Exits)
	return g
}

// exits draws where the flow may go from a node, or from the start, in place of on: to
// the end, to a container, whose round or block has ended, or, with Leave, to what is
// behind that; or where it fails.
func (g *drawing) exits(from int, exits []Exit) {
	for _, e := range exits {
		switch {
		case e.Fail != "":
			g.edges = append(g.edges, drawnEdge{from: from, to: g.failure(e.Fail)})
		case e.Leave:
			g.out[e.Node] = append(g.out[e.Node], drawnEdge{from: from})
		case e.Node == None:
			g.edges = append(g.edges, drawnEdge{from: from, to: None, label: "return"})
		default:
			g.edges = append(g.edges, drawnEdge{from: from, to: e.Node, label: "next"})
		}
	}
}

// ends reports whether an edge leads to the end.
func (g *drawing) ends() bool {
	return slices.ContainsFunc(g.edges, func(e drawnEdge) bool { return e.to == None })
}

// sequence draws the nodes of a block. Open edges lead to it, and those that it
// returns lead out of it.
func (g *drawing) sequence(first int, in *frame, open []drawnEdge) []drawnEdge {
	for i := first; i != None; i = g.Nodes[i].Next {
		for _, e := range open {
			e.to = i
			g.edges = append(g.edges, e)
		}
		in.parts = append(in.parts, drawnPart{node: i})
		open = g.after(i, in)
	}
	return open
}

// after draws the blocks of a node and returns the edges by which the flow leaves it.
func (g *drawing) after(i int, in *frame) []drawnEdge {
	n := &g.Nodes[i]
	if n.Kind == End {
		return nil
	}
	g.exits(i, n.Exits)
	var out []drawnEdge
	switch {
	case n.Kind == If && n.Block(BlockElse) == None:
		out = append(out, drawnEdge{from: i, label: BlockElse})
	case n.Kind != If && n.Kind != Decide:
		out = append(out, drawnEdge{from: i})
	}
	var inner *frame
	for _, b := range n.Blocks {
		g.exits(i, b.Exits)
		switch {
		case b.Name == BlockCompensate:
			f := g.frame(in, n.ID+" "+b.Name)
			g.sequence(b.First, f, []drawnEdge{{from: i, label: b.Name, dotted: true}})
		case b.Name != "":
			out = append(out, g.sequence(b.First, in, []drawnEdge{{from: i, label: b.Name}})...)
		default:
			if inner == nil {
				inner = g.frame(in, n.ID)
			}
			g.sequence(b.First, inner, []drawnEdge{{from: i}})
		}
	}
	return append(out, g.out[i]...)
}

func (g *drawing) frame(in *frame, title string) *frame {
	g.count++
	f := &frame{number: g.count, title: title}
	in.parts = append(in.parts, drawnPart{node: None, inner: f})
	return f
}

package programs

import (
	"fmt"
	"go/format"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
)

// program is a random workflow.
type program struct {
	seed   uint64
	size   int
	name   string // of its function
	source string // a file of package batch
}

// generator makes a program.
type generator struct {
	r       *rand.Rand
	name    string
	counter int
	left    int // how many nodes more
	nodes   int // so far
	all     []*variable
	funcs   []string // helpers and children, complete
	helpers []*helperFunc
	childs  int
}

func (g *generator) count() int               { g.counter++; return g.counter }
func (g *generator) fresh(stem string) string { return stem + strconv.Itoa(g.count()) }
func (g *generator) chance(percent int) bool  { return g.r.IntN(100) < percent }
func (g *generator) pick(of ...string) string { return of[g.r.IntN(len(of))] }

// newProgram makes the program of a seed with at most about so many nodes.
func newProgram(seed uint64, size int) (*program, error) {
	p := &program{seed: seed, size: size, name: fmt.Sprintf("P%dS%d", seed, size)}
	g := &generator{r: rand.New(rand.NewPCG(seed, uint64(size))), name: p.name, left: size}
	body := g.workflow(flow, false, true)
	text := fmt.Sprintf("// %s is the program of seed %d and size %d.\n//\n//wfe:workflow\nfunc %[1]s(w *wfe.Flow, d *Data) {\n%[4]s}\n", p.name, seed, size, body)
	text = g.settle(text + "\n" + strings.Join(g.funcs, "\n"))
	imports := `import (`
	for _, path := range []string{"errors", "fmt", "slices", "strconv", "strings", "time"} {
		if strings.Contains(text, path+".") {
			imports += "\n" + strconv.Quote(path)
		}
	}
	imports += "\n\nwfe \"github.com/wfegen/wfe/runtime\"\n)\n\n"
	out, err := format.Source([]byte("package batch\n\n" + imports + text))
	if err != nil {
		return nil, fmt.Errorf("program %d of size %d: %w\n%s", seed, size, err, text)
	}
	p.source = string(out)
	return p, nil
}

// workflow generates the body of a workflow function.
func (g *generator) workflow(ret leaves, child, fails bool) string {
	var out []string
	s := &scope{out: &out, ids: map[string]bool{}, block: g.count(), strand: "d.At", fails: fails, child: child, mult: 1, ret: ret}
	start := g.start(s)
	s.line("d.Notes = append(d.Notes, \"begin\")")
	for g.left > 0 && !s.ended && len(out) < 400 {
		before := g.left
		g.block(s, 4)
		if child && g.chance(50) || g.left == before && g.chance(5) {
			break
		}
	}
	if !s.ended {
		g.note(s)
	}
	if g.nodes == 0 || child {
		out = append([]string{g.act(start) + "\n"}, out...)
	}
	return strings.Join(out, "")
}

// settle writes a use of each variable that has none where it is declared. One may have been read in text that went
// nowhere: its name stands in the text once.
func (g *generator) settle(text string) string {
	names := map[string]int{}
	for _, word := range regexp.MustCompile(`\w+`).FindAllString(text, -1) {
		names[word]++
	}
	for _, v := range g.all {
		use := ""
		if !v.used || names[v.name] == 1 {
			use = "_ = " + v.name + "\n"
		}
		text = strings.ReplaceAll(text, mark(v), use)
	}
	return text
}

func mark(v *variable) string { return fmt.Sprintf("\x00%d\x00\n", v.id) }

func (s *scope) line(format string, args ...any) {
	*s.out = append(*s.out, fmt.Sprintf(format, args...)+"\n")
}

// text adds what is complete as it stands.
func (s *scope) text(text string) { *s.out = append(*s.out, text) }

// block generates up to n statements.
func (g *generator) block(s *scope, n int) {
	for i := 0; i < n && !s.ended; i++ {
		g.statement(s)
	}
}

// within generates a block and returns its text.
func (g *generator) within(s *scope, n int) string {
	g.block(s, n)
	return strings.Join(*s.out, "")
}

type choice struct {
	weight int
	when   bool
	do     func(s *scope)
}

func (g *generator) choose(s *scope, of []choice) {
	sum := 0
	for _, c := range of {
		if c.when {
			sum += c.weight
		}
	}
	n := g.r.IntN(sum)
	for _, c := range of {
		if !c.when {
			continue
		}
		if n -= c.weight; n < 0 {
			c.do(s)
			return
		}
	}
}

// statement generates one.
func (g *generator) statement(s *scope) {
	if s.plain || g.left <= 0 || s.depth > 12 {
		g.plain(s)
		return
	}
	// What is within one statement is a part of the program, so that not all of it is behind one condition.
	left := g.left
	g.left = min(left, max(3, left/3))
	given := g.left
	defer func() { g.left = left - (given - g.left) }()
	nest, full := s.depth < 7, !s.undo && s.depth < 7
	g.choose(s, []choice{
		{26, true, g.plain},
		{20, true, g.do},
		{4, true, g.leave},
		{9, nest, g.ifElse},
		{5, nest, g.early},
		{5, nest && s.mult <= 6, g.while},
		{7, nest && s.mult <= 6, g.each},
		{5, nest, g.choice},
		{2, nest, g.nested},
		{4, full && s.par < 2 && s.mult <= 6, g.forEach},
		{4, full && s.par < 2, g.beside},
		{5, full, g.saga},
		{6, full, g.try},
		{6, s.saga && !s.undo, g.undo},
		{3, full && s.mult <= 6, g.recur},
		{3, full && s.par < 2 && s.mult <= 6, g.branch},
		{4, true, g.steer},
		{3, !s.undo, g.wait},
		{2, true, g.sleep},
		{3, full && !s.child && g.childs < 2, g.child},
		{6, full && (s.ret != helper || s.depth < 4), g.help},
	})
}

package check

import (
	"cmp"
	"go/token"
	"slices"
	"strconv"

	"github.com/wfegen/wfe/internal/analysis/model"
)

// stored is a name that instances store.
type stored struct {
	what, name, key string // "step", its name, the key that changes it
	unique          string // what may not be there twice
	pos             token.Position
}

// duplicates checks the names that instances store: two of a kind, and too long ones.
func (c *checker) duplicates() {
	var all []stored
	for _, s := range c.pkg.Steps {
		all = append(all, stored{"step", s.Step, "name", s.Step, s.Pos})
	}
	for _, e := range c.pkg.Events {
		all = append(all, stored{"event", e.Event, "name", e.Event, e.Pos})
	}
	for _, w := range c.pkg.Workflows {
		all = append(all, stored{"workflow", w.ID, "id", w.ID + "@" + strconv.Itoa(w.Version), w.Pos})
	}
	slices.SortStableFunc(all, func(a, b stored) int {
		return cmp.Or(cmp.Compare(a.pos.Filename, b.pos.Filename), cmp.Compare(a.pos.Offset, b.pos.Offset))
	})
	first := map[[2]string]stored{}
	for _, s := range all {
		if len(s.name) > 64 {
			c.report(tooLong(s))
		}
		k := [2]string{s.what, s.unique}
		if other, ok := first[k]; ok {
			c.report(duplicateName(s, other))
			continue
		}
		first[k] = s
	}
}

// methods checks that the builders can have a method for each step.
func (c *checker) methods() {
	for _, b := range c.pkg.Builders {
		for i, m := range b.Methods {
			if slices.Contains(b.Taken, m.Name) {
				c.report(methodTaken(m))
			}
			if i > 0 && b.Methods[i-1].Name == m.Name {
				c.report(sameMethod(m, b.Methods[i-1]))
			}
		}
	}
}

// declared checks that the names which users see in generated code are free.
func (c *checker) declared() {
	for i, d := range c.pkg.Declares {
		switch {
		case d.User.IsValid():
			c.report(nameTaken(d))
		case i > 0 && c.pkg.Declares[i-1].Name == d.Name:
			c.report(declaredTwice(d, c.pkg.Declares[i-1]))
		}
	}
}

// hidden checks that generated code can use the predeclared names that it needs. It does without any.
func (c *checker) hidden() {
	for _, h := range c.pkg.Hides {
		basic := func(t model.Type) bool { return t.Basic() && t.Name == h.Name }
		switch h.Name {
		case "append", "byte", "error", "int", "len", "nil", "string":
			c.report(hidesPredeclared(h))
		default:
			if slices.ContainsFunc(c.types, basic) {
				c.report(hidesPredeclared(h))
			}
		}
	}
}

// names lists the types of steps.
func names(steps []*model.Step) []string {
	var out []string
	for _, s := range steps {
		out = append(out, s.Name)
	}
	return out
}

package gen

import (
	"strings"

	"github.com/wfegen/wfe/internal/analysis/model"
)

// introduction begins the comment of a step's method when the step's own does not: it has none, or another name.
func introduction(m *model.Method) string {
	if m.Step.Doc != "" && m.Name == m.Step.Name {
		return ""
	}
	return m.Name + " adds the step " + m.Step.Name + "."
}

// wiringText says where the fields of a step come from and go to.
func wiringText(pkg *model.Package, b *model.Builder, m *model.Method) string {
	data := pkg.Types.Short(b.Data, pkg.Path) + "."
	var in, out, need, lost []string
	for i, w := range m.In {
		in = append(in, verb(i, w.To.Name, " is read from ", " from ")+data+w.From.Name)
	}
	for i, w := range m.Out {
		out = append(out, verb(i, w.From.Name, " is stored in ", " in ")+data+w.To.Name)
	}
	for _, f := range m.Need {
		need = append(need, f.Name)
	}
	for _, f := range m.Unsaved {
		lost = append(lost, f.Name)
	}
	sentences := []string{strings.Join(in, ", ")}
	if len(need) > 0 {
		sentences = append(sentences, "set must set "+list(need))
	}
	sentences = append(sentences, strings.Join(out, ", "))
	switch len(lost) {
	case 0:
	case 1:
		sentences = append(sentences, lost[0]+" is not stored")
	default:
		sentences = append(sentences, list(lost)+" are not stored")
	}
	if m.Step.Run == model.RunBranches {
		sentences = append(sentences, "body runs once for each "+pkg.Types.Short(m.Step.Item, pkg.Path)+" that it branches into")
	}
	if m.Step.Compensate != nil {
		sentences = append(sentences, "The step "+m.Step.Compensate.By.Name+" undoes it")
	}
	return text(sentences)
}

// loopText is the comment of a loop.
func loopText(pkg *model.Package, b *model.Builder, l *model.Loop) string {
	return l.Name + " runs body once for each element of " + pkg.Types.Short(b.Data, pkg.Path) + "." + l.From.Name + "."
}

func verb(i int, subject, first, further string) string {
	if i == 0 {
		return subject + first
	}
	return subject + further
}

// list is "A", "A and B", "A, B and C".
func list(names []string) string {
	last := len(names) - 1
	if last == 0 {
		return names[0]
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// text joins sentences, without those that are empty.
func text(sentences []string) string {
	var out []string
	for _, s := range sentences {
		if s != "" {
			out = append(out, s+".")
		}
	}
	return strings.Join(out, " ")
}

package extract

import (
	"bytes"
	"cmp"
	"go/types"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/wfegen/wfe/internal/analysis/load"
	"github.com/wfegen/wfe/internal/analysis/model"
	"github.com/wfegen/wfe/runtime/definition"
)

// localBuilders adds builders of the package's own data to those that its workflows ask for, so that completion knows them
// before the first workflow is written.
func (w *work) localBuilders() {
	if len(w.out.Steps)+len(w.out.Workflows) > 0 {
		for _, d := range w.out.Data {
			w.builder(w.object(d.Name).(*types.TypeName))
		}
	}
	slices.SortFunc(w.out.Builders, func(a, b *model.Builder) int { return cmp.Compare(a.Name, b.Name) })
}

// builder returns the builder for a data type.
func (w *work) builder(data *types.TypeName) *model.Builder {
	if b := w.builders[data]; b != nil {
		return b
	}
	b := &model.Builder{Name: data.Name() + "Builder", Data: w.table.id(data.Type()), Pos: w.pos(data.Pos())}
	w.builders[data], w.builderData[b] = b, data.Type().(*types.Named)
	w.out.Builders = append(w.out.Builders, b)
	return b
}

// unusedBuilders drops the builders that nothing names, in a package that has workflows in plain Go.
func (w *work) unusedBuilders() {
	plain := false
	used := map[*model.Builder]bool{}
	for _, f := range w.out.Workflows {
		plain = plain || f.Plain
		used[f.Builder] = used[f.Builder] || !f.Plain
	}
	if !plain {
		return
	}
	var tests [][]byte
	names, _ := filepath.Glob(filepath.Join(w.marked.pkg.Dir, "*_test.go"))
	for _, name := range names {
		if src, err := os.ReadFile(name); err == nil {
			tests = append(tests, src)
		}
	}
	w.out.Builders = slices.DeleteFunc(w.out.Builders, func(b *model.Builder) bool {
		named := func(src []byte) bool { return bytes.Contains(src, []byte(b.Name)) }
		return !used[b] && !slices.ContainsFunc(tests, named) &&
			!slices.ContainsFunc(w.marked.pkg.Files, func(f *load.File) bool { return named(f.Src) })
	})
}

// wiring fills in the methods of the builders.
func (w *work) wiring() {
	for _, b := range w.out.Builders {
		named := w.builderData[b]
		w.loops(b, named)
		b.Taken = append(b.Taken, w.blockMethods()...)
		for _, l := range b.Loops {
			b.Taken = append(b.Taken, l.Name)
		}
		slices.Sort(b.Taken)
		b.Taken = slices.Compact(b.Taken)
		for _, s := range w.methods {
			b.Methods = append(b.Methods, w.method(s, named))
		}
		slices.SortStableFunc(b.Methods, func(a, b *model.Method) int { return cmp.Compare(a.Name, b.Name) })
	}
}

// method wires a step to data.
func (w *work) method(s stepType, data *types.Named) *model.Method {
	m := &model.Method{Name: s.step.Method, Step: s.step}
	for _, in := range s.step.Inputs {
		if from, ok := w.source(data, in, s.named); ok {
			m.In = append(m.In, model.Wire{To: in, From: from})
		} else {
			m.Need = append(m.Need, in)
		}
	}
	for _, out := range s.step.Outputs {
		if to, ok := w.source(data, out, s.named); ok {
			m.Out = append(m.Out, model.Wire{To: to, From: out})
		} else {
			m.Unsaved = append(m.Unsaved, out)
		}
	}
	if c := s.step.Compensate; c != nil && c.By != nil {
		i := slices.IndexFunc(w.methods, func(o stepType) bool { return o.step == c.By })
		for _, in := range c.Rest {
			if from, ok := w.source(data, in, w.methods[i].named); ok {
				m.Undo = append(m.Undo, model.Wire{To: in, From: from})
			}
		}
	}
	return m
}

// loops makes a method for each slice field of the data that is saved, []byte excepted.
func (w *work) loops(b *model.Builder, data *types.Named) {
	var walk func(typ types.Type, before []model.Elem)
	walk = func(typ types.Type, before []model.Elem) {
		s := typ.Underlying().(*types.Struct)
		for i := range s.NumFields() {
			v, tag := s.Field(i), s.Tag(i)
			found, _, _ := types.LookupFieldOrMethod(data, true, w.marked.pkg.Types, v.Name())
			if found != types.Object(v) || reflect.StructTag(tag).Get("json") == "-" {
				continue
			}
			if inner, ok := embeddedStruct(v); ok && v.Embedded() {
				if elem := w.table.elem(v); !elem.Pointer {
					walk(inner, append(slices.Clip(before), elem))
				}
				continue
			}
			slice, ok := v.Type().Underlying().(*types.Slice)
			if !ok || !v.Exported() || kindOf(slice.Elem()) == model.Uint8 {
				continue
			}
			b.Loops = append(b.Loops, &model.Loop{
				Name: "ForEach" + v.Name(), ID: "for-" + definition.Kebab(v.Name()), Item: "item",
				From: w.table.field(v, tag, before), Elem: w.table.id(slice.Elem()),
			})
		}
	}
	walk(data, nil)
	slices.SortFunc(b.Loops, func(a, b *model.Loop) int { return strings.Compare(a.Name, b.Name) })
}

// nameableLoops drops loops over what this package cannot name: wfe.Each is there for these.
func (w *work) nameableLoops() {
	for _, b := range w.out.Builders {
		b.Loops = slices.DeleteFunc(b.Loops, func(l *model.Loop) bool { return !w.out.Types.At(l.Elem).Nameable })
	}
}

// blockMethods are the names that a builder's methods cannot have: those of the wfe.Block that it embeds, those of the
// value that a step's method returns, and the fields of both.
func (w *work) blockMethods() []string {
	out := []string{
		"AllMatching", "Base", "Block", "CancelWhen", "Compensate", "Decide", "Default", "Delay", "Else", "End", "Func", "If", "In", "Name", "OnError",
		"Out", "Parallel", "Poll", "Recur", "Saga", "Schedule", "ScheduleAfter", "Set", "When", "While", "node",
	}
	if block, ok := w.program.Runtime.Scope().Lookup("Block").(*types.TypeName); ok {
		for sel := range types.NewMethodSet(types.NewPointer(block.Type())).Methods() {
			if sel.Obj().Exported() {
				out = append(out, sel.Obj().Name())
			}
		}
	}
	return out
}

package extract

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/wfegen/wfe/internal/analysis/model"
)

// flows are the workflows in plain Go that were compiled.
func (w *work) flows() []*model.Flow {
	var out []*model.Flow
	for _, f := range w.out.Workflows {
		if f.Flow != nil {
			out = append(out, f.Flow)
		}
	}
	return out
}

// names chooses the identifiers that users do not see, so that they collide with nothing.
func (w *work) names() {
	w.imports()
	taken := newNames(w.out.Taken...)
	for name := range w.fileNames() {
		taken[name] = true
	}
	for _, d := range w.out.Declares {
		taken[d.Name] = true
	}
	for _, i := range w.out.Imports {
		taken[i.Name] = true
	}
	for _, name := range append(fixedImports(), model.Locals()...) {
		taken[name] = true
	}
	for _, f := range w.flows() {
		for _, name := range append(f.Declares(), f.Locals...) {
			taken[name] = true
		}
	}
	for _, d := range w.out.Deps {
		taken[d.Param] = true
	}
	for _, b := range w.out.Builders {
		base := strings.TrimSuffix(b.Name, "Builder")
		b.New = taken.free("new" + upperFirst(b.Name))
		b.Step = taken.free(base + "Step")
	}
	for _, e := range w.out.Events {
		e.Var = taken.free(lowerCamel(e.Name) + "Event")
	}
	w.codecNames(taken)
	w.aliases(taken)
	w.registerParams(taken)
}

// codecNames names the functions of codecs and the variables that hold these.
func (w *work) codecNames(taken names) {
	prefix := func(p string) func(string) string { return func(s string) string { return p + s } }
	variants := []func(string) string{prefix("append"), prefix("decode"), prefix("codec"), prefix("member")}
	w.codecs()
	for _, id := range w.out.Codecs {
		t := &w.out.Types[id]
		t.Ident = taken.free(w.stem(t), variants...)
		if t.Object != nil {
			t.Object.Ident = t.Ident
		}
	}
	for _, s := range w.out.Steps {
		s.Record.Ident = taken.free(upperFirst(s.Name), variants...)
		s.Codec = "codec" + s.Record.Ident
		w.out.Vars = append(w.out.Vars, model.CodecVar{Name: s.Codec, Type: s.Type, Step: s})
	}
	for _, id := range w.withVar() {
		t := &w.out.Types[id]
		if t.Ident != "" {
			t.Codec = "codec" + t.Ident
		} else {
			t.Codec = taken.free("codec" + w.stem(t))
		}
		w.out.Vars = append(w.out.Vars, model.CodecVar{Name: t.Codec, Type: id})
	}
	slices.SortFunc(w.out.Codecs, func(a, b model.TypeID) int {
		return cmp.Compare(w.out.Types.At(a).Ident, w.out.Types.At(b).Ident)
	})
	slices.SortFunc(w.out.Vars, func(a, b model.CodecVar) int { return cmp.Compare(a.Name, b.Name) })
}

// withVar lists the types whose codec is handed to the runtime, by their names.
func (w *work) withVar() []model.TypeID {
	set := map[model.TypeID]bool{}
	for _, d := range w.out.Data {
		set[d.Type] = true
	}
	for _, e := range w.out.Events {
		set[e.Type] = true
	}
	for _, s := range w.out.Steps {
		if s.Run == model.RunBranches {
			set[s.Item] = true
		}
	}
	for _, b := range w.out.Builders {
		set[b.Data] = true
		for _, l := range b.Loops {
			set[l.Elem] = true
		}
	}
	for _, f := range w.flows() {
		for _, id := range f.Codecs {
			set[id] = true
		}
	}
	return slices.SortedFunc(maps.Keys(set), func(a, b model.TypeID) int {
		return cmp.Compare(w.out.Types.String(a), w.out.Types.String(b))
	})
}

// aliases names the types that a variable would hide.
func (w *work) aliases(taken names) {
	for i := range w.out.Types {
		t := &w.out.Types[i]
		if t.Pkg == w.out.Path && t.Nameable && slices.Contains(model.Locals(), t.Name) {
			t.Alias = taken.free("type" + upperFirst(t.Name))
			w.out.Aliases = append(w.out.Aliases, t.ID)
		}
	}
	slices.SortFunc(w.out.Aliases, func(a, b model.TypeID) int {
		return cmp.Compare(w.out.Types.At(a).Alias, w.out.Types.At(b).Alias)
	})
}

// registerParams names the parameters of Register. Those of another package are called after it: mailSteps.
func (w *work) registerParams(taken names) {
	w.out.Host, w.out.Own = taken.free("h"), taken.free("own")
	for _, u := range w.out.Uses {
		u.Param = taken.free(u.Name + "Steps")
	}
}

// fixedImports are the names under which generated code imports what every package needs.
func fixedImports() []string {
	return []string{"wfe", "codec", "definition", "context", "json", "time"}
}

// stem makes an identifier of a type: Order, MailReceipt for one of package mail, PairIntString for an instantiation.
func (w *work) stem(t *model.Type) string {
	var b strings.Builder
	if t.Name == "" && t.Elem != 0 {
		return upperFirst(t.Kind.String()) + w.stem(w.out.Types.At(t.Elem))
	}
	if t.Name == "" {
		return upperFirst(t.Kind.String())
	}
	if t.Pkg != w.out.Path && t.Pkg != "" {
		b.WriteString(upperFirst(t.PkgName))
	}
	b.WriteString(upperFirst(t.Name))
	for _, arg := range t.Args {
		b.WriteString(w.stem(w.out.Types.At(arg)))
	}
	return b.String()
}

// codecs lists the types that get functions, by their names, so that equal idents are numbered alike in every run.
func (w *work) codecs() {
	seen := map[model.TypeID]bool{}
	var reach func(id model.TypeID)
	members := func(o *model.Object) {
		for _, m := range o.Members {
			reach(m.Type)
		}
	}
	reach = func(id model.TypeID) {
		if id == 0 || seen[id] {
			return
		}
		seen[id] = true
		t := w.out.Types.At(id)
		if t.Encode != model.FormKind && t.Decode != model.FormKind {
			return
		}
		composite := t.Kind == model.Slice || t.Kind == model.Array || t.Kind == model.Map || t.Kind == model.Pointer
		if t.Kind == model.Struct || composite && t.Named() {
			w.out.Codecs = append(w.out.Codecs, id)
		}
		reach(t.Key)
		reach(t.Elem)
		if t.Object != nil {
			members(t.Object)
		}
	}
	for _, d := range w.out.Data {
		reach(d.Type)
	}
	for _, e := range w.out.Events {
		reach(e.Type)
	}
	for _, b := range w.out.Builders {
		reach(b.Data)
	}
	for _, s := range w.out.Steps {
		members(&s.Record)
		reach(s.Item)
	}
	for _, f := range w.flows() {
		for _, id := range f.Codecs {
			reach(id)
		}
	}
	slices.SortStableFunc(w.out.Codecs, func(a, b model.TypeID) int {
		return cmp.Compare(w.out.Types.String(a), w.out.Types.String(b))
	})
}

// imports lists the packages of all types.
func (w *work) imports() {
	byPath := map[string]string{}
	for i := range w.out.Types {
		if t := &w.out.Types[i]; t.Pkg != "" && t.Pkg != w.out.Path {
			byPath[t.Pkg] = t.PkgName
		}
	}
	for _, u := range w.out.Uses {
		byPath[u.Path] = u.Name
	}
	for _, f := range w.flows() {
		for _, i := range f.Imports {
			byPath[i.Path] = i.Name
		}
	}
	delete(byPath, w.out.Path)
	for path, name := range byPath {
		w.out.Imports = append(w.out.Imports, model.Import{Path: path, Name: name})
	}
	slices.SortFunc(w.out.Imports, func(a, b model.Import) int { return cmp.Compare(a.Path, b.Path) })
}

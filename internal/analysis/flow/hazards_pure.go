package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
	"strings"

	"github.com/wfegen/wfe/internal/analysis/load"
)

// impurity is a piece of code whose outcome or effect is not the workflow's alone.
type impurity struct {
	at   span
	what string // time.Now
	kind impurityKind
	fn   *types.Func // that is called, if it is one
	by   *impurity   // what a function does that makes it so
	hint string      // what helps, if it is said of this one
}

type impurityKind uint8

const (
	clock     impurityKind = iota // it depends on when it is done
	chance                        // it comes out otherwise each time
	outside                       // it reads or changes what is outside of the workflow
	printing                      // it writes to a log or a terminal
	together                      // it is for goroutines
	unknown                       // nothing is known of it
	unmarked                      // it is of this package, and not marked
	notPure                       // of a body: it calls a function that is not marked, and whose body is none that could be
	global                        // it uses a package variable that is assigned, or that begins with something impure
	parameter                     // of a body: it changes what its parameters point to
	statement                     // of a body: a statement that a function without effects does not have
	zone                          // it gives a time of the machine's zone
	address                       // its text has an address in it
	room                          // it tells how memory is allocated
	times                         // it compares times by ==
	order                         // it comes out otherwise in another order of a map
)

// pureCode goes through a piece of code, and yields what is impure in it.
func (h *hazards) pureCode(n ast.Node, yield func(impurity)) {
	settled := map[*ast.Ident]bool{}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.RangeStmt:
			h.settleOrder(n, settled)
			h.mapRange(n, yield)
		case *ast.AssignStmt:
			h.settleOrder(n, settled)
		case *ast.CallExpr:
			if h.isWait(n) {
				return false // it is reported for its place
			}
			h.printed(n, yield)
			h.settleZones(n, settled)
			h.decodedZones(n, yield)
			h.settleOrder(n, settled)
			h.mapCalls(n, yield)
			if h.printsText(n) {
				for _, arg := range n.Args {
					h.pureCode(arg, yield)
				}
				return false
			}
			h.pureCall(n, yield)
		case *ast.BinaryExpr:
			h.comparesTimes(n, yield)
		case *ast.Ident:
			switch obj := h.Info.Uses[n].(type) {
			case *types.Func:
				if sig := obj.Signature(); flowParam(sig) < 0 && !settled[n] {
					h.pureFunc(n, obj.Origin(), yield)
				}
			case *types.Const:
				if ofMachine(obj) {
					yield(impurity{at: h.span(n), what: obj.Pkg().Name() + "." + obj.Name(), kind: outside})
				}
			case *types.TypeName:
				if obj.Pkg() == types.Unsafe {
					yield(impurity{at: h.span(n), what: "unsafe." + obj.Name(), kind: outside})
				}
			case *types.Var:
				if packageLevel(obj) {
					h.packageVar(n, obj, yield)
				}
			}
		}
		return true
	})
}

// printsText reports whether a call prints into a buffer in memory: fmt.Fprintf(&b, "%d", n) with a strings.Builder.
func (h *hazards) printsText(call *ast.CallExpr) bool {
	fn := h.called(call)
	if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != "fmt" || !strings.HasPrefix(fn.Name(), "Fprint") || len(call.Args) == 0 {
		return false
	}
	switch types.Unalias(h.typeOf(call.Args[0])).String() {
	case "*strings.Builder", "*bytes.Buffer":
		return true
	}
	return false
}

// pureCall yields a call of something that has no name which tells what it does: a function in a field, say.
func (h *hazards) pureCall(call *ast.CallExpr, yield func(impurity)) {
	if tv := h.Info.Types[call.Fun]; tv.IsType() {
		return
	} else if tv.IsBuiltin() {
		if id := callee(call.Fun); id != nil {
			switch id.Name {
			case "print", "println":
				yield(impurity{at: h.span(call.Fun), what: id.Name, kind: printing})
			case "cap":
				if _, slice := h.typeOf(call.Args[0]).Underlying().(*types.Slice); slice {
					yield(impurity{at: h.span(call), what: h.text(call), kind: room})
				}
			case "recover":
				yield(impurity{at: h.span(call.Fun), what: id.Name, kind: statement})
			}
		}
		return
	}
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.FuncLit:
		return
	case *ast.Ident, *ast.IndexExpr, *ast.IndexListExpr:
		id := callee(fun)
		v, ok := h.object(id).(*types.Var)
		if !ok || !packageLevel(v) {
			return // a function, which is looked at by name, or a variable, whose value is looked at where it comes from
		}
	case *ast.SelectorExpr:
		if _, ok := h.Info.Uses[fun.Sel].(*types.Func); ok || h.Info.Uses[fun.Sel] == nil {
			return
		}
	}
	yield(impurity{at: h.span(call.Fun), what: h.text(call.Fun), kind: unknown})
}

// packageVar yields a use of a package variable whose value may be another one each time.
func (h *hazards) packageVar(id *ast.Ident, v *types.Var, yield func(impurity)) {
	if v.Pkg() == h.Pkg {
		if _, ok := h.assigned[v]; ok {
			yield(impurity{at: h.span(id), what: v.Name(), kind: global})
			return
		}
		if begins := h.begins[v]; begins != nil {
			h.pureCode(begins, func(by impurity) {
				if by.kind != unmarked && by.kind != unknown && by.kind != notPure {
					yield(impurity{at: h.span(id), what: v.Name(), kind: global, by: &by})
				}
			})
		}
		return
	}
	path := v.Pkg().Path()
	switch {
	case path == load.RuntimePath, isError(v.Type()), path == "time" && v.Name() == "UTC":
	case path == "time": // Local
		yield(impurity{at: h.span(id), what: "time." + v.Name(), kind: zone})
	case path == "os", path == "encoding/binary" && v.Name() == "NativeEndian":
		yield(impurity{at: h.span(id), what: v.Pkg().Name() + "." + v.Name(), kind: outside})
	case path == "crypto/rand":
		yield(impurity{at: h.span(id), what: v.Pkg().Name() + "." + v.Name(), kind: chance})
	case pureStd()[path] != nil:
	default:
		yield(impurity{at: h.span(id), what: v.Pkg().Name() + "." + v.Name(), kind: global})
	}
}

// ofMachine reports whether a constant has another value on another machine.
func ofMachine(c *types.Const) bool {
	if c.Pkg() == nil {
		return false
	}
	switch c.Pkg().Path() + "." + c.Name() {
	case "runtime.GOOS", "runtime.GOARCH", "os.PathSeparator", "os.PathListSeparator", "os.DevNull", "path/filepath.Separator", "path/filepath.ListSeparator":
		return true
	}
	return false
}

func isError(t types.Type) bool { return types.Identical(t, types.Universe.Lookup("error").Type()) }

// pureFunc yields a function that is called, or handed to something that calls it.
func (h *hazards) pureFunc(id *ast.Ident, fn *types.Func, yield func(impurity)) {
	found := impurity{at: h.span(id), what: qualified(fn), fn: fn}
	recv := fn.Signature().Recv()
	switch {
	case fn.Pkg() == nil: // error.Error
		return
	case fn.Pkg().Path() == load.RuntimePath:
		if params := fn.Signature().Params(); params.Len() > 0 && isNamed(params.At(0).Type(), "context", "Context") { // of a client
			found.kind = outside
			yield(found)
		}
		return
	case recv != nil && types.IsInterface(recv.Type()) && (fn.Name() == "Error" || fn.Name() == "String") && fn.Signature().Params().Len() == 0:
		return
	case fn.Pkg() == h.Pkg:
		h.ownFunc(found, yield)
		return
	case h.Pure != nil && h.Pure(fn):
		return
	}
	if kind, ok := foreignFunc(fn); !ok {
		found.kind = kind
		yield(found)
	}
}

// ownFunc yields a function of the package that is not marked. What one that is marked does is found by [Impure].
func (h *hazards) ownFunc(found impurity, yield func(impurity)) {
	switch fn := found.fn; {
	case h.Pure == nil || !h.Pure(fn):
		found.kind = unmarked
		yield(found)
	case h.decls[fn] == nil:
		found.kind = unknown
		yield(found)
	}
}

// foreignFunc says of a function of another package whether workflows may call it, and else why not.
func foreignFunc(fn *types.Func) (impurityKind, bool) {
	path, name := fn.Pkg().Path(), fn.Name()
	if recv := fn.Signature().Recv(); recv != nil {
		name = receiverName(recv.Type()) + "." + name
	}
	if rule := pureStd()[path]; rule != nil {
		kind, refused := rule.except[name]
		if len(rule.only) > 0 {
			return rule.kind, rule.only[name]
		}
		return kind, !refused
	}
	if kind, ok := impurePackages()[path]; ok {
		return kind, false
	}
	return unknown, false
}

func receiverName(t types.Type) string {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	if n, ok := types.Unalias(t).(*types.Named); ok {
		return n.Obj().Name()
	}
	return ""
}

// qualified is the name of a function as code writes it, or nearly so: time.Now, Order.Total.
func qualified(fn *types.Func) string {
	if recv := fn.Signature().Recv(); recv != nil {
		return receiverName(recv.Type()) + "." + fn.Name()
	}
	return fn.Pkg().Name() + "." + fn.Name()
}

// summary is what a function without effects does.
type summary struct {
	impure  []impurity
	reads   []place    // what it reads of what its parameters reach, by parameter
	appends []place    // of that, the slices that it appends to: it writes what lies behind their end
	returns [][]source // what its results share memory with, by result
	tangled bool       // parts of its results may be the same memory
}

// summary looks at the body of a function of the package. One that calls itself adds nothing to itself.
func (h *hazards) summary(fn *types.Func) *summary {
	if s, ok := h.purity[fn]; ok {
		if s == nil {
			return &summary{}
		}
		return s
	}
	h.purity[fn] = nil
	s := &summary{}
	decl := h.decls[fn]
	note := func(i impurity) {
		if i.kind == unmarked { // what a marked function calls need not be marked
			inner := h.decls[i.fn]
			if inner == nil {
				i.kind = unknown
			} else if by := h.summary(i.fn).impure; len(by) > 0 {
				i.kind, i.by = notPure, &by[0]
			} else {
				return
			}
		}
		s.impure = append(s.impure, i)
	}
	h.pureCode(decl.Body, note)
	ast.Inspect(decl.Body, func(n ast.Node) bool {
		word := ""
		switch n := n.(type) {
		case *ast.GoStmt:
			word = "go"
		case *ast.SelectStmt:
			word = "select"
		case *ast.SendStmt, *ast.ChanType:
			word = "a channel"
		case *ast.UnaryExpr:
			if n.Op == token.ARROW {
				word = "a channel"
			}
		case *ast.CallExpr:
			if h.isWait(n) || isFail(h.Info, n) {
				word = "a call of wfe"
			}
		}
		if word != "" {
			note(impurity{at: h.span(n), what: word, kind: statement})
		}
		return true
	})
	r := newBodyReader(h, decl, s, note)
	r.read()
	s.tangled = r.tangles()
	h.purity[fn] = s
	return s
}

// text is an expression as it is shown, on one line and not too long.
func (h *hazards) text(x ast.Expr) string {
	s := types.ExprString(x)
	if len(s) > 60 {
		s = s[:57] + "..."
	}
	if strconv.CanBackquote(s) {
		return s
	}
	return "it"
}

package flow

import (
	"go/ast"
	"go/constant"
	"go/types"
)

// options are what the arguments behind the others say.
type options struct {
	name       string
	sequential bool
	version    int
	abandon    bool
	asOf       ast.Expr
	policy     ast.Expr
	loop       []ast.Expr // Limit, Sequential, Version, Abandon: written as they stand
	cancel     *ast.CallExpr
	cancels    *unit
	proceed    bool
	b          *block
}

// readOptions reads the options of a call.
func (b *block) readOptions(call *ast.CallExpr, first int) *options {
	o := &options{b: b}
	for _, x := range call.Args[min(first, len(call.Args)):] {
		opt, ok := ast.Unparen(x).(*ast.CallExpr)
		if !ok {
			b.report(unknownOption(b.span(x)))
			b.ok = false
			continue
		}
		name := b.optionName(opt)
		switch name {
		case "Name":
			o.name = b.constant(opt.Args[0])
		case "OnError":
			o.policy = opt.Args[0]
			b.fixed(o.policy)
		case "AsOf":
			o.asOf = opt.Args[0]
		case "CancelWhen":
			o.cancel = opt
			for _, x := range opt.Args[1:] {
				if p, ok := ast.Unparen(x).(*ast.CallExpr); ok && b.optionName(p) == "Proceed" {
					o.proceed = true
				}
			}
			if !o.proceed && !b.closed {
				b.report(cancelsBlock(b.span(x)))
				b.ok = false
			}
		case "Sequential":
			o.sequential = true
			o.loop = append(o.loop, x)
		case "Limit":
			b.fixed(x)
			o.loop = append(o.loop, x)
		case "Abandon":
			o.abandon = true
			o.loop = append(o.loop, x)
		case "Version":
			if v := b.host.Info.Types[opt.Args[0]].Value; v != nil {
				n, _ := constant.Int64Val(constant.ToInt(v))
				o.version = int(n)
			} else {
				b.fixed(opt.Args[0])
			}
			o.loop = append(o.loop, x)
		default:
			b.report(unknownOption(b.span(x)))
			b.ok = false
		}
	}
	return o
}

func (b *block) optionName(call *ast.CallExpr) string { return runtimeName(b.host.Info, call.Fun) }

// constant returns the text of a constant string.
func (b *block) constant(x ast.Expr) string {
	v := b.host.Info.Types[x].Value
	if v == nil || v.Kind() != constant.String {
		b.report(notConstant(b.span(x), types.ExprString(x)))
		b.ok = false
		return ""
	}
	return constant.StringVal(v)
}

// fixed reports an argument that depends on the instance, where it has to be the same for all.
func (b *block) fixed(x ast.Expr) {
	ast.Inspect(x, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		if v, ok := b.host.Info.Uses[id].(*types.Var); ok && !v.IsField() && v.Parent() != v.Pkg().Scope() {
			b.report(notConstant(b.span(id), id.Name))
			b.ok = false
		}
		return true
	})
}

// options does what the options say of a node.
func (b *block) options(n int, o *options) {
	if o.cancel == nil {
		return
	}
	lit := b.literal(o.cancel.Args[0])
	if lit == nil {
		return
	}
	b.draft.Nodes[n].Cancel = true
	o.cancels = &unit{node: n, what: "cancel condition"}
	for _, s := range lit.Body.List {
		b.plain(o.cancels, frag{node: s, returns: true})
	}
	b.draft.Nodes[n].Proceed = o.proceed
}

// options writes those that are arguments.
func (w *writer) options(o *options) {
	if o == nil {
		return
	}
	for _, x := range o.loop {
		w.text(", ")
		w.expr(o.b, x)
	}
}

// settings writes those that are calls behind the node.
func (w *writer) settings(o *options) {
	if o == nil {
		return
	}
	if o.policy != nil {
		w.text("%s.OnError(", w.builderName)
		w.expr(o.b, o.policy)
		w.text(")\n")
	}
	if o.cancels != nil {
		w.text("%s.CancelWhen(", w.builderName)
		w.function(o.cancels, "bool")
		if o.proceed {
			w.text(", ")
			w.wfe("Proceed")
			w.text("()")
		}
		w.text(")\n")
	}
}

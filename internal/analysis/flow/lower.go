package flow

import (
	"go/ast"
	"go/types"
)

// call compiles a statement with one call of the runtime, or of a helper, outermost.
func (b *block) call(s ast.Stmt, last bool) {
	call := b.theCall(s)
	if call == nil {
		b.cannot(s)
		return
	}
	name, helper := b.callee(call)
	switch {
	case helper != nil:
		b.helper(s, call, helper, last)
	case name == "":
		b.cannot(s)
	default:
		b.runtimeCall(s, call, name, last)
	}
}

// theCall returns the call in a statement.
func (c *compiler) theCall(s ast.Stmt) (out *ast.CallExpr) {
	ast.Inspect(s, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && out == nil && c.isCall(call) {
			out = call
		}
		return out == nil
	})
	return out
}

// callee returns the name of the function of the runtime that is called, or the helper.
func (c *compiler) callee(call *ast.CallExpr) (name string, helper *ast.FuncDecl) {
	if name := runtimeName(c.host.Info, call.Fun); name != "" {
		return name, nil
	}
	if id := callee(call.Fun); id != nil {
		if fn, ok := c.host.Info.Uses[id].(*types.Func); ok && fn.Pkg() == c.host.Pkg && fn.Signature().Recv() == nil {
			return "", c.host.Function(fn.Name())
		}
	}
	return "", nil
}

// runtimeCall adds the node of a call.
func (b *block) runtimeCall(s ast.Stmt, call *ast.CallExpr, name string, last bool) {
	switch name {
	case "Do", "Steer", "Branch":
		b.step(s, call, name, last)
	case "WaitFor", "WaitForWithin":
		b.waitFor(s, call, name, last)
	case "Saga", "Try":
		b.saga(s, call, name, last)
	case "Undo":
		b.undo(s, call)
	case "Parallel":
		b.parallel(s, call)
	case "ForEach":
		b.forEachCall(s, call)
	case "SubWorkflow", "SubWorkflowOf":
		b.child(s, call, last)
	case "Sleep", "SleepUntil":
		b.sleep(s, call, name)
	case "Recur":
		b.recur(s, call)
	case "Poll":
		b.poll(s, call, last)
	case "End":
		b.end(s, call)
	default:
		b.cannot(s)
	}
}

// after compiles what was put off until the node is there.
func (b *block) after() {
	later := b.later
	b.later = nil
	for _, f := range later {
		f()
	}
}

// typeArgument is the first type argument of a call.
func (b *block) typeArgument(call *ast.CallExpr) *types.Named {
	var x ast.Expr
	switch f := ast.Unparen(call.Fun).(type) {
	case *ast.IndexExpr:
		x = f.Index
	case *ast.IndexListExpr:
		x = f.Indices[0]
	default:
		return nil
	}
	named, _ := types.Unalias(b.host.Info.TypeOf(x)).(*types.Named)
	return named
}

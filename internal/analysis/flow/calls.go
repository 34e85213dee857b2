package flow

import (
	"go/ast"
	"go/types"
	"sync"

	"github.com/wfegen/wfe/internal/analysis/load"
	"github.com/wfegen/wfe/runtime/definition"
)

// call is what a function of the runtime that takes the *wfe.Flow means to a workflow in plain Go.
type call struct {
	kind definition.Kind // of the node that it adds
	args []arg           // behind the flow; the last one stands for all that follow
	ends bool            // it does not return
}

// arg is what an argument is.
type arg struct {
	role role
	name string // of a block; of a value, what it is to the node
	body body   // of a block
}

type role uint8

const (
	asStep    role = iota // a struct, made when an instance gets there
	asValue               // an expression, computed when an instance gets there
	asSetting             // an expression that is part of the definition, so it says nothing of an instance
	asBlock               // a function literal whose calls are nodes
	asCond                // a function literal that is asked again and again
	asChild               // a workflow: its function, or its reference
	asOption              // a call of one of the functions in [optionArgs]
)

// body is when a block runs. Each round of one that has rounds, and each element, has variables of its own.
type body uint8

const (
	bodyBranch   body = iota // beside those next to it
	bodyElement              // once for each element, beside itself unless the call says wfe.Sequential
	bodyRound                // one round after the other
	bodySaga                 // at once, and what is done in it is undone when it fails
	bodyRollback             // when the saga around it rolls back
)

// more is what a call can say behind its other arguments.
var more = arg{role: asOption}

// calls returns the functions of the runtime that take the *wfe.Flow, by name.
func calls() map[string]call {
	return map[string]call{
		"Do":     {kind: definition.Step, args: []arg{{role: asStep}, more}},
		"Steer":  {kind: definition.Step, args: []arg{{role: asStep}, more}},
		"Branch": {kind: definition.Step, args: []arg{{role: asStep}, {role: asBlock, body: bodyElement}, more}},

		"WaitFor":       {kind: definition.WaitFor, args: []arg{{role: asValue, name: "key"}, more}},
		"WaitForWithin": {kind: definition.WaitFor, args: []arg{{role: asValue, name: "key"}, {role: asValue, name: "timeout"}, more}},
		"Sleep":         {kind: definition.Delay, args: []arg{{role: asValue, name: "duration"}, more}},
		"SleepUntil":    {kind: definition.Delay, args: []arg{{role: asValue, name: "time"}, more}},
		"Poll":          {kind: definition.Poll, args: []arg{{role: asSetting, name: "endpoint"}, more}},

		"Saga": {kind: definition.Saga, args: []arg{{role: asBlock, body: bodySaga}, more}},
		"Try":  {kind: definition.Saga, args: []arg{{role: asBlock, body: bodySaga}, more}},
		"Undo": {kind: definition.Undo, args: []arg{{role: asBlock, name: definition.BlockCompensate, body: bodyRollback}, more}},

		"Parallel": {kind: definition.Parallel, args: []arg{{role: asBlock, body: bodyBranch}}},
		"ForEach":  {kind: definition.ForEach, args: []arg{{role: asValue, name: "items"}, {role: asBlock, body: bodyElement}, more}},
		"Recur":    {kind: definition.Recur, args: []arg{{role: asSetting, name: "rhythm"}, {role: asBlock, body: bodyRound}, more}},

		"SubWorkflow":   {kind: definition.Child, args: []arg{{role: asChild}, {role: asValue, name: "data"}, more}},
		"SubWorkflowOf": {kind: definition.Child, args: []arg{{role: asChild}, {role: asValue, name: "data"}, more}},

		"End":  {kind: definition.End, ends: true},
		"Now":  {},                                                        // no node, but a value in plain code
		"Fail": {args: []arg{{role: asValue, name: "error"}}, ends: true}, // no node, but a way out of plain code
	}
}

// table is what calls returns, made once.
var table = sync.OnceValue(calls)

// optionArgs returns the functions of the runtime that make an option, with what their arguments are; the last one stands
// for all that follow.
func optionArgs() map[string][]arg {
	return map[string][]arg{
		"Name":       {{role: asSetting, name: "id"}},
		"OnError":    {{role: asSetting, name: "policy"}},
		"Limit":      {{role: asSetting, name: "limit"}},
		"Version":    {{role: asSetting, name: "version"}},
		"Sequential": nil,
		"Abandon":    nil,
		"AsOf":       {{role: asValue, name: "since"}},
		"CancelWhen": {{role: asCond}, {role: asSetting}},
	}
}

// arg returns what the i-th argument behind the flow is; ok is false if there can be none.
func (c call) arg(i int) (a arg, ok bool) {
	if len(c.args) == 0 {
		return arg{}, false
	}
	return c.args[min(i, len(c.args)-1)], true
}

// readCall returns what a call of the runtime means, and its name; ok is false for any other call.
func readCall(info *types.Info, x *ast.CallExpr) (name string, c call, ok bool) {
	if name = runtimeName(info, x.Fun); name == "" {
		return "", call{}, false
	}
	c, ok = table()[name]
	return name, c, ok
}

// runtimeName returns the name of a function of the runtime, "" for any other expression. Under what name the file imports
// the runtime does not matter, nor whether type arguments are written.
func runtimeName(info *types.Info, fun ast.Expr) string {
	id := callee(fun)
	if id == nil {
		return ""
	}
	obj, ok := info.Uses[id].(*types.Func)
	if !ok || obj.Pkg() == nil || obj.Pkg().Path() != load.RuntimePath || obj.Parent() != obj.Pkg().Scope() {
		return ""
	}
	return obj.Name()
}

// isPlain reports whether a call that is given the Flow is a part of plain code all the same: wfe.Fail leaves it, wfe.Now is
// a value in it.
func isPlain(info *types.Info, x *ast.CallExpr) bool { return isFail(info, x) || isNow(info, x) }

// isNow reports whether a call is one of wfe.Now.
func isNow(info *types.Info, x *ast.CallExpr) bool {
	return runtimeName(info, x.Fun) == "Now" && len(x.Args) == 1
}

// isFail reports whether a call is one of wfe.Fail.
func isFail(info *types.Info, x *ast.CallExpr) bool {
	return runtimeName(info, x.Fun) == "Fail" && len(x.Args) == 2
}

// failOf returns the call of wfe.Fail that is a statement, nil for any other.
func failOf(info *types.Info, s ast.Node) *ast.CallExpr {
	x, ok := s.(*ast.ExprStmt)
	if !ok {
		return nil
	}
	call, ok := ast.Unparen(x.X).(*ast.CallExpr)
	if !ok || !isFail(info, call) {
		return nil
	}
	return call
}

// callee returns the identifier that names what is called, nil where nothing does.
func callee(fun ast.Expr) *ast.Ident {
	switch f := ast.Unparen(fun).(type) {
	case *ast.IndexExpr:
		return callee(f.X)
	case *ast.IndexListExpr:
		return callee(f.X)
	case *ast.Ident:
		return f
	case *ast.SelectorExpr:
		return f.Sel
	}
	return nil
}

// sequential reports whether a call has the option wfe.Sequential.
func sequential(info *types.Info, x *ast.CallExpr) bool {
	for _, a := range x.Args {
		if c, ok := ast.Unparen(a).(*ast.CallExpr); ok && runtimeName(info, c.Fun) == "Sequential" {
			return true
		}
	}
	return false
}

// isFlow reports whether a type is *wfe.Flow.
func isFlow(t types.Type) bool {
	if t == nil {
		return false
	}
	p, ok := types.Unalias(t).(*types.Pointer)
	return ok && isRuntime(p.Elem(), "Flow")
}

// isRuntime reports whether a type is the one of that name that the runtime declares.
func isRuntime(t types.Type, name string) bool {
	n, ok := types.Unalias(t).(*types.Named)
	if !ok {
		return false
	}
	obj := n.Obj()
	return obj.Name() == name && obj.Pkg() != nil && obj.Pkg().Path() == load.RuntimePath
}

package extract

import (
	"github.com/wfegen/wfe/internal/analysis/model"
	"github.com/wfegen/wfe/runtime/definition"
)

// call says what a call of the runtime adds to a workflow: a node, or something to one that is there. All calls that a
// workflow function can make are in the table below; a test compares it with what the runtime has.
type call struct {
	kind  definition.Kind        // of the node that it adds; empty for a modifier
	of    definition.Kind        // of the node that a modifier acts on; empty for any
	args  []arg                  // behind the builder; the last one stands for all that follow
	set   func(*definition.Node) // what it says besides
	gives string                 // the receiver of calls on its result; empty for the builder
	saves bool                   // the elements that it runs for, as encoding/json does
}

// arg is what an argument is.
type arg struct {
	role role
	name string // of a block; of code, what the function is to the node
}

type role uint8

const (
	id      role = iota // the last segment of the node's path
	caseOf              // the name of the block that follows
	outcome             // the same, as a step's outcome is written
	code                // a function that runs with an instance
	block               // a function that adds nodes
	setting             // lies over the definition, and is no part of it
	rhythm              // when rounds are due
	more                // an option: says more of the node
	ref                 // the reference to a workflow
)

// The receivers of calls.
const (
	onBuilder = "Block"
	onStep    = "StepNode"
	onAwait   = "AwaitNode"
)

// condition is the argument of what is decided when an instance gets there.
var condition = arg{code, model.CodeIf}

// calls returns what a workflow function can call: methods by Receiver.Name, functions by their name.
func calls() map[string]call {
	return map[string]call{
		"Block.If":       {kind: definition.If, args: []arg{{role: id}, condition, {block, definition.BlockThen}}},
		"Block.Else":     {of: definition.If, args: []arg{{block, definition.BlockElse}}},
		"Block.While":    {kind: definition.While, args: []arg{{role: id}, condition, {role: block}}},
		"Block.Decide":   {kind: definition.Decide, args: []arg{{role: id}}},
		"Block.When":     {of: definition.Decide, args: []arg{{role: caseOf}, condition, {role: block}}},
		"Block.Default":  {of: definition.Decide, args: []arg{{block, definition.BlockDefault}}},
		"Block.Set":      {kind: definition.Set, args: []arg{{role: id}, {code, model.CodeChange}}},
		"Block.Parallel": {kind: definition.Parallel, args: []arg{{role: id}, {role: block}}},
		"Block.Saga":     {kind: definition.Saga, args: []arg{{role: id}, {role: block}}},
		"Block.Func":     {kind: definition.Step, args: []arg{{role: id}, {code, model.CodeFunc}}},
		"Block.Delay":    {kind: definition.Delay, args: []arg{{role: id}, {role: setting}}},
		"Block.Schedule": {kind: definition.Schedule, args: []arg{{role: id}, {code, "time"}, {role: block}}},
		"Block.ScheduleAfter": {kind: definition.Schedule, args: []arg{{role: id}, {role: setting}, {role: block}},
			set: func(n *definition.Node) { n.After = true }},
		"Block.Recur": {kind: definition.Recur, args: []arg{{role: id}, {role: rhythm}, condition, {role: block}}},
		"Block.Poll":  {kind: definition.Poll, args: []arg{{role: id}, {role: setting}, {code, "response"}}},
		"Block.End":   {kind: definition.End},

		"Block.AllMatching": {of: definition.Decide, set: func(n *definition.Node) { n.All = true }},
		"Block.Compensate":  {args: []arg{{block, definition.BlockCompensate}}, set: compensatedByBlock},
		"Block.CancelWhen":  {args: []arg{{code, model.CodeCancel}, {role: more}}, set: func(n *definition.Node) { n.Cancel = true }},
		"Block.Name":        {args: []arg{{role: id}}},
		"Block.OnError":     {args: []arg{{role: setting}}},

		"StepNode.Name":       {args: []arg{{role: id}}, gives: onStep},
		"StepNode.OnError":    {args: []arg{{role: setting}}, gives: onStep},
		"StepNode.Out":        {args: []arg{{code, model.CodeOutputs}}, gives: onStep},
		"StepNode.Compensate": {args: []arg{{block, definition.BlockCompensate}}, set: compensatedByBlock, gives: onStep},
		"StepNode.When":       {args: []arg{{role: outcome}, {role: block}}, gives: onStep},

		"AwaitNode.AsOf":    {args: []arg{{code, "since"}}, gives: onAwait},
		"AwaitNode.Timeout": {args: []arg{{role: setting}, {block, definition.BlockTimeout}}},

		"Then":       {kind: definition.Step, args: []arg{{code, model.CodeInputs}}, gives: onStep},
		"ThenBranch": {kind: definition.Step, args: []arg{{code, model.CodeInputs}, {role: block}, {role: more}}, gives: onStep},
		"Await":      {kind: definition.WaitFor, args: []arg{{role: id}, {code, "key"}, {code, model.CodeEvent}}, gives: onAwait},
		"Child":      {kind: definition.Child, args: []arg{{role: id}, {role: ref}, {code, "data"}, {code, model.CodeResult}, {role: more}}},
		"Each":       {kind: definition.ForEach, args: []arg{{role: id}, {code, "collection"}, {role: block}, {role: more}}, saves: true},
		"EachOf":     {kind: definition.ForEach, args: []arg{{role: id}, {code, "collection"}, {role: setting}, {role: block}, {role: more}}},
	}
}

// compensatedByBlock takes from a step the compensation that its type gave it.
func compensatedByBlock(n *definition.Node) { n.Undo, n.Compensate = false, "" }

// notRead are exported methods and functions of the runtime that take the builder and that no workflow function calls:
// generated code does.
func notRead() []string { return []string{"Block.Base", "AddBranching", "AddStep"} }

// compiled are those that only the code calls that is generated for a function in plain Go; so are all methods of Plain.
func compiled() []string { return []string{"AwaitNode.Within", "NewPlain", "StepNode.Outcome"} }

// optionOf is what an option of a loop, a child or a cancel condition says.
type optionOf struct {
	named  bool                        // its argument is the id of the node
	set    func(*definition.Node)      // what it says, if that is part of the definition
	number func(*definition.Node, int) // the same, with its argument
}

func options() map[string]optionOf {
	return map[string]optionOf{
		"Abandon":    {set: func(n *definition.Node) { n.Abandon = true }},
		"Proceed":    {set: func(n *definition.Node) { n.Proceed = true }},
		"Sequential": {set: func(n *definition.Node) { n.Sequential = true }},
		"Limit":      {},
		"Name":       {named: true},
		"Version":    {number: func(n *definition.Node, v int) { n.Version = v }},
	}
}

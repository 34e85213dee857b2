// Package wfe runs durable workflows: it is what users and generated code import.
//
// A workflow is a graph of steps over one data struct. It is compiled to a
// definition; the engine interprets that and stores where each branch stands, so
// that a process may be killed at any moment and the next one goes on. Nothing is
// replayed: workflow code needs no determinism, and a loop costs the same in its
// last round as in its first.
//
// A program opens a store, makes a [Host], registers workflows with the generated
// Register function, and starts the host:
//
//	st, err := sqlite.Open(ctx, "orders.db", sqlite.Config{})
//	h := wfe.NewHost(st, wfe.Config{})
//	err = pipeline.Register(h, pipeline.NewSteps(gateway, mail, stock))
//	err = h.Start(ctx)
//	order, err := pipeline.StartOrderPipeline(ctx, h, pipeline.Order{ID: "1"}, wfe.ID("1"))
//	data, err := order.Wait(ctx)
//
// What it guarantees: what was acknowledged survives kill -9 and power loss. A
// step's body runs at least once per attempt, and what it recorded is applied
// exactly once. A timer never fires early. What it does not: effects outside the
// store happen at least once; make them idempotent with [StepInfo.IdempotencyKey].
//
// The folder is named runtime; the package is wfe.
package wfe

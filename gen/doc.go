// Package gen writes the typed half of durable workflows: Go source for what is marked with //wfe: directives.
//
// [Generate] owns the pipeline
//
//	scan -> load -> parse -> check declarations -> model -> validate -> emit -> re-check -> plan -> write
//
// of which the first six are package analysis. There is one file of this package for each thing that is emitted
// (builder.go, method.go, steps.go, register.go, client.go, codec*.go); an emitter begins with a comment that shows its
// target code, ranges over the model in its order, and decides nothing.
//
// What is guaranteed: the same sources give the same bytes, with no time, version or path in them. All packages succeed or
// nothing is written. A file is written only when its bytes differ, in one step (a reader sees the old file or the new
// one), with the mode it had; two runs at the same time do no harm. Only a wfe_gen.go that begins with the header of
// wfegen is ever replaced or removed, and never through a symbolic link. Text of users goes into the output as comments,
// string literals and checked identifiers only. Nothing of the user's is run.
//
// What it does not do: judge source code (package check does), print (the command does), or read the files that it wrote
// before to decide what to write.
package gen

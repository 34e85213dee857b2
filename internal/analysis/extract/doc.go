// Package extract turns loaded packages into models: it finds what is marked, reads the types behind it with the rules of
// Go (promotion, method sets) and of encoding/json, wires steps to data by name and type, and chooses every name that
// generated code will use.
//
// It reports what keeps it from making a model (a step without Run, a builder without data). What is wrong with a model
// that could be made is the business of package check.
package extract

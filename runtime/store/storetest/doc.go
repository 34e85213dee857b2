// Package storetest is the conformance suite of store.Store: each sentence of the
// contract has a test that is named after it.
//
// A store calls Run from its own tests with a function that makes a Harness. The
// suite knows nothing of how a store keeps things; what only one store can do
// wrong (files, power cuts, other programs) is for the tests of that store.
package storetest

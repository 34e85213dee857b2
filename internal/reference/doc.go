// Package reference is a second, small account of what a workflow does, written to be read, and the test that the engine
// agrees with it: random workflows run on each store and here, and must do the same things at the same times.
//
// The same programs are run in simulations: two processes share a store that fails,
// they die, pause and take over from one another, clocks jump, commands come, and what
// is promised must hold all the same. cluster_test.go is the store and the processes,
// simulation_test.go what happens to them, invariants_test.go what must hold;
// rollback_test.go rolls sagas back, and mutants_test.go shows that planted bugs are found.
//
// It is all in the tests. program_test.go says what a program is and makes random ones; build_test.go, steer_test.go and child_test.go give them to the
// runtime; sim_test.go, saga_test.go and step_test.go are the reference; equal_test.go compares.
package reference

// Command groupcommit measures the least that keeps the promises of the work: a
// fixed list of steps, one writer that commits whatever is queued in one
// transaction, and each next step only after the commit of the one before. It is
// a ceiling, not an engine: it has no definitions, retries, timers, ownership,
// recovery or queries.
package main

import "github.com/wfegen/wfe/bench/harness"

func main() { harness.Main("groupcommit", open) }

// Command wfe measures the engine with a workflow that a builder function builds.
package main

import (
	"github.com/wfegen/wfe/bench/engine"
	"github.com/wfegen/wfe/bench/harness"
)

func main() { harness.Main("wfe", engine.Builder.Open) }

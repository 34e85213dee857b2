// Command plain measures the engine with the same workflow in plain Go, compiled.
package main

import (
	"github.com/wfegen/wfe/bench/engine"
	"github.com/wfegen/wfe/bench/harness"
)

func main() { harness.Main("plain", engine.Plain.Open) }

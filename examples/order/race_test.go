//go:build race

package main

// Commands that are killed are slow with the race detector, and find nothing with it.
const tortureCycles = 5

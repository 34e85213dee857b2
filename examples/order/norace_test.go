//go:build !race

package main

const tortureCycles = 100

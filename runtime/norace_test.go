//go:build !race

package wfe_test

// racing says that the race detector is on: what is long is made shorter.
const racing = false

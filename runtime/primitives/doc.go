// Package primitives holds the control flow of workflows, one file per kind of
// node: what happens when a pointer reaches it, when one of its blocks has
// ended, when its time has come, when its event is there.
//
// A primitive keeps nothing of its own: what it must remember stands in the
// pointer. It acts through Machine, which engine implements, and touches neither
// a clock nor the store.
package primitives

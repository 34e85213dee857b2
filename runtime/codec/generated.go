package codec

// Generated code is of a version, and this module works with those from MinGenerated to MaxGenerated. Code of another one
// does not compile: it converts the distance to a bound, which is then negative, to one of the types below, whose name is
// the remedy.
const (
	MinGenerated = 1
	MaxGenerated = 1
)

// GenerateAgain is what to do when generated code is older than this module takes: run go generate.
type GenerateAgain uint

// UpgradeRuntime is what to do when generated code is newer than this module takes: bring the module
// github.com/wfegen/wfe up to the version of the wfegen that wrote it.
type UpgradeRuntime uint

package gen

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/wfegen/wfe/gen/templates"
	"github.com/wfegen/wfe/internal/analysis"
)

// generatedVersion is the version of the code that this generator writes. It counts up when that needs something of the
// runtime which is new, or when the runtime drops something which older code needs.
const generatedVersion = 1

// emitGuard writes what does not compile with a runtime that this code does not fit:
//
//	const (
//		_ = codec.GenerateAgain(1 - codec.MinGenerated)
//		_ = codec.UpgradeRuntime(codec.MaxGenerated - 1)
//	)
func emitGuard(f *jen.File) {
	f.Line().Add(comment(templates.Guard)).Line().Const().Defs(
		jen.Id("_").Op("=").Add(cdc("GenerateAgain")).Call(jen.Lit(generatedVersion).Op("-").Add(cdc("MinGenerated"))),
		jen.Id("_").Op("=").Add(cdc("UpgradeRuntime")).Call(cdc("MaxGenerated").Op("-").Lit(generatedVersion)),
	)
}

// fits returns an error if what this generator writes would not compile with the runtime that the module uses.
func fits(result *analysis.Result) error {
	oldest, newest, ok := result.Takes()
	switch {
	case !ok || newest < generatedVersion:
		return fmt.Errorf("wfe: this wfegen writes code of version %d, which the runtime that the module uses is too old for; "+
			"run wfegen as go tool wfegen, or upgrade the runtime: go get github.com/wfegen/wfe/runtime@latest", generatedVersion)
	case oldest > generatedVersion:
		return fmt.Errorf("wfe: this wfegen writes code of version %d, and the runtime that the module uses takes %d and later; "+
			"run the wfegen of its version: go get -tool github.com/wfegen/wfe/cmd/wfegen, then go tool wfegen", generatedVersion, oldest)
	}
	return nil
}

// Command wfelint reports what wfegen finds, as an analyzer: alone, or within go vet.
//
//	wfelint [-fix] [packages]
//	go vet -vettool=$(go tool -n wfelint) ./...
//
// With -fix it makes the changes that mend findings. Unlike wfegen it does not see packages that do not compile, nor whether
// generated code is up to date: wfegen check does.
package main

import (
	"golang.org/x/tools/go/analysis/multichecker"

	"github.com/wfegen/wfe/internal/analysis/lint"
)

func main() { multichecker.Main(lint.Analyzer) }

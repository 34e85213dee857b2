// Package templates holds the texts of generated files that are no Go logic: what stands above the package clause and
// above each section. One text per file, without comment markers; a text has no variables and no conditions.
package templates

import _ "embed"

// Header is the first line of a generated file.
//
//go:embed header.txt
var Header string

// Guard stands above what makes sure that the file and the runtime fit together.
//
//go:embed guard.txt
var Guard string

// The sections of a generated file, in their order.
var (
	//go:embed aliases.txt
	Aliases string
	//go:embed builders.txt
	Builders string
	//go:embed steps.txt
	Steps string
	//go:embed flows.txt
	Flows string
	//go:embed workflows.txt
	Workflows string
	//go:embed codecs.txt
	Codecs string
)

// The files of wfegen init: a command of module example.com/hello, and its package countdown.
var (
	//go:embed init/main.txt
	InitMain string
	//go:embed init/countdown.txt
	InitCountdown string
)

// Package load reads packages with directives, without needing them to compile.
//
// [Load] looks for wfe: comments in the directories that the patterns match, asks the go command for metadata (of
// the packages that have some, what is between them, and the runtime: never of ./...) and, beside that, for export data of what
// these import, parses, and checks declarations without bodies. A package with directives is not built for that: after a change
// it would take longer than all else, and often in vain. Packages with directives and all that import one of these are checked from source, in the
// order of their imports; everything else comes from export data through one importer. Files that wfegen wrote are left
// out everywhere, so a first run, an up-to-date tree and a stale one all look alike.
//
// [Program.Recheck] then checks the same packages once more, with bodies and with the generated files in memory.
//
// Nothing of the user's is run, no build tag is set and no overlay is used (go/packages distrusts all export data when
// there is one, which costs seconds). What directives mean is not this package's business.
package load

// Package source says whether two pieces of Go source are the same code. Both the
// generator, which records that, and tests, which compare with it, need to know.
package source

import (
	"crypto/sha256"
	"encoding/hex"
	"go/ast"
	"go/scanner"
	"go/token"
	"strings"
)

// Canonical returns source as its tokens, so that comments, spaces, line breaks, and
// the commas and semicolons that come and go with these make no difference.
func Canonical(src []byte) string { return canonical(src, 0) }

// Func returns the hash of a function: the first 8 bytes of a SHA-256 over its
// canonical source, in hex. Directives, in it and above it, count; other comments do
// not. src is the file that it stands in, as it was parsed into set with comments.
func Func(set *token.FileSet, src []byte, decl *ast.FuncDecl) string {
	pos := decl.Pos()
	if decl.Doc != nil {
		pos = decl.Doc.Pos()
	}
	file := set.File(pos)
	sum := sha256.Sum256([]byte(canonical(src[file.Offset(pos):file.Offset(decl.End())], scanner.ScanComments)))
	return hex.EncodeToString(sum[:8])
}

// directive begins a comment that wfegen reads.
const directive = "//wfe:"

// canonical is Canonical and, with comments, the directives among them.
func canonical(src []byte, mode scanner.Mode) string {
	var s scanner.Scanner
	set := token.NewFileSet()
	s.Init(set.AddFile("", set.Base(), len(src)), src, nil, mode)
	var b strings.Builder
	var held string
	for {
		_, tok, lit := s.Scan()
		switch tok {
		case token.EOF:
			return b.String()
		case token.COMMENT:
			if strings.HasPrefix(lit, directive) {
				b.WriteString("\n" + strings.TrimSpace(lit) + "\n")
			}
			continue
		case token.SEMICOLON:
			held = ";"
			continue
		case token.COMMA:
			held = ","
			continue
		case token.RPAREN, token.RBRACE, token.RBRACK:
			held = "" // what stands before a closing bracket is there for its line break
		}
		b.WriteString(held + " ")
		held = ""
		if tok.IsLiteral() {
			b.WriteString(lit)
		} else {
			b.WriteString(tok.String())
		}
	}
}

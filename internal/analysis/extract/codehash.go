package extract

import (
	"crypto/sha256"
	"encoding/hex"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/wfegen/wfe/internal/analysis/load"
	"github.com/wfegen/wfe/internal/source"
)

// codeHash computes hashes of the code of nodes: their functions with what these refer to in their package, functions,
// methods, constants and variables. The types of data are not part of it (they have fingerprints), nor is what other
// packages declare.
type codeHash struct {
	program *load.Program
	info    *types.Info
	files   map[string]*load.File // by name
	decls   map[token.Pos]piece   // by the position of the declared name
}

// piece is one of a file.
type piece struct {
	node ast.Node
	name string
	text []byte
}

func newCodeHash(p *load.Program, pkg *load.Package, bodies *types.Info) *codeHash {
	h := &codeHash{program: p, info: bodies, files: map[string]*load.File{}, decls: map[token.Pos]piece{}}
	for _, f := range pkg.Files {
		h.files[f.Name] = f
		for _, decl := range f.Syntax.Decls {
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				name := decl.Name.Name
				if decl.Recv != nil {
					name = receiver(decl) + "." + name
				}
				h.decls[decl.Name.Pos()] = piece{decl, name, h.text(decl.Type.Pos(), decl.End())}
			case *ast.GenDecl:
				h.values(decl)
			}
		}
	}
	return h
}

// values enters constants and variables. A group of constants counts as a whole, because of iota.
func (h *codeHash) values(decl *ast.GenDecl) {
	for _, spec := range decl.Specs {
		v, ok := spec.(*ast.ValueSpec)
		if !ok {
			continue
		}
		s := piece{node: v, text: h.text(v.Pos(), v.End())}
		if decl.Tok == token.CONST {
			s = piece{node: decl, text: h.text(decl.TokPos, decl.End())}
		}
		for _, name := range v.Names {
			s.name = name.Name
			h.decls[name.Pos()] = s
		}
	}
}

// text is the source from one place to another; nil where a syntax error has left one of them out.
func (h *codeHash) text(pos, end token.Pos) []byte {
	if !pos.IsValid() || end < pos {
		return nil
	}
	file := h.program.Fset.File(pos)
	return h.files[file.Name()].Src[file.Offset(pos):file.Offset(end)]
}

// of returns the hash of a node's code: the first 8 bytes of a SHA-256, in hex; "" for a node without any.
func (h *codeHash) of(n hashed) string {
	if len(n.wiring)+len(n.code) == 0 {
		return ""
	}
	lines := slices.Clone(n.wiring)
	var others []string
	seen := map[token.Pos]bool{}
	var follow func(n ast.Node)
	follow = func(n ast.Node) {
		ast.Inspect(n, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok {
				return true
			}
			obj := h.info.Uses[id]
			if f, ok := obj.(*types.Func); ok {
				obj = f.Origin()
			}
			if obj == nil || seen[obj.Pos()] {
				return true
			}
			if next, ok := h.decls[obj.Pos()]; ok {
				seen[obj.Pos()] = true
				others = append(others, next.name+" "+source.Canonical(next.text))
				follow(next.node)
			}
			return true
		})
	}
	for _, x := range n.code {
		lines = append(lines, source.Canonical(h.text(x.Pos(), x.End())))
		follow(x)
	}
	slices.Sort(others)
	sum := sha256.Sum256([]byte(strings.Join(append(lines, slices.Compact(others)...), "\n")))
	return hex.EncodeToString(sum[:8])
}

// function returns the hash of the source of a function.
func (h *codeHash) function(fn *ast.FuncDecl) string {
	file := h.program.Fset.File(fn.Pos())
	return source.Func(h.program.Fset, h.files[file.Name()].Src, fn)
}

package flow_test

import (
	"bytes"
	"go/scanner"
	"go/token"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/internal/analysis"
	"github.com/wfegen/wfe/internal/analysis/casetest"
	"github.com/wfegen/wfe/internal/analysis/load"
)

// TestNoSourceMakesTheAnalysisPanic takes tokens out of workflows, doubles them and puts others in their place: what is
// read then has errors of the compiler, or means something else, and is looked at all the same.
func TestNoSourceMakesTheAnalysisPanic(t *testing.T) {
	t.Parallel()
	dir := module(t, "testdata")
	zoo, err := os.ReadFile("../../../gen/flowzoo/zoo.go")
	require.NoError(t, err)
	require.NoError(t, os.Mkdir(filepath.Join(dir, "zoo"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "zoo", "zoo.go"), zoo, 0o644))
	r, err := analysis.Analyze(t.Context(), load.Config{Dir: dir, Patterns: []string{"./..."}, Env: casetest.Env()})
	require.NoError(t, err)
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.go"))
	require.NoError(t, err)
	random := rand.New(rand.NewPCG(1, 2))
	for range rounds {
		name := files[random.IntN(len(files))]
		src, err := os.ReadFile(name)
		require.NoError(t, err)
		changed := mutate(random, src)
		require.NotPanics(t, func() {
			if _, err := r.With(name, changed); err != nil {
				require.NotEmpty(t, err.Error())
			}
		}, "%s:\n%s", name, changed)
	}
}

const rounds = 12

// mutate changes a few tokens of Go source.
func mutate(random *rand.Rand, src []byte) []byte {
	var tokens [][]byte
	var s scanner.Scanner
	set := token.NewFileSet()
	s.Init(set.AddFile("", set.Base(), len(src)), src, nil, scanner.ScanComments)
	for {
		_, tok, lit := s.Scan()
		if tok == token.EOF {
			break
		}
		if lit == "" {
			lit = tok.String()
		}
		if tok == token.COMMENT {
			lit += "\n"
		}
		tokens = append(tokens, []byte(lit))
	}
	for range 1 + random.IntN(3) {
		i, j := random.IntN(len(tokens)), random.IntN(len(tokens))
		switch random.IntN(4) {
		case 0:
			tokens[i] = nil
		case 1:
			tokens[i] = append(append(bytes.Clone(tokens[i]), ' '), tokens[i]...)
		case 2:
			tokens[i] = tokens[j]
		case 3:
			tokens[i], tokens[j] = tokens[j], tokens[i]
		}
	}
	return bytes.Join(tokens, []byte(" "))
}

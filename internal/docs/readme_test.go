// Package docs holds the tests that keep the documents true.
package docs

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReadmeTutorialWorksInAnEmptyModule(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	dir := t.TempDir()
	mod := read(t, filepath.Join(root, "go.mod"))
	_, requires, _ := strings.Cut(mod, "require (")
	write(t, filepath.Join(dir, "go.mod"), "module example.com/hello\n\ngo 1.26.0\n\ntool github.com/wfegen/wfe/cmd/wfegen\n\n"+
		"require github.com/wfegen/wfe v0.0.0\n\nreplace github.com/wfegen/wfe => "+root+"\n\nrequire ("+requires)
	write(t, filepath.Join(dir, "go.sum"), read(t, filepath.Join(root, "go.sum")))
	for name, text := range files(t) {
		write(t, filepath.Join(dir, name), text)
	}
	sh(t, dir, "go", "generate", "./...")
	sh(t, dir, "go", "vet", "./...")
	commands := regexp.MustCompile("(?ms)^```sh\n(.*?)^```").FindStringSubmatch(read(t, "../../README.md"))
	require.NotNil(t, commands)
	build, rest, _ := strings.Cut(commands[1], "\n")
	sh(t, dir, "sh", "-c", build)
	first := kill(t, dir, "hello 2,", "./hello") // where the README waits for a time
	require.Contains(t, rest, "./hello & sleep 2.5; kill -9 $!\n./hello\n")
	second := sh(t, dir, "./hello")
	require.Contains(t, first, "hello 1, world")
	require.NotContains(t, second, "hello 1, world", "it began anew")
	require.Contains(t, second, "hello 5, world")
	require.Contains(t, second, "the last one: hello 5, world")
	require.Equal(t, "the last one: hello 5, world\n", sh(t, dir, "./hello"), "the instance is complete")
	tests := sh(t, dir, "go", "test", "-v", "./greet")
	require.Contains(t, tests, "--- PASS: TestHelloIsSaidSoManyTimes")
	require.Contains(t, tests, "--- PASS: TestHelloSurvivesEveryCrash/after_commit_2")
	sh(t, dir, "go", "tool", "wfegen", "check", "./...")
}

// kill runs a command, kills it when it has said so, and returns what it said.
func kill(t *testing.T, dir, said, name string) string {
	t.Helper()
	c := exec.Command(name)
	c.Dir = dir
	out, err := c.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, c.Start())
	var b strings.Builder
	for lines := bufio.NewScanner(out); lines.Scan(); {
		b.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), said) {
			require.NoError(t, c.Process.Kill())
		}
	}
	require.Error(t, c.Wait(), "%s was not killed: %s", name, b.String())
	return b.String()
}

func TestReadmeExcerptIsTheExample(t *testing.T) {
	t.Parallel()
	_, rest, ok := strings.Cut(read(t, "../../README.md"), "```go\n")
	require.True(t, ok)
	excerpt, _, _ := strings.Cut(rest, "```")
	require.Contains(t, read(t, "../../examples/order/pipeline/pipeline.go"), excerpt)
}

func TestReadmeCommandsAreTargets(t *testing.T) {
	t.Parallel()
	makefile := read(t, "../../Makefile")
	for _, doc := range []string{"../../README.md", "../../CONTRIBUTING.md", "../../ARCHITECTURE.md"} {
		for _, m := range regexp.MustCompile("(?m)(?:^    |`)make ([a-z-]+)").FindAllStringSubmatch(read(t, doc), -1) {
			require.Contains(t, makefile, "\n"+m[1]+":", "%s names `make %s`", doc, m[1])
		}
	}
}

// files returns the blocks of the README that say which file they are.
func files(t *testing.T) map[string]string {
	found := map[string]string{}
	for _, m := range regexp.MustCompile("(?ms)^```go (\\S+)\n(.*?)^```").FindAllStringSubmatch(read(t, "../../README.md"), -1) {
		found[m[1]] = m[2]
	}
	require.Len(t, found, 3)
	return found
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	require.NoError(t, err)
	return string(b)
}

func write(t *testing.T, file, text string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o700))
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
}

func sh(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	c := exec.Command(name, args...)
	c.Dir = dir
	c.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	out, err := c.CombinedOutput()
	require.NoError(t, err, "%s %s: %s", name, strings.Join(args, " "), out)
	return string(out)
}

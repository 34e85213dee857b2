package artifact_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/artifact"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv("WFE_TEST_WRITE"); dir != "" {
		if err := write(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	goleak.VerifyTestMain(m)
}

// write writes artifacts until it is killed, and says what was written; now and then it sweeps.
func write(dir string) error {
	ctx := context.Background()
	l, err := artifact.OpenLayout(dir, artifact.Config{})
	if err != nil {
		return err
	}
	for i := 0; ; i++ {
		text := io.MultiReader(strings.NewReader(fmt.Sprint(os.Getpid(), " ", i)), noise(rand.Int64N(200<<10)))
		a, err := l.Put(ctx, wfe.Artifact{Name: "n"}, text)
		if err != nil {
			return err
		}
		fmt.Println(a.Digest, a.Size)
		if i%5 == 4 {
			if _, err := l.Sweep(ctx, none); err != nil {
				return err
			}
		}
		if _, err := l.TempDir(); err != nil {
			return err
		}
	}
}

// TestKill_AtAnyPointLeavesAValidLayoutWithAllThatWasAcknowledged kills two
// processes that write to one layout, again and again.
func TestKill_AtAnyPointLeavesAValidLayoutWithAllThatWasAcknowledged(t *testing.T) {
	t.Parallel()
	kills := 8
	if s := os.Getenv("WFE_ARTIFACT_KILLS"); s != "" {
		var err error
		kills, err = strconv.Atoi(s)
		require.NoError(t, err)
	}
	dir := filepath.Join(t.TempDir(), "artifacts")
	var acked []wfe.Artifact
	for range kills {
		acked = append(acked, killed(t, dir)...)
		if len(acked) > 2000 { // the first ones were looked at often enough
			acked = acked[len(acked)-2000:]
		}
		tags := map[string]bool{}
		for _, tag := range valid(t, dir) {
			tags[tag] = true
		}
		for _, a := range acked {
			require.True(t, tags[strings.Replace(a.Digest, ":", "-", 1)], "%s was acknowledged", a.Digest)
		}
	}
	require.NotEmpty(t, acked)
	l := reopen(t, dir, artifact.Config{})
	for _, a := range acked {
		r, err := l.Open(t.Context(), a)
		require.NoError(t, err)
		require.NoError(t, r.Close())
	}
	age(t, dir)
	_, err := l.Sweep(t.Context(), none)
	require.NoError(t, err)
	require.Empty(t, valid(t, dir))
	require.Empty(t, files(t, dir+"/blobs"))
	require.Empty(t, files(t, dir+"/ingest"))
	t.Logf("%d kills, %d artifacts were acknowledged", 2*kills, len(acked))
}

// killed runs two writers, kills them at some point, and returns what they had
// acknowledged.
func killed(t *testing.T, dir string) (acked []wfe.Artifact) {
	t.Helper()
	var writers []*exec.Cmd
	var outs []*bufio.Reader
	for range 2 {
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), "WFE_TEST_WRITE="+dir)
		c.Stderr = os.Stderr
		out, err := c.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, c.Start())
		writers, outs = append(writers, c), append(outs, bufio.NewReader(out))
	}
	read := func(r *bufio.Reader) error {
		var a wfe.Artifact
		_, err := fmt.Fscanln(r, &a.Digest, &a.Size)
		if err == nil {
			acked = append(acked, a)
		}
		return err
	}
	for _, r := range outs { // each has begun
		require.NoError(t, read(r))
	}
	timer := time.NewTimer(time.Duration(rand.Int64N(int64(100 * time.Millisecond))))
	<-timer.C
	for _, c := range writers {
		require.NoError(t, c.Process.Kill())
	}
	for i, r := range outs {
		for read(r) == nil {
		}
		_ = writers[i].Wait()
	}
	return acked
}

package sqlite

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/store"
)

// child is what a child process does; it tells of it on standard output.
func child(job, db string) int {
	ctx := context.Background()
	s, err := Open(ctx, db, quick())
	if err != nil {
		fmt.Println("error", err)
		return 1
	}
	switch job {
	case "commit":
		err = childCommits(ctx, s)
	case "publish":
		err = childPublishes(ctx, s)
	}
	fmt.Println("end", err)
	return 0
}

// childCommits owns the store and starts one instance after the other. It says
// that it will before it does, and that it has after.
func childCommits(ctx context.Context, s *Store) error {
	l, err := s.Acquire(ctx, "child", nil)
	if err != nil {
		return err
	}
	for i := 0; ; i++ {
		id := fmt.Sprintf("%d-%d", l.Epoch, i)
		fmt.Println("try", id)
		b := store.Batch{Items: []store.Item{{Instance: row(id, 1)}}}
		_, err := s.Commit(ctx, l, b)
		for n := 0; n < 10 && errors.Is(err, store.ErrUnknown); n++ {
			_, err = s.Settle(ctx, l, b)
		}
		if err != nil {
			return err
		}
		fmt.Println("ack", id)
	}
}

func childPublishes(ctx context.Context, s *Store) error {
	for i := range 300 {
		from := time.Now()
		seqs, err := s.Publish(ctx, []store.Event{{Name: "n", Key: "k"}})
		if err != nil {
			return err
		}
		if err := s.Post(ctx, []store.Msg{{Request: fmt.Sprint(i)}}); err != nil {
			return err
		}
		fmt.Println("ack", seqs[0], time.Since(from).Milliseconds())
	}
	return nil
}

// process is a running child.
type process struct {
	*exec.Cmd
	lines *bufio.Scanner
}

func spawn(t *testing.T, job, db string) *process {
	t.Helper()
	p := &process{Cmd: exec.CommandContext(t.Context(), os.Args[0])}
	p.Env = append(os.Environ(), childEnv+"="+job, childEnv+"_DB="+db)
	out, err := p.StdoutPipe()
	require.NoError(t, err)
	p.Stderr = os.Stderr
	require.NoError(t, p.Start())
	p.lines = bufio.NewScanner(out)
	return p
}

// next returns the next line that begins with word, without it.
func (p *process) next(word string) (string, bool) {
	for p.lines.Scan() {
		if rest, ok := strings.CutPrefix(p.lines.Text(), word+" "); ok {
			return rest, true
		}
	}
	return "", false
}

func TestWhatWasAcknowledgedSurvivesAKill(t *testing.T) {
	t.Parallel()
	db := filepath.Join(t.TempDir(), "wfe.db")
	acked := map[string]bool{}
	tried := map[string]bool{}
	for round := range 12 {
		p := spawn(t, "commit", db)
		for n := 0; n <= round*3; {
			require.True(t, p.lines.Scan())
			word, id, _ := strings.Cut(p.lines.Text(), " ")
			switch word {
			case "try":
				tried[id] = true
			case "ack":
				acked[id] = true
				n++
			default:
				require.Fail(t, p.lines.Text())
			}
		}
		require.NoError(t, p.Process.Kill())
		for p.lines.Scan() { // what it said before it died
			word, id, _ := strings.Cut(p.lines.Text(), " ")
			tried[id] = true
			if word == "ack" {
				acked[id] = true
			}
		}
		require.Error(t, p.Wait())
	}
	s := openAt(t, db, quick())
	keys, err := s.Ready(t.Context(), 0, 1_000_000)
	require.NoError(t, err)
	for _, k := range keys {
		require.True(t, tried[k.ID])
		delete(acked, k.ID)
	}
	require.Empty(t, acked, "acknowledged and lost")
}

func TestAnotherProcessPublishesBesideAnOwnerThatCommitsAllTheTime(t *testing.T) {
	t.Parallel()
	db := filepath.Join(t.TempDir(), "wfe.db")
	s := openAt(t, db, quick())
	l, err := s.Acquire(t.Context(), "owner", nil)
	require.NoError(t, err)
	p := spawn(t, "publish", db)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		var batch store.Batch
		for i := range 32 {
			batch.Items = append(batch.Items, store.Item{Instance: row(fmt.Sprint(i), 1)})
		}
		for n := uint64(1); ctx.Err() == nil; n++ {
			for _, it := range batch.Items {
				it.Instance.Rev = n
			}
			if _, err := s.Commit(t.Context(), l, batch); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	n, slowest := 0, 0
	for line, ok := p.next("ack"); ok; line, ok = p.next("ack") {
		var seq, ms int
		_, err := fmt.Sscan(line, &seq, &ms)
		require.NoError(t, err)
		n, slowest = n+1, max(slowest, ms)
	}
	require.NoError(t, p.Wait())
	stop()
	require.NoError(t, <-done)
	require.Equal(t, 300, n)
	t.Logf("slowest Publish and Post: %d ms", slowest)
	events, err := s.Undelivered(t.Context(), 0, 1000)
	require.NoError(t, err)
	require.Len(t, events, 300)
	msgs, err := s.Inbox(t.Context(), 0, 1000)
	require.NoError(t, err)
	require.Len(t, msgs, 300)
}

package wfetest_test

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/artifact"
	"github.com/wfegen/wfe/runtime/wfetest"
)

// note is the data of a workflow whose steps hand on an artifact.
type note struct {
	Text string
	File wfe.Artifact
}

// Save keeps a text.
type Save struct {
	Text string
	File wfe.Artifact `wfe:"out"`
}

func (s *Save) Run(ctx context.Context) (err error) {
	s.File, err = wfe.VolumeOf(ctx).Write("note.txt", "text/plain", strings.NewReader(s.Text))
	return err
}

// Load reads it.
type Load struct {
	File wfe.Artifact
	Text string `wfe:"out"`
}

func (s *Load) Run(ctx context.Context) error {
	r, err := wfe.VolumeOf(ctx).Open(s.File)
	if err != nil {
		return err
	}
	defer r.Close()
	text, err := io.ReadAll(r)
	s.Text = string(text)
	return err
}

func keepNote(w *wfe.Flow, n *note) {
	save := wfe.Do(w, Save{Text: n.Text})
	n.File = save.File
	n.Text = ""
	load := wfe.Do(w, Load{File: n.File})
	n.Text = load.Text
}

func TestRun_HasArtifactsWhereAStoreIsAmongTheParts(t *testing.T) {
	t.Parallel()
	l, err := artifact.OpenLayout(t.TempDir(), artifact.Config{})
	require.NoError(t, err)
	defer l.Close()
	n := note{Text: "hello"}
	out := wfetest.Run(t, keepNote, &n, Save{}, Load{}, l)
	require.NoError(t, out.Err())
	require.Equal(t, "hello", n.Text)
	require.Equal(t, "note.txt", n.File.Name)
}

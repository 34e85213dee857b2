package poll

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func local() []netip.Prefix { return prefixes("127.0.0.1/32") }

func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func TestDo_SendsTheRequestAndReadsTheAnswer(t *testing.T) {
	t.Parallel()
	u := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.WriteHeader(http.StatusAccepted)
		_, _ = fmt.Fprintf(w, "%s %s %s %s", r.Method, r.URL, r.Header.Get("X-Key"), body)
	})
	r, err := NewClient(local()).Do(t.Context(), Request{Method: "POST", URL: u + "/a?b=c", Header: []Field{{"X-Key", "k"}}, Body: "{}"})
	require.NoError(t, err)
	require.Equal(t, Response{202, []byte("POST /a?b=c k {}")}, r)
	back, err := Decode(r.Encode())
	require.NoError(t, err)
	require.Equal(t, r, back)
}

func TestDo_BoundsTheAnswer(t *testing.T) {
	t.Parallel()
	u := serve(t, func(w http.ResponseWriter, r *http.Request) {
		n := MaxBody
		if r.URL.Path != "/fits" {
			n++
		}
		if r.URL.Path != "/zipped" {
			_, _ = w.Write(make([]byte, n))
			return
		}
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = z.Write(make([]byte, n))
		_ = z.Close()
	})
	c := NewClient(local())
	r, err := c.Do(t.Context(), Request{Method: "GET", URL: u + "/fits"})
	require.NoError(t, err)
	require.Len(t, r.Body, MaxBody)
	for _, path := range []string{"/long", "/zipped"} {
		_, err = c.Do(t.Context(), Request{Method: "GET", URL: u + path})
		require.ErrorContains(t, err, "longer than 1048576 bytes")
	}
}

func TestDo_EndsWithItsContext(t *testing.T) {
	t.Parallel()
	u := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := NewClient(local()).Do(ctx, Request{Method: "GET", URL: u + "/?token=secret"})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.NotContains(t, err.Error(), "secret")
	require.False(t, Permanent(err))
}

func TestDo_FollowsThreeRedirects(t *testing.T) {
	t.Parallel()
	u := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if n := len(r.URL.Path) - 1; n > 0 {
			http.Redirect(w, r, r.URL.Path[:n], http.StatusFound)
			return
		}
		_, _ = fmt.Fprint(w, r.Header.Get("Authorization"), r.Header.Get("Referer"))
	})
	c := NewClient(local())
	r, err := c.Do(t.Context(), Request{Method: "GET", URL: u + "/aaa", Header: []Field{{"Authorization", "Bearer x"}}})
	require.NoError(t, err)
	require.Equal(t, "Bearer x", string(r.Body), "the endpoint's own server")
	_, err = c.Do(t.Context(), Request{Method: "GET", URL: u + "/aaaa"})
	require.ErrorContains(t, err, "there were 3 before it")
	require.True(t, Permanent(err))
}

func TestDo_RefusesRedirectsThatLeadAway(t *testing.T) {
	t.Parallel()
	came := 0
	inside := serve(t, func(http.ResponseWriter, *http.Request) { came++ })
	port := inside[strings.LastIndexByte(inside, ':')+1:]
	for to, want := range map[string]string{
		"http://127.0.0.2:" + port:           "is not followed",
		"http://169.254.169.254/latest":      "is not public",
		"http://[::1]/":                      "is not public",
		"http://localhost.test/":             "is not public",
		"file:///etc/passwd":                 "is not followed",
		"gopher://127.0.0.1:" + port:         "is not followed",
		"http://u:p@127.0.0.1:" + port + "/": "is not followed",
		"http://127.0.0.1:22/":               "the ports 80 and 443",
	} {
		u := serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", to)
			w.WriteHeader(http.StatusFound)
		})
		dns := &names{addresses: map[string][]string{"localhost.test": {"10.0.0.1"}}}
		_, err := newClient(local(), dns.resolver()).Do(t.Context(), Request{Method: "GET", URL: u})
		require.ErrorContains(t, err, want, to)
		require.True(t, Permanent(err), to)
		require.NotContains(t, err.Error(), "u:p@")
	}
	require.Zero(t, came)
}

func TestDo_KeepsHeadersAndBodyFromOtherServers(t *testing.T) {
	t.Parallel()
	var port string
	var got http.Header
	u := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Host == "there.test:"+port {
			got = r.Header
			return
		}
		code := http.StatusFound
		if r.Method == "POST" {
			code = http.StatusTemporaryRedirect
		}
		http.Redirect(w, r, "http://there.test:"+port, code)
	})
	_, port, _ = net.SplitHostPort(strings.TrimPrefix(u, "http://"))
	dns := &names{addresses: map[string][]string{"there.test": {"127.0.0.1"}}}
	c := newClient(local(), dns.resolver())
	_, err := c.Do(t.Context(), Request{Method: "GET", URL: u + "/?token=x", Header: []Field{{"Authorization", "a"}, {"X-Api-Key", "b"}, {"Cookie", "c=d"}}})
	require.NoError(t, err)
	for _, name := range []string{"Authorization", "X-Api-Key", "Cookie", "Referer"} {
		require.Empty(t, got.Get(name), name)
	}
	got = nil
	_, err = c.Do(t.Context(), Request{Method: "POST", URL: u, Body: `{"secret":1}`})
	require.ErrorContains(t, err, "the body is meant for the endpoint's own server")
	require.Nil(t, got)
}

func TestFollow_StaysEncrypted(t *testing.T) {
	t.Parallel()
	first, err := http.NewRequest("GET", "https://a.test/", nil)
	require.NoError(t, err)
	next, err := http.NewRequest("GET", "http://a.test/", nil)
	require.NoError(t, err)
	require.ErrorContains(t, follow(next, []*http.Request{first}), "it is not encrypted")
}

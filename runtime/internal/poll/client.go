package poll

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// MaxRedirects is how many redirects of one request are followed.
const MaxRedirects = 3

// RedirectError says that a redirect is not followed.
type RedirectError struct{ To, Why string }

func (e *RedirectError) Error() string {
	return fmt.Sprintf("the redirect to %s is not followed: %s", e.To, e.Why)
}

// Client makes requests.
type Client struct{ http http.Client }

// NewClient returns a client that reaches public addresses and those that are
// allowed. It takes no proxy from the environment and keeps no connection.
func NewClient(allow []netip.Prefix) *Client { return newClient(allow, nil) }

func newClient(allow []netip.Prefix, resolver *net.Resolver) *Client {
	dialer := &net.Dialer{Control: guard{allow}.control, Resolver: resolver}
	return &Client{http.Client{
		CheckRedirect: follow,
		Transport: &http.Transport{
			DialContext:            dialer.DialContext,
			DisableKeepAlives:      true,
			MaxResponseHeaderBytes: 64 << 10,
		},
	}}
}

// Do makes one request and reads its answer.
func (c *Client) Do(ctx context.Context, r Request) (Response, error) {
	if err := checkURL(r.URL); err != nil {
		return Response{}, err
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, r.URL, strings.NewReader(r.Body))
	if err != nil {
		return Response{}, err
	}
	if r.Body == "" {
		req.Body, req.GetBody, req.ContentLength = nil, nil, 0
	}
	for _, f := range r.Header {
		req.Header.Set(f.Name, f.Value)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return Response{}, plain(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, MaxBody+1))
	switch {
	case err != nil:
		return Response{}, fmt.Errorf("reading the answer: %w", plain(err))
	case len(body) > MaxBody:
		return Response{}, fmt.Errorf("the answer is longer than %d bytes", MaxBody)
	}
	return Response{res.StatusCode, body}, nil
}

// plain takes the URL out of an error: there may be secrets in its query.
func plain(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// Permanent reports whether an error of Do comes again however often it is tried.
func Permanent(err error) bool {
	var address *AddressError
	var redirect *RedirectError
	var bad *urlError
	return errors.As(err, &address) || errors.As(err, &redirect) || errors.As(err, &bad)
}

// urlError says what is wrong with a URL.
type urlError struct{ text string }

func (e *urlError) Error() string { return e.text }

// checkURL reports a URL that is not to be asked.
func checkURL(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return &urlError{"the URL is not one"} // its text may hold secrets
	case u.Scheme != "http" && u.Scheme != "https":
		return &urlError{fmt.Sprintf("the URL begins with %q, not with http:// or https://", u.Scheme)}
	case u.Host == "" || u.Hostname() == "":
		return &urlError{"the URL names no host"}
	case u.User != nil:
		return &urlError{"the URL holds a user or a password; use a header for that"}
	}
	return nil
}

// follow looks at a redirect before it is followed. The headers and the body of the
// endpoint stay with the server that they were meant for.
func follow(req *http.Request, via []*http.Request) error {
	to := func(why string) error { return &RedirectError{req.URL.Redacted(), why} }
	if len(via) > MaxRedirects {
		return to(fmt.Sprintf("there were %d before it", MaxRedirects))
	}
	if err := checkURL(req.URL.String()); err != nil {
		return to(err.Error())
	}
	req.Header.Del("Referer")
	first := via[0].URL
	if first.Scheme == "https" && req.URL.Scheme == "http" {
		return to("it is not encrypted, and the endpoint is")
	}
	away := false
	for _, r := range append(via[1:len(via):len(via)], req) {
		away = away || origin(r.URL) != origin(first)
	}
	if !away {
		return nil
	}
	if port := req.URL.Port(); port != "" && port != "80" && port != "443" && port != first.Port() {
		return to("another server is followed to the ports 80 and 443, and to the endpoint's own")
	}
	if req.Body != nil && req.Body != http.NoBody {
		return to("the body is meant for the endpoint's own server")
	}
	req.Header = http.Header{}
	return nil
}

// origin names a server.
func origin(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return u.Scheme + "://" + net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

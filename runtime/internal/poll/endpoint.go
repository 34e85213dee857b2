package poll

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Endpoint is what a Poll node asks, and until when. Its URL, the values of its
// headers and its body may have placeholders: {order.id} stands for what the data
// has there, by the names of its JSON. A value is escaped for the place where it
// stands.
type Endpoint struct {
	Method string            // default: GET, with a body POST
	URL    string            // http:// or https://; placeholders in its path and its query
	Header map[string]string // Authorization, Accept ...; a value with a line break is refused
	// Body is JSON, where a placeholder stands for a value, or, inside a string, for
	// its text. Of another type, which the header Content-Type says, it is sent as it is.
	Body string

	Until    Condition
	Interval time.Duration // from the end of a request to the next one; default 10 s
	Timeout  time.Duration // of all of it; it has to be set
	Each     time.Duration // of one request; default 10 s
}

// Defaults of an Endpoint.
const (
	defaultInterval = 10 * time.Second
	defaultEach     = 10 * time.Second
)

// Compiled is an Endpoint that was checked.
type Compiled struct {
	Interval, Timeout, Each time.Duration

	method  string
	url     template
	header  []headerTemplate
	body    template
	matcher matcher
}

type headerTemplate struct {
	name  string
	value template
}

// Compile checks e. has reports whether data has something that a placeholder can
// stand for at a path.
func Compile(e Endpoint, has func(path []string) bool) (*Compiled, error) {
	c := &Compiled{Interval: e.Interval, Timeout: e.Timeout, Each: e.Each, method: e.Method}
	if c.Interval == 0 {
		c.Interval = defaultInterval
	}
	if c.Each == 0 {
		c.Each = defaultEach
	}
	if c.Interval < 0 || c.Each < 0 || c.Timeout <= 0 {
		return nil, errors.New("its Timeout has to be set, and no duration may be below 0")
	}
	var errs []error
	check := func(err error) {
		if err != nil {
			errs = append(errs, err)
		}
	}
	var err error
	c.url, err = urlTemplate(e.URL, has)
	check(err)
	check(c.setHeader(e.Header, has))
	check(c.setBody(e, has))
	c.matcher, err = e.Until.matcher()
	check(err)
	if c.method == "" {
		c.method = http.MethodGet
		if e.Body != "" {
			c.method = http.MethodPost
		}
	}
	if !token(c.method) || c.method == http.MethodConnect || c.method == http.MethodTrace {
		check(fmt.Errorf("its method %q cannot be used", c.method))
	}
	return c, errors.Join(errs...)
}

// managed are the headers that are the client's own business.
func managed() []string {
	return []string{"Host", "Connection", "Content-Length", "Transfer-Encoding", "Te", "Trailer", "Upgrade", "Keep-Alive", "Proxy-Connection", "Proxy-Authorization"}
}

func (c *Compiled) setHeader(header map[string]string, has func([]string) bool) error {
	var errs []error
	for name, value := range header {
		canonical := http.CanonicalHeaderKey(name)
		t, err := parse(value, has, func(int) place { return inHeader })
		switch {
		case !token(name):
			err = fmt.Errorf("%q cannot be a header", name)
		case slices.Contains(managed(), canonical):
			err = fmt.Errorf("the header %s cannot be set", canonical)
		case err == nil && !headerValue(value):
			err = fmt.Errorf("the header %s has a line break in it", canonical)
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		c.header = append(c.header, headerTemplate{canonical, t})
	}
	slices.SortFunc(c.header, func(a, b headerTemplate) int { return strings.Compare(a.name, b.name) })
	for i := 1; i < len(c.header); i++ {
		if c.header[i].name == c.header[i-1].name {
			errs = append(errs, fmt.Errorf("the header %s is there twice", c.header[i].name))
		}
	}
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(errs...)
}

func (c *Compiled) setBody(e Endpoint, has func([]string) bool) (err error) {
	if e.Body == "" {
		return nil
	}
	i := slices.IndexFunc(c.header, func(h headerTemplate) bool { return h.name == "Content-Type" })
	if i < 0 {
		c.header = append(c.header, headerTemplate{"Content-Type", template{{text: "application/json"}}})
	} else if kind, _, _ := strings.Cut(c.header[i].value.constant(), ";"); strings.TrimSpace(kind) != "application/json" && !strings.HasSuffix(strings.TrimSpace(kind), "+json") {
		if c.body, err = parse(e.Body, has, func(int) place { return inBody }); err == nil && !c.body.fixed() {
			return errors.New("its body is not JSON by its Content-Type, and has placeholders, which cannot be escaped there")
		}
		c.body = template{{text: e.Body}}
		return nil
	}
	c.body, err = bodyTemplate(e.Body, has)
	return err
}

// Fill makes the request of the data, which is JSON.
func (c *Compiled) Fill(data []byte) (Request, error) {
	values, err := read(data)
	if err != nil {
		return Request{}, err
	}
	r := Request{Method: c.method}
	if r.URL, err = c.url.fill(values); err != nil {
		return r, err
	}
	if err := checkSegments(r.URL, c.url); err != nil {
		return r, err
	}
	for _, h := range c.header {
		v, err := h.value.fill(values)
		if err != nil {
			return r, fmt.Errorf("the header %s: %w", h.name, err)
		}
		r.Header = append(r.Header, Field{h.name, v})
	}
	r.Body, err = c.body.fill(values)
	return r, err
}

// Miss says what of an answer is not as it is waited for; "" when it is the one.
func (c *Compiled) Miss(r Response) string { return c.matcher.miss(r) }

// urlTemplate checks that placeholders stand in the path and the query alone: what
// the data says cannot choose the server.
func urlTemplate(text string, has func([]string) bool) (template, error) {
	scheme := strings.Index(text, "://")
	if scheme < 0 {
		return nil, errors.New("its URL begins with http:// or https://")
	}
	start := len(text)
	if i := strings.IndexAny(text[scheme+3:], "/?#"); i >= 0 {
		start = scheme + 3 + i
	}
	query := len(text)
	if i := strings.IndexByte(text, '?'); i >= 0 {
		query = i
	}
	t, err := parse(text, has, func(at int) place {
		switch {
		case at < start:
			return nowhere
		case at < query:
			return inPath
		}
		return inQuery
	})
	if err != nil {
		return nil, err
	}
	if strings.Contains(text, "#") {
		return nil, errors.New("its URL has a fragment, which is not sent")
	}
	if strings.ContainsAny(text, "\\ \t\r\n") {
		return nil, errors.New("its URL has a blank or a backslash in it")
	}
	if err := checkURL(t.with("x")); err != nil {
		return nil, fmt.Errorf("its URL: %w", err)
	}
	return t, nil
}

// checkSegments refuses a filled URL in which a value made a segment "." or "..",
// which would lead to another place.
func checkSegments(filled string, t template) error {
	dots := func(text string) (n int) {
		u, err := url.Parse(text)
		if err != nil {
			return -1
		}
		for seg := range strings.SplitSeq(u.Path, "/") {
			if seg == "." || seg == ".." {
				n++
			}
		}
		return n
	}
	if dots(filled) != dots(t.with("x")) {
		return errors.New("a value makes a segment of the URL's path that leads elsewhere")
	}
	return nil
}

func token(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`()<>@,;:\"/[]?={}`, r)
	}) < 0
}

// headerValue reports whether s can stand in a header: no line breaks and no
// other control characters.
func headerValue(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) < 0
}

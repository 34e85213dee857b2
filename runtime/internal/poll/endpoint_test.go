package poll

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func has(path []string) bool {
	p := strings.Join(path, ".")
	return p == "id" || p == "customer.name" || p == "cents" || p == "ok"
}

func endpoint(change func(e *Endpoint)) Endpoint {
	e := Endpoint{URL: "https://api.test/orders/{id}?name={customer.name}", Timeout: time.Minute}
	change(&e)
	return e
}

func fill(t *testing.T, e Endpoint, data string) (Request, error) {
	t.Helper()
	c, err := Compile(e, has)
	require.NoError(t, err)
	return c.Fill([]byte(data))
}

func TestFill_EscapesForThePlace(t *testing.T) {
	t.Parallel()
	r, err := fill(t, endpoint(func(e *Endpoint) {
		e.Header = map[string]string{"x-name": "n={customer.name}"}
		e.Body = `{"a":"x{customer.name}y","b":{cents},"c":[{ok},{id}],"{id}":1}`
	}), `{"id":"a/b?c#d","cents":12345678901234567890,"ok":true,"customer":{"name":"O\"Brien & Söhne=1"}}`)
	require.NoError(t, err)
	require.Equal(t, "POST", r.Method)
	require.Equal(t, "https://api.test/orders/a%2Fb%3Fc%23d?name=O%22Brien+%26+S%C3%B6hne%3D1", r.URL)
	require.Equal(t, []Field{{"X-Name", `n=O"Brien & Söhne=1`}, {"Content-Type", "application/json"}}, r.Header)
	require.JSONEq(t, `{"a":"xO\"Brien & Söhne=1y","b":12345678901234567890,"c":[true,"a/b?c#d"],"a/b?c#d":1}`, r.Body)
}

func TestFill_RefusesValuesThatLeadElsewhere(t *testing.T) {
	t.Parallel()
	plain := endpoint(func(*Endpoint) {})
	for data, want := range map[string]string{
		`{"id":".."}`:               "leads elsewhere",
		`{"id":"."}`:                "leads elsewhere",
		`{"id":"../admin"}`:         "leads elsewhere",
		`{"id":"x/../../admin"}`:    "leads elsewhere",
		`{"id":""}`:                 "it is empty, and stands in a path",
		`{}`:                        "it is empty, and stands in a path",
		`{"id":{"a":1}}`:            "is not a text, a number or a bool",
		`{"id":"a","customer":"x"}`: "the data has no such field",
		`[]`:                        "no object of JSON",
	} {
		_, err := fill(t, plain, data)
		require.ErrorContains(t, err, want, data)
	}
	for _, v := range []string{`a\r\nHost: evil`, `a\nb`, `a\rb`, `a\u0000b`, `a\u007fb`} {
		_, err := fill(t, endpoint(func(e *Endpoint) { e.Header = map[string]string{"X-Id": "{customer.name}"} }), `{"id":"a","customer":{"name":"`+v+`"}}`)
		require.ErrorContains(t, err, "line break", v)
	}
}

func TestCompile_RefusesWhatCannotBe(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(e *Endpoint){
		"the placeholder {nothing} is not in the data":    func(e *Endpoint) { e.URL = "http://a.test/{nothing}" },
		"{customer} is not in the data":                   func(e *Endpoint) { e.Body = `{"a":{customer}}` },
		"{other} is not in the data":                      func(e *Endpoint) { e.Header = map[string]string{"A": "{other}"} },
		"the data may not choose the server":              func(e *Endpoint) { e.URL = "http://{id}/" },
		"{id} stands before the path":                     func(e *Endpoint) { e.URL = "http://a.test:{id}/x" },
		"{ok} stands before the path":                     func(e *Endpoint) { e.URL = "{ok}://a.test/" },
		"its URL begins with http:// or https://":         func(e *Endpoint) { e.URL = "a.test/x" },
		`the URL begins with "ftp"`:                       func(e *Endpoint) { e.URL = "ftp://a.test/x" },
		"the URL names no host":                           func(e *Endpoint) { e.URL = "http:///x" },
		"a user or a password":                            func(e *Endpoint) { e.URL = "http://u:p@a.test/x" },
		"a fragment":                                      func(e *Endpoint) { e.URL = "http://a.test/x#y" },
		"a blank or a backslash":                          func(e *Endpoint) { e.URL = `http://a.test\@b.test/x` },
		"its Timeout has to be set":                       func(e *Endpoint) { e.Timeout = 0 },
		"no duration may be below 0":                      func(e *Endpoint) { e.Interval = -1 },
		`its method "GET /" cannot be used`:               func(e *Endpoint) { e.Method = "GET /" },
		`its method "CONNECT" cannot be used`:             func(e *Endpoint) { e.Method = "CONNECT" },
		"the header Host cannot be set":                   func(e *Endpoint) { e.Header = map[string]string{"host": "b.test"} },
		"the header X has a line break":                   func(e *Endpoint) { e.Header = map[string]string{"x": "a\r\nb"} },
		`"a b" cannot be a header`:                        func(e *Endpoint) { e.Header = map[string]string{"a b": "c"} },
		"the header X-A is there twice":                   func(e *Endpoint) { e.Header = map[string]string{"x-a": "c", "X-A": "d"} },
		"its body is not JSON; set the header":            func(e *Endpoint) { e.Body = "a={id}" },
		"has placeholders, which cannot be escaped there": func(e *Endpoint) { e.Body, e.Header = "a={id}", map[string]string{"Content-Type": "text/plain"} },
		"its status 1 is none":                            func(e *Endpoint) { e.Until.Status = 1 },
		"it has Equals and no Path":                       func(e *Endpoint) { e.Until.Equals = 1 },
		`its path "a..b" is none`:                         func(e *Endpoint) { e.Until.Path = "a..b" },
		`its path "a[x]" is none`:                         func(e *Endpoint) { e.Until.Path = "a[x]" },
		"unsupported type":                                func(e *Endpoint) { e.Until = Condition{Path: "a", Equals: func() {}} },
	} {
		_, err := Compile(endpoint(change), has)
		require.ErrorContains(t, err, want)
	}
}

func TestCompile_SendsOtherBodiesAsTheyAre(t *testing.T) {
	t.Parallel()
	r, err := fill(t, endpoint(func(e *Endpoint) {
		e.Method, e.Body, e.Header = "PUT", "a=b", map[string]string{"content-type": "application/x-www-form-urlencoded"}
	}), `{"id":7}`)
	require.NoError(t, err)
	require.Equal(t, Request{Method: "PUT", URL: "https://api.test/orders/7?name=", Header: []Field{{"Content-Type", "application/x-www-form-urlencoded"}}, Body: "a=b"}, r)
}

func TestCondition_SaysWhatIsNotAsItIsWaitedFor(t *testing.T) {
	t.Parallel()
	body := `{"order":{"lines":[{"state":"new"},{"state":"done","n":1.0,"big":9007199254740993}],"null":null,"tags":["a","b"]}}`
	for name, c := range map[string]struct {
		until  Condition
		status int
		want   string
	}{
		"any success":          {Condition{}, 204, ""},
		"no success":           {Condition{}, 302, "the status is 302"},
		"status":               {Condition{Status: 404}, 404, ""},
		"another status":       {Condition{Status: 404}, 200, "the status is 200"},
		"contains":             {Condition{Contains: "done"}, 200, ""},
		"contains not":         {Condition{Contains: "gone"}, 200, `the body does not contain "gone"`},
		"path":                 {Condition{Path: "order.lines[1].state", Equals: "done"}, 200, ""},
		"path with a dollar":   {Condition{Path: "$.order.lines[0].state", Equals: "new"}, 200, ""},
		"another value":        {Condition{Path: "order.lines[0].state", Equals: "done"}, 200, "another value"},
		"a number":             {Condition{Path: "order.lines[1].n", Equals: 1}, 200, ""},
		"digits count":         {Condition{Path: "order.lines[1].big", Equals: 9007199254740992}, 200, "another value"},
		"a large number":       {Condition{Path: "order.lines[1].big", Equals: 9007199254740993}, 200, ""},
		"null":                 {Condition{Path: "order.null"}, 200, ""},
		"a list":               {Condition{Path: "order.tags", Equals: []string{"a", "b"}}, 200, ""},
		"a number is no text":  {Condition{Path: "order.lines[1].n", Equals: "1"}, 200, "another value"},
		"nothing there":        {Condition{Path: "order.state", Equals: nil}, 200, "there is nothing at order.state"},
		"beyond the list":      {Condition{Path: "order.tags[2]", Equals: "c"}, 200, "there is nothing"},
		"path, another status": {Condition{Path: "order.lines[1].state", Equals: "done"}, 500, "the status is 500"},
		"all has to hold":      {Condition{Status: 200, Path: "order.tags[0]", Equals: "a", Contains: "zzz"}, 200, "does not contain"},
	} {
		m, err := c.until.matcher()
		require.NoError(t, err, name)
		got := m.miss(Response{c.status, []byte(body)})
		if c.want == "" {
			require.Empty(t, got, name)
		} else {
			require.Contains(t, got, c.want, name)
		}
	}
	m, err := Condition{Path: "a", Equals: 1}.matcher()
	require.NoError(t, err)
	require.Contains(t, m.miss(Response{200, []byte("<html>")}), "the body is not JSON")
}

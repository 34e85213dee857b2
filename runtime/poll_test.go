package wfe_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/codec"
	"github.com/wfegen/wfe/runtime/store/memory"
)

// pollHost starts a host that may reach this machine.
func pollHost(t *testing.T, st *memory.Store, build func(b *builder)) *wfe.Host {
	t.Helper()
	return rig{build: build, do: out}.host(t, st, wfe.Config{PollAllow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
}

// answers is a server that gives one answer after the other, the last one for ever.
func answers(t *testing.T, list ...string) (url string, asked *atomic.Int32) {
	t.Helper()
	asked = new(atomic.Int32)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := list[min(int(asked.Add(1)), len(list))-1]
		if answer == "hang up" {
			panic(http.ErrAbortHandler)
		}
		_, _ = fmt.Fprint(w, answer, r.URL.Path)
	}))
	t.Cleanup(s.Close)
	return s.URL, asked
}

func TestPoll_AsksUntilTheAnswerIsTheOne(t *testing.T) {
	t.Parallel()
	url, asked := answers(t, "new", "hang up", "done")
	h := pollHost(t, memory.New(), func(b *builder) {
		b.Poll("ready", wfe.Endpoint{URL: url + "/{Key}", Interval: 10 * time.Millisecond, Timeout: time.Minute, Until: wfe.Condition{Contains: "done"}},
			func(d *data, r *wfe.Response) { d.Log = append(d.Log, fmt.Sprint(r.Status, " ", string(r.Body))) })
		b.task("after")
	})
	require.Equal(t, []string{"200 done/a/b", "after"}, completes(t, begin(t, h, "p", data{Key: "a/b"})))
	require.EqualValues(t, 3, asked.Load())
}

func TestPoll_ItsTimeoutIsAnErrorThatSaysWhatWasMissing(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]string{"new": "the body does not contain \"done\"", "hang up": "EOF"} {
		url, asked := answers(t, answer)
		h := pollHost(t, memory.New(), func(b *builder) {
			b.Poll("ready", wfe.Endpoint{URL: url, Interval: 10 * time.Millisecond, Timeout: time.Second, Until: wfe.Condition{Contains: "done"}}).
				OnError(wfe.RetryPolicy{Then: wfe.Terminate})
		})
		start := time.Now()
		_, err := begin(t, h, "p", data{}).Wait(t.Context())
		require.ErrorContains(t, err, "the answer did not come within 1s")
		require.ErrorContains(t, err, want)
		require.GreaterOrEqual(t, time.Since(start), time.Second)
		require.Greater(t, asked.Load(), int32(1))
	}
}

// Middleware sees each request and may add headers; what it says instead of an answer
// counts as an error of the network does, unless it is permanent.
func TestPollMiddleware_WrapsRequestsInOrder(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprint(w, "done by ", r.Header.Get("From"), " for ", r.Header.Get("To"))
	}))
	t.Cleanup(s.Close)
	var n notes
	around := func(name, header string) wfe.PollMiddleware {
		asked := 0
		return func(next wfe.PollFunc) wfe.PollFunc {
			return func(ctx wfe.StepContext, r wfe.PollRequest) (wfe.Response, error) {
				if asked++; asked == 1 {
					return wfe.Response{}, errors.New("not yet")
				}
				answer, err := next(ctx, r.With(header, name))
				n.add(fmt.Sprint(name, " ", wfe.Info(ctx).Node, " ", r.Method, " ", answer.Status, " ", err))
				return answer, err
			}
		}
	}
	h := rig{do: out, build: func(b *builder) {
		b.Poll("ready", wfe.Endpoint{URL: s.URL, Interval: 10 * time.Millisecond, Timeout: time.Minute, Header: map[string]string{"To": "nobody"}, Until: wfe.Condition{Contains: "done"}},
			func(d *data, r *wfe.Response) { d.Log = append(d.Log, string(r.Body)) })
	}}.host(t, memory.New(), wfe.Config{PollAllow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		PollMiddleware: []wfe.PollMiddleware{around("outer", "From"), around("inner", "To")}})
	require.Equal(t, []string{"done by outer for inner"}, completes(t, begin(t, h, "p", data{})))
	require.Equal(t, []string{"outer ready GET 0 not yet", "inner ready GET 200 <nil>", "outer ready GET 200 <nil>"}, n.lines)
}

func TestPollMiddleware_ThatFailsForGoodEndsTheNode(t *testing.T) {
	t.Parallel()
	url, asked := answers(t, "done")
	h := rig{build: func(b *builder) {
		b.Poll("ready", wfe.Endpoint{URL: url, Timeout: time.Minute}).OnError(wfe.RetryPolicy{Then: wfe.Terminate})
	}}.host(t, memory.New(), wfe.Config{PollMiddleware: []wfe.PollMiddleware{func(wfe.PollFunc) wfe.PollFunc {
		return func(wfe.StepContext, wfe.PollRequest) (wfe.Response, error) {
			return wfe.Response{}, wfe.Permanent(errors.New("not that server"))
		}
	}}})
	_, err := begin(t, h, "p", data{}).Wait(t.Context())
	require.ErrorContains(t, err, "not that server")
	require.Zero(t, asked.Load())
}

func TestPoll_ReachesNoAddressThatTheHostDoesNotAllow(t *testing.T) {
	t.Parallel()
	url, asked := answers(t, "done")
	h := rig{build: func(b *builder) { b.Poll("ready", wfe.Endpoint{URL: url, Timeout: time.Minute}) }}.host(t, memory.New(), wfe.Config{})
	p := begin(t, h, "p", data{})
	require.Eventually(t, func() bool { return status(t, p).Status == wfe.Suspended }, 10*time.Second, time.Millisecond)
	require.Contains(t, status(t, p).Failure.Message, "is not public, and not among Config.PollAllow")
	require.Zero(t, asked.Load())
}

func TestPoll_HoldsNothingBetweenRequestsAndGoesOnAfterACrash(t *testing.T) {
	t.Parallel()
	url, asked := answers(t, "new", "done")
	st := memory.New()
	build := func(b *builder) {
		b.Poll("ready", wfe.Endpoint{URL: url, Interval: 300 * time.Millisecond, Timeout: time.Minute, Until: wfe.Condition{Contains: "done"}})
	}
	h := pollHost(t, st, build)
	begin(t, h, "p", data{})
	require.Eventually(t, func() bool {
		r, err := st.Load(t.Context(), "p")
		return err == nil && asked.Load() == 1 && !r.Ready
	}, 10*time.Second, time.Millisecond, "between two requests no body is to run")
	require.NoError(t, h.Stop(t.Context()))
	again := pollHost(t, st, build)
	completes(t, wfe.Get(again, ref, "p"))
	require.EqualValues(t, 2, asked.Load())
}

func TestPoll_ARetryAsksAnew(t *testing.T) {
	t.Parallel()
	url, asked := answers(t, "new", "new", "new", "done")
	h := pollHost(t, memory.New(), func(b *builder) {
		b.Poll("ready", wfe.Endpoint{URL: url, Interval: time.Hour, Timeout: 20 * time.Millisecond, Until: wfe.Condition{Contains: "done"}}).
			OnError(wfe.Retry(3, time.Millisecond))
	})
	completes(t, begin(t, h, "p", data{}))
	require.EqualValues(t, 4, asked.Load())
}

func TestPoll_IsStoppedWithItsSaga(t *testing.T) {
	t.Parallel()
	began := make(chan bool)
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(began)
		<-r.Context().Done()
	}))
	defer s.Close()
	h := rig{build: func(b *builder) {
		b.Saga("s", func(b *builder) {
			b.Parallel("p", func(b *builder) { b.Poll("ready", wfe.Endpoint{URL: s.URL, Timeout: time.Hour}) }, func(b *builder) { b.task("fails") })
		})
	}, do: func(ctx wfe.StepContext, _ *task) (wfe.Result, error) {
		<-began
		return ctx.Next(), wfe.Permanent(errTask)
	}}.host(t, memory.New(), wfe.Config{PollAllow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	start := time.Now()
	_, err := begin(t, h, "p", data{}).Wait(t.Context())
	require.ErrorContains(t, err, errTask.Error())
	require.Less(t, time.Since(start), 5*time.Second, "the request is cancelled")
}

func TestRegister_RefusesAnEndpointThatCannotBe(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]wfe.Endpoint{
		`node "ready": the placeholder {key} is not in the data`: {URL: "http://a.test/{key}", Timeout: 1},
		"the placeholder {Items} is not in the data":             {URL: "http://a.test/{Items}", Timeout: 1},
		"its Timeout has to be set":                              {URL: "http://a.test/{Key}"},
	} {
		err := rig{build: func(b *builder) { b.Poll("ready", e) }}.register(wfe.NewHost(memory.New(), wfe.Config{}))
		require.ErrorContains(t, err, want)
	}
}

func TestPoll_OfACompiledWorkflowSeesTheDataOfItsAuthor(t *testing.T) {
	t.Parallel()
	register := func(placeholder string) error {
		return rig{plain: func(b *plain) {
			b.Poll("ready", wfe.Endpoint{URL: "http://a.test/{" + placeholder + "}", Timeout: 1})
		}}.register(wfe.NewHost(memory.New(), wfe.Config{}))
	}
	require.NoError(t, register("Key"))
	for _, name := range []string{"Data", "Vars", "Data.Key"} {
		require.ErrorContains(t, register(name), "is not in the data", name)
	}
}

// TestPoll_NamesOfFieldsAreThoseOfTheJSON registers placeholders for all sorts of fields.
func TestPoll_NamesOfFieldsAreThoseOfTheJSON(t *testing.T) {
	t.Parallel()
	register := func(placeholder string) error {
		return wfe.NewHost(memory.New(), wfe.Config{}).Register(wfe.NewStepSet("x"), nil, shapesWorkflow(placeholder))
	}
	for _, name := range []string{"id", "Plain", "inner.n", "Embedded", "at", "map.any", "ptr.n", "any.thing"} {
		require.NoError(t, register(name), name)
	}
	for _, name := range []string{"ID", "hidden", "Hidden", "inner", "inner.x", "list", "Base", "Base.Embedded", "map", "id.x", "lower"} {
		require.ErrorContains(t, register(name), "is not in the data", name)
	}
}

type base struct{ Embedded string }

type shapes struct {
	base
	ID     string `json:"id"`
	Plain  int
	Hidden string `json:"-"`
	//lint:ignore U1000 that it is not exported is what is tested
	lower string
	Inner struct {
		N float64 `json:"n"`
	} `json:"inner"`
	Ptr *struct {
		N bool `json:"n"`
	} `json:"ptr"`
	At   time.Time         `json:"at"`
	List []string          `json:"list"`
	Map  map[string]string `json:"map"`
	Any  any               `json:"any"`
}

type shapesBuilder struct {
	wfe.Block[shapes, *shapesBuilder]
}

func shapesWorkflow(placeholder string) wfe.Workflow[shapes, *shapesBuilder] {
	return wfe.Workflow[shapes, *shapesBuilder]{ID: "shapes", Version: 1, Data: codec.JSON[shapes](),
		New: func(b wfe.Block[shapes, *shapesBuilder]) *shapesBuilder { return &shapesBuilder{b} },
		Build: func(b *shapesBuilder) {
			b.Poll("p", wfe.Endpoint{URL: "http://a.test/{" + placeholder + "}", Timeout: time.Minute})
		}}
}

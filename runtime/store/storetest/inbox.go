package storetest

import (
	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
)

func (e *env) inbox(after int64) []store.Msg {
	e.Helper()
	msgs, err := e.Store.Inbox(e.Context(), after, 100)
	require.NoError(e, err)
	return msgs
}

// dealt says that the message of that number is dealt with, and is not answered.
func dealt(n int64) []store.Done { return []store.Done{{N: n}} }

// answered answers a request whose message is not there.
func answered(r store.Reply) []store.Done { return []store.Done{{Reply: &r}} }

func inboxTests() []test {
	return []test{
		{"messages are listed by ascending number, as they were posted", func(e *env) {
			e.own()
			require.NoError(e, e.Open().Post(e.Context(), []store.Msg{{Request: "b", Class: "c", Body: []byte{0, 255}}, {Request: "a", Class: "d"}}))
			msgs := e.inbox(0)
			require.Len(e, msgs, 2)
			require.Less(e, msgs[0].N, msgs[1].N)
			require.Equal(e, store.Msg{N: msgs[0].N, Request: "b", Class: "c", Body: []byte{0, 255}}, msgs[0])
			require.Equal(e, store.Msg{N: msgs[1].N, Request: "a", Class: "d"}, msgs[1])
			require.Equal(e, msgs[1:], e.inbox(msgs[0].N))
		}},
		{"a message that is Done is deleted; again is no error", func(e *env) {
			e.own()
			require.NoError(e, e.Store.Post(e.Context(), []store.Msg{{Request: "a"}, {Request: "b"}}))
			n := e.inbox(0)[0].N
			e.commit(store.Item{Done: dealt(n)})
			e.commit(store.Item{Done: dealt(n)})
			require.Len(e, e.inbox(0), 1)
			require.Equal(e, "b", e.inbox(0)[0].Request)
		}},
		{"numbers are not used again, so that what comes later is above what came before", func(e *env) {
			e.own()
			last := int64(0)
			for _, req := range []string{"a", "b", "c"} {
				require.NoError(e, e.Store.Post(e.Context(), []store.Msg{{Request: req}}))
				msgs := e.inbox(last)
				require.Len(e, msgs, 1)
				require.Equal(e, req, msgs[0].Request)
				last = msgs[0].N
				e.commit(store.Item{Done: dealt(last)})
			}
		}},
		{"a message whose Request is already there is not posted again", func(e *env) {
			e.own()
			require.NoError(e, e.Store.Post(e.Context(), []store.Msg{{Request: "a", Class: "first"}, {Request: "a", Class: "second"}}))
			require.NoError(e, e.Open().Post(e.Context(), []store.Msg{{Request: "a", Class: "third"}, {Request: "b"}}))
			msgs := e.inbox(0)
			require.Len(e, msgs, 2)
			require.Equal(e, "first", msgs[0].Class)
		}},
		{"there are at most MaxUnread for one target, all of a Post or none", func(e *env) {
			e.own()
			many := make([]store.Msg, store.MaxUnread)
			for i := range many {
				many[i].Target = "full"
			}
			require.NoError(e, e.Open().Post(e.Context(), many))
			require.ErrorIs(e, e.Open().Post(e.Context(), []store.Msg{{Request: "a", Target: "other"}, {Request: "b", Target: "full"}}), store.ErrFull)
			require.NoError(e, e.Open().Post(e.Context(), []store.Msg{{Request: "c", Target: "other"}, {Request: "d"}}))
			first := e.inbox(0)[0]
			require.Equal(e, "full", first.Target)
			e.commit(store.Item{Done: dealt(first.N)})
			require.NoError(e, e.Open().Post(e.Context(), []store.Msg{{Request: "b", Target: "full"}}))
			last, err := e.Store.Inbox(e.Context(), first.N, store.MaxUnread+10)
			require.NoError(e, err)
			require.Len(e, last, store.MaxUnread+2, "the refused Post left nothing")
		}},
		{"a message whose Request has its Reply is not posted again", func(e *env) {
			e.own()
			require.NoError(e, e.Store.Post(e.Context(), []store.Msg{{Request: "a"}}))
			e.commit(store.Item{Done: []store.Done{{N: e.inbox(0)[0].N, Reply: &store.Reply{Request: "a", Code: "ok"}}}})
			require.NoError(e, e.Store.Post(e.Context(), []store.Msg{{Request: "a"}, {Request: "b"}}))
			msgs := e.inbox(0)
			require.Len(e, msgs, 1)
			require.Equal(e, "b", msgs[0].Request)
		}},
		{"a message without a Request is always posted", func(e *env) {
			e.own()
			require.NoError(e, e.Store.Post(e.Context(), []store.Msg{{Class: "a"}, {Class: "b"}}))
			require.NoError(e, e.Store.Post(e.Context(), nil))
			require.Len(e, e.inbox(0), 2)
		}},
		{"messages of an item are posted with it, or not at all", func(e *env) {
			e.own()
			k := e.start("a")
			e.commit(
				store.Item{Instance: next("a", k, 2), Send: []store.Msg{{Request: "b", Class: "c", Body: []byte{0, 255}}, {Class: "d"}}},
				store.Item{Instance: next("a", k, 2), Send: []store.Msg{{Class: "of a stale revision"}}},
				store.Item{Instance: fresh("a"), Send: []store.Msg{{Class: "of one that exists"}}},
				store.Item{Done: dealt(1), Send: []store.Msg{{Request: "e"}}},
			)
			msgs := e.inbox(0)
			require.Len(e, msgs, 2)
			require.Equal(e, "d", msgs[0].Class)
			require.Equal(e, "e", msgs[1].Request)
			require.Less(e, msgs[0].N, msgs[1].N)
		}},
		{"a message of an item whose Request is there, or has its Reply, is not posted again", func(e *env) {
			e.own()
			send := store.Item{Send: []store.Msg{{Request: "a", Class: "first"}, {Request: "a", Class: "second"}}}
			e.commit(send, send)
			msgs := e.inbox(0)
			require.Len(e, msgs, 1)
			require.Equal(e, "first", msgs[0].Class)
			e.commit(store.Item{Done: []store.Done{{N: msgs[0].N, Reply: &store.Reply{Request: "a", Code: "ok"}}}}, send)
			require.Empty(e, e.inbox(0))
		}},
		{"a Reply is read by any process; ErrNotFound while there is none", func(e *env) {
			e.own()
			other := e.Open()
			_, err := other.Reply(e.Context(), "a")
			require.ErrorIs(e, err, store.ErrNotFound)
			want := store.Reply{Request: "a", At: 99, Code: "no", Text: "it has ended"}
			e.commit(store.Item{Done: answered(want)})
			got, err := other.Reply(e.Context(), "a")
			require.NoError(e, err)
			require.Equal(e, want, got)
		}},
		{"DropReplies deletes the replies that are older", func(e *env) {
			e.own()
			for i, req := range []string{"a", "b", "c"} {
				e.commit(store.Item{Done: answered(store.Reply{Request: req, At: instance.Instant(i + 1)})})
			}
			e.commit(store.Item{DropReplies: 3})
			for _, req := range []string{"a", "b"} {
				_, err := e.Store.Reply(e.Context(), req)
				require.ErrorIs(e, err, store.ErrNotFound)
			}
			_, err := e.Store.Reply(e.Context(), "c")
			require.NoError(e, err)
		}},
		{"a later Reply to a request is ignored", func(e *env) {
			e.own()
			out := e.commit(store.Item{Done: answered(store.Reply{Request: "a", Code: "first"})}, store.Item{Done: answered(store.Reply{Request: "a", Code: "second"})})
			require.Equal(e, []store.Outcome{{}, {}}, out)
			got, err := e.Store.Reply(e.Context(), "a")
			require.NoError(e, err)
			require.Equal(e, "first", got.Code)
		}},
		{"several messages of an item are all dealt with, each with its own answer", func(e *env) {
			e.own()
			k := e.start("a")
			require.NoError(e, e.Store.Post(e.Context(), []store.Msg{{Request: "a"}, {Request: "b"}, {Request: "c"}}))
			msgs := e.inbox(0)
			e.commit(store.Item{Instance: next("a", k, 2), Done: []store.Done{
				{N: msgs[0].N, Reply: &store.Reply{Request: "a", Code: "of a"}}, {N: msgs[1].N}, {N: msgs[2].N, Reply: &store.Reply{Request: "c", Code: "of c"}},
			}})
			require.Empty(e, e.inbox(0))
			for _, req := range []string{"a", "c"} {
				r, err := e.Store.Reply(e.Context(), req)
				require.NoError(e, err)
				require.Equal(e, store.Reply{Request: req, Code: "of " + req}, r)
			}
			_, err := e.Store.Reply(e.Context(), "b")
			require.ErrorIs(e, err, store.ErrNotFound)
		}},
		{"a Reply that counts says how many the item's Purge has deleted", func(e *env) {
			e.own()
			for _, id := range []string{"a", "b", "c"} {
				e.end(id, 5)
			}
			require.NoError(e, e.Store.Post(e.Context(), []store.Msg{{Request: "two"}, {Request: "none"}}))
			for _, c := range []struct {
				request, text string
				purge         store.Purge
			}{{"two", "2", store.Purge{Before: 9, Limit: 2}}, {"none", "0", store.Purge{Before: 1, Limit: 2}}} {
				reply := &store.Reply{Request: c.request, Code: "ok", Text: "?"}
				e.commit(store.Item{Purge: &c.purge, Done: []store.Done{{N: e.inbox(0)[0].N, Reply: reply, Count: true}}})
				require.Equal(e, "?", reply.Text, "it is the caller's")
				got, err := e.Store.Reply(e.Context(), c.request)
				require.NoError(e, err)
				require.Equal(e, c.text, got.Text)
			}
			require.Empty(e, e.inbox(0))
		}},
		{"a Purge of one instance that does not delete it leaves the item's message to be answered otherwise", func(e *env) {
			e.own()
			e.start("live")
			e.end("a", 5)
			require.NoError(e, e.Store.Post(e.Context(), []store.Msg{{Request: "r"}}))
			item := func(p store.Purge) store.Item {
				return store.Item{Purge: &p, Done: []store.Done{{N: e.inbox(0)[0].N, Reply: &store.Reply{Request: "r"}, Count: true}}, Send: []store.Msg{{Class: "sent"}}}
			}
			for _, p := range []store.Purge{{ID: "nobody", Before: 9, Limit: 1}, {ID: "live", Before: 9, Limit: 1}, {ID: "a", Before: 5, Limit: 1},
				{ID: "a", Before: 9, Status: instance.Terminated, Limit: 1}} {
				require.Equal(e, store.Outcome{Code: store.NoTarget}, e.commit(item(p))[0])
				require.Len(e, e.inbox(0), 1)
				_, err := e.Store.Reply(e.Context(), "r")
				require.ErrorIs(e, err, store.ErrNotFound)
			}
			require.Equal(e, store.Outcome{N: 1}, e.commit(item(store.Purge{ID: "a", Before: 9, Limit: 1}))[0])
			msgs := e.inbox(0)
			require.Len(e, msgs, 1)
			require.Equal(e, "sent", msgs[0].Class)
		}},
	}
}

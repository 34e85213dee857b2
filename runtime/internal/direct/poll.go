package direct

import (
	"context"
	"errors"
	"fmt"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/internal/poll"
)

// Answer is what the next request of a node gets.
type Answer struct {
	Node string
	poll.Response
	Used bool
}

// Ask makes a request for which there is no Answer.
type Ask func(ctx context.Context, r poll.Request) (poll.Response, error)

// Poll is a call that polls.
type Poll struct {
	Node     string
	Endpoint *poll.Compiled
	Data     func() ([]byte, error) // as JSON
	Retry    definition.RetryPolicy
	Cancel   Cancel
}

// Poll asks until the answer is the one that is waited for.
func (r *Run) Poll(p Poll) (answer poll.Response) {
	n := r.enter(p.Node)
	final := func(cause *instance.Failure) { r.final(cause, p.Retry.Then, nil) }
	r.cancellable(n, p.Cancel, final, func() {
		for attempt := 1; ; attempt++ {
			got, err := r.poll(n, p)
			if err == nil {
				answer = got
				return
			}
			if err.Permanent || attempt > p.Retry.MaxRetries {
				final(r.failure(n.id, "", err.Message, attempt))
				return
			}
			r.skip(p.Retry.Wait(attempt, 0))
		}
	})
	r.leave(n)
	return answer
}

// poll makes requests until the time is up.
func (r *Run) poll(n node, p Poll) (poll.Response, *instance.StepError) {
	data, err := p.Data()
	if err != nil {
		return poll.Response{}, permanent(err)
	}
	request, err := p.Endpoint.Fill(data)
	if err != nil {
		return poll.Response{}, permanent(err)
	}
	end := r.Now().Add(p.Endpoint.Timeout)
	for requests := 1; ; requests++ {
		answer, err := r.request(n, p.Endpoint, request)
		miss := ""
		switch {
		case err != nil && poll.Permanent(err):
			return answer, permanent(err)
		case err != nil:
			miss = err.Error()
		default:
			miss = p.Endpoint.Miss(answer)
		}
		if miss == "" {
			return answer, nil
		}
		if next := r.Now().Add(p.Endpoint.Interval); next.Before(end) {
			r.until(next)
			continue
		}
		r.until(end)
		return answer, &instance.StepError{Message: fmt.Sprintf("the answer did not come within %s and %d requests; the last one: %s", p.Endpoint.Timeout, requests, miss)}
	}
}

// Next returns what the next request of a node gets. Once a node was given answers it
// gets no other ones; given is false for one that was not.
func Next(answers []*Answer, node string) (r poll.Response, given bool, err error) {
	for _, a := range answers {
		if !IsNode(node, a.Node) {
			continue
		}
		if given = true; !a.Used {
			a.Used = true
			return a.Response, true, nil
		}
	}
	return r, given, errors.New("no answer is left")
}

// request makes one request.
func (r *Run) request(n node, e *poll.Compiled, request poll.Request) (poll.Response, error) {
	if answer, given, err := Next(r.Answers, n.id); given {
		return answer, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), e.Each)
	defer cancel()
	return r.Ask(ctx, request)
}

package guide_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/wfegen/wfe/examples/guide"
	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store/memory"
)

// bank fails so many charges, each with the next of the errors.
type bank struct{ fails []error }

func (b *bank) Charge(context.Context, string, string) (err error) {
	if len(b.fails) > 0 {
		err, b.fails = b.fails[0], b.fails[1:]
	}
	if err != nil {
		fmt.Println("charge:", err)
		return err
	}
	fmt.Println("charge")
	return nil
}

func (b *bank) Refund(context.Context, string) error {
	fmt.Println("refund")
	return nil
}

var errDeclined = errors.New("declined")

// open starts a host in memory.
func open(fails ...error) *wfe.Host {
	h := wfe.NewHost(memory.New(), wfe.Config{PollAllow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	check(guide.Register(h, guide.NewSteps(&bank{fails})))
	check(h.Start(context.Background()))
	return h
}

type start func(ctx context.Context, c wfe.Client, o guide.Order, opts ...wfe.StartOption) (wfe.Handle[guide.Order], error)

// run runs an instance to its end, and says so if it does not end well.
func run(workflow start, o guide.Order, fails ...error) guide.Order {
	h := open(fails...)
	defer h.Stop(context.Background())
	order, err := workflow(context.Background(), h, o, wfe.ID("1"))
	check(err)
	return end(order)
}

// end waits for the end of an instance.
func end(order wfe.Handle[guide.Order]) guide.Order {
	o, err := order.Wait(context.Background())
	var ended *wfe.EndedError
	if errors.As(err, &ended) {
		message, _, _ := strings.Cut(ended.Message, "\n") // of a panic the stack follows
		fmt.Printf("%s (%s)", ended.Status, ended.Reason)
		if ended.Step != "" {
			fmt.Printf(": %s: %s", ended.Step, message)
		}
		fmt.Println()
		return o
	}
	check(err)
	return o
}

// suspended waits until an instance is suspended.
func suspended(order wfe.Handle[guide.Order]) {
	for {
		now, err := order.Get(context.Background())
		check(err)
		if now.Status == wfe.Suspended {
			fmt.Println("suspended:", now.Failure.Message)
			return
		}
		time.Sleep(time.Millisecond)
	}
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

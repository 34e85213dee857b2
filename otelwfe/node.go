package otelwfe

import (
	"strconv"
	"strings"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	wfe "github.com/wfegen/wfe/runtime"
)

// node is what the runs of a node's body, of its compensation, or the requests of a
// Poll have in common. It is made once, so that a run which nobody records costs little.
type node struct {
	span     string
	attrs    []attribute.KeyValue // of its spans
	attempts []metric.RecordOption
	outcomes sync.Map // outcome to []metric.RecordOption, of durations
	labels   []attribute.KeyValue
}

// activity names a node. There are as many as the registered workflows have.
type activity struct {
	workflow, node, span string // span is what its spans are called
	version              int
}

// nodes are those that have run so far.
type nodes struct {
	mu sync.RWMutex
	of map[activity]*node
}

func (n *nodes) at(ctx *wfe.StepContext, span string) *node {
	a := activity{ctx.Workflow, ctx.Node, span, ctx.Version}
	n.mu.RLock()
	found := n.of[a]
	n.mu.RUnlock()
	if found != nil {
		return found
	}
	made := newNode(ctx, span)
	n.mu.Lock()
	defer n.mu.Unlock()
	if found = n.of[a]; found == nil {
		found = made
		n.of[a] = made
	}
	return found
}

func newNode(ctx *wfe.StepContext, span string) *node {
	n := &node{span: span + " " + ctx.Node,
		attrs:  []attribute.KeyValue{keyWorkflow.String(ctx.Workflow), keyVersion.Int(ctx.Version), keyNode.String(ctx.Node)},
		labels: []attribute.KeyValue{keyWorkflow.String(ctx.Workflow), keyNode.String(ctx.Node), keyUndo.Bool(span == spanUndo)}}
	if span != spanPoll {
		n.attrs = append(n.attrs, keyStep.String(ctx.Step))
	}
	if colon := strings.LastIndexByte(ctx.Position, ':'); colon > 0 {
		line, _ := strconv.Atoi(ctx.Position[colon+1:])
		n.attrs = append(n.attrs, keyFile.String(ctx.Position[:colon]), keyLine.Int(line))
	}
	n.attempts = []metric.RecordOption{metric.WithAttributeSet(attribute.NewSet(n.labels...))}
	return n
}

// ended are the labels of a run with that outcome.
func (n *node) ended(outcome string) []metric.RecordOption {
	if opts, ok := n.outcomes.Load(outcome); ok {
		return opts.([]metric.RecordOption)
	}
	set := attribute.NewSet(append(n.labels[:len(n.labels):len(n.labels)], keyOutcome.String(outcome))...)
	opts, _ := n.outcomes.LoadOrStore(outcome, []metric.RecordOption{metric.WithAttributeSet(set)})
	return opts.([]metric.RecordOption)
}

// consumer are the options of the spans of bodies. Attributes are added when one is
// recorded.
var consumer = []trace.SpanStartOption{trace.WithSpanKind(trace.SpanKindConsumer)}

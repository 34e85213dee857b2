package otelwfe

import "go.opentelemetry.io/otel/attribute"

// The attributes. Those that OpenTelemetry has a name for have that one.
const (
	keyWorkflow  = attribute.Key("wfe.workflow.name")
	keyVersion   = attribute.Key("wfe.workflow.version")
	keyInstance  = attribute.Key("wfe.instance.id")
	keyParent    = attribute.Key("wfe.parent.id")
	keyStatus    = attribute.Key("wfe.instance.status")
	keyReason    = attribute.Key("wfe.instance.reason")
	keyDuration  = attribute.Key("wfe.instance.duration")
	keyNode      = attribute.Key("wfe.node.id")
	keyStep      = attribute.Key("wfe.step.name")
	keyAttempt   = attribute.Key("wfe.step.attempt")
	keyIndex     = attribute.Key("wfe.step.index")
	keyPointer   = attribute.Key("wfe.step.pointer")
	keyUndo      = attribute.Key("wfe.step.undo")
	keyOutcome   = attribute.Key("wfe.outcome")
	keyResult    = attribute.Key("wfe.result")
	keyCommand   = attribute.Key("wfe.command")
	keyMissed    = attribute.Key("wfe.missed")
	keyBodies    = attribute.Key("wfe.bodies.state")
	keyFile      = attribute.Key("code.file.path")
	keyLine      = attribute.Key("code.line.number")
	keyMethod    = attribute.Key("http.request.method")
	keyAnswer    = attribute.Key("http.response.status_code")
	keyErrorType = attribute.Key("error.type")
	keyExcType   = attribute.Key("exception.type")
	keyExcText   = attribute.Key("exception.message")
	keySystem    = attribute.Key("messaging.system")
	keyOperation = attribute.Key("messaging.operation.type")
	keyTopic     = attribute.Key("messaging.destination.name")
	keyMessage   = attribute.Key("messaging.message.id")
)

// An entry of the tables in docs/telemetry.md.
type entry struct {
	name, on, doc string
}

// attributes says what each attribute is, and where it is: on spans, on metrics, or both.
var attributes = []entry{
	{string(keyWorkflow), "spans, metrics", "id of the workflow"},
	{string(keyVersion), "spans", "its version"},
	{string(keyInstance), "spans", "id of the instance"},
	{string(keyParent), "`start`", "id of the instance that starts this one"},
	{string(keyStatus), "`run`", "`complete` or `terminated`"},
	{string(keyReason), "`run`", "of a terminated one: `failed`, `cancelled`, `operator`"},
	{string(keyDuration), "`run`", "how long the instance lived, in seconds"},
	{string(keyNode), "spans, metrics", "id of the node in the definition"},
	{string(keyStep), "`step`, `undo`", "name of the step"},
	{string(keyAttempt), "`step`, `undo`, `poll`", "number of the attempt, from 1"},
	{string(keyIndex), "`step`, `undo`, `poll`", "of the innermost loop's element"},
	{string(keyPointer), "spans of a node", "number of the activation of the node: it is another one in each round and for each element"},
	{string(keyUndo), "metrics of steps", "whether a compensation ran"},
	{string(keyOutcome), "`step`, `undo`, metrics", "of a step: `next`, `outcome`, `branch`, `persist`, `sleep`, `wait`, `error`, `panic`; of an instance: `complete`, `failed`, `cancelled`, `terminated`"},
	{string(keyResult), "`step`", "how a step that steers goes on: `outcome left`, `branch 3`, `wait for paid`"},
	{string(keyCommand), "`command`", "`suspend`, `resume`, `retry`, `cancel`, `terminate`"},
	{string(keyMissed), "spans of notices", "how many notices before this one were missed: what they told has no span"},
	{string(keyBodies), "`wfe.host.bodies`", "`running` or `waiting`"},
	{string(keyFile), "`step`, `undo`, `poll`", "where the node stands in the source of the workflow"},
	{string(keyLine), "`step`, `undo`, `poll`", "the line there"},
	{string(keyMethod), "`poll`", "method of the request"},
	{string(keyAnswer), "`poll`", "status of the answer"},
	{string(keyErrorType), "spans that failed", "Go type of the error, or `panic`"},
	{string(keyExcType), "event `exception`", "Go type of the error, or `panic`"},
	{string(keyExcText), "event `exception`", "its text, without secrets, at most 4 KiB"},
	{string(keySystem), "`receive`", "`wfe`"},
	{string(keyOperation), "`receive`", "`receive`"},
	{string(keyTopic), "`receive`", "name of the event"},
	{string(keyMessage), "`receive`", "number of the event"},
}

// What the name of a span begins with. A workflow's id or a node's follows.
const (
	spanStart      = "start"
	spanRun        = "run"
	spanStep       = "step"
	spanUndo       = "undo"
	spanPoll       = "poll"
	spanReceive    = "receive"
	spanTimeout    = "timeout"
	spanFail       = "fail"
	spanRollback   = "rollback"
	spanRolledBack = "rolled back"
	spanCommand    = "command"
	spanSuspend    = "suspend"
	spanResume     = "resume"
)

// spanNames says what each span is.
var spanNames = []entry{
	{spanStart, "workflow", "the start of an instance, until it is durable. All other spans of the instance are its children. Producer"},
	{spanStep, "node", "an attempt of a step's body; the body's context has this span. Consumer"},
	{spanUndo, "node", "an attempt of its compensation. Consumer"},
	{spanPoll, "node", "a request of a Poll; it has failed if there was no answer. Client"},
	{spanReceive, "event", "an instance has taken an event, or a signal; with a link to the span in which it was published. Consumer"},
	{spanTimeout, "node", "no event came in time"},
	{spanFail, "node", "a node that is no step has failed: a wait, a child, a Poll, a condition"},
	{spanRollback, "node", "the roll back of a saga has begun, because of the error that is its status"},
	{spanRolledBack, "node", "all of it is undone"},
	{spanCommand, "workflow", "somebody has given a command; with a link to the span in which it was given"},
	{spanSuspend, "workflow", "the instance was suspended; if a step has failed for good its error is the status"},
	{spanResume, "workflow", "it runs on"},
	{spanRun, "workflow", "the instance has ended: from its start to its end, or, of one that is older than `Config.LongSpan`, at its end"},
}

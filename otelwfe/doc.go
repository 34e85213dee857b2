// Package otelwfe makes OpenTelemetry spans and metrics of what a host of
// [github.com/wfegen/wfe/runtime] does. It needs the API of OpenTelemetry alone:
// which SDK and exporters there are is up to the application.
//
//	h, err := otelwfe.NewHost(st, wfe.Config{}, otelwfe.Config{})
//
// It takes the place of wfe.NewHost; all else stays as it is. Without an SDK nothing
// is exported, and little time is spent.
//
// An instance has one trace, over crashes, restarts and hosts: it begins with the
// span "start", which is in the trace of the caller if there is one, and all other
// spans of the instance are children of that. A span is never open for longer than
// a body runs, since one that is open in a process that ends is lost.
//
// What is secret (a field tagged wfe:"secret") is in no span and in no metric. Labels
// of metrics are names of workflows, ids of nodes and outcomes: what a program
// defines, never what it works on.
//
// Spans, attributes and metrics are listed in docs/telemetry.md.
package otelwfe

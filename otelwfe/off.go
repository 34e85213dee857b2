package otelwfe

import (
	"reflect"
	"strings"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"
)

// A host without an SDK is not to pay for telemetry. An application may set one later.

// tracesOff returns what says, at any time, that nobody takes spans of p.
func tracesOff(p trace.TracerProvider) func() bool {
	switch {
	case within(p, "otel/trace/noop"):
		return func() bool { return true }
	case within(p, "otel/internal/global"): // it stands in until otel.SetTracerProvider
		return func() bool { return otel.GetTracerProvider() == p }
	}
	return func() bool { return false }
}

// metersOff does so for metrics.
func metersOff(p metric.MeterProvider) func() bool {
	switch {
	case within(p, "otel/metric/noop"):
		return func() bool { return true }
	case within(p, "otel/internal/global"):
		return func() bool { return otel.GetMeterProvider() == p }
	}
	return func() bool { return false }
}

// within reports whether a provider is of that package of OpenTelemetry.
func within(p any, pkg string) bool {
	t := reflect.TypeOf(p)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return strings.HasSuffix(t.PkgPath(), "/"+pkg) && t.Comparable()
}

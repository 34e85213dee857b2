package engine

import (
	"fmt"
	"path"
	"runtime"
	"strings"
)

// fault is a panic of the workflow's own code.
type fault struct{ message string }

func (f *fault) Error() string { return f.message }

// guard calls f, turning a panic into an error.
func guard(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &fault{Panicked(v)}
		}
	}()
	return f()
}

// Caught calls f and returns the message of its panic; "" if it returns.
func Caught(f func()) (message string) {
	defer func() {
		if v := recover(); v != nil {
			message = Panicked(v)
		}
	}()
	f()
	return ""
}

// Panicked is the message of a panic with the value v, for the deferred function that recovers from it: what it says and, as
// file:line, where in the package of the workflow it was.
func Panicked(v any) string {
	pc := make([]uintptr, 64)
	frames := runtime.CallersFrames(pc[:runtime.Callers(2, pc)])
	var way []runtime.Frame // from the panic to the code that was called
	for panicked := false; ; {
		f, more := frames.Next()
		switch {
		case !more || len(way) > 0 && machinery(f.Function):
			return fmt.Sprintf("panic: %v%s", v, place(way))
		case f.Function == "runtime.gopanic":
			panicked, way = true, nil
		case panicked && !strings.HasPrefix(f.Function, "runtime.") && !machinery(f.Function):
			way = append(way, f)
		}
	}
}

// place is the first of frames that is of the package of the last one.
func place(way []runtime.Frame) string {
	for _, f := range way {
		if packageOf(f.Function) == packageOf(way[len(way)-1].Function) {
			return fmt.Sprintf(" (%s:%d)", path.Base(f.File), f.Line)
		}
	}
	return ""
}

func packageOf(function string) string {
	dir, name := path.Split(function)
	name, _, _ = strings.Cut(name, ".")
	return dir + name
}

// machinery reports whether a function is of the packages that call the workflow's own code.
func machinery(function string) bool {
	self, _, _, _ := runtime.Caller(0)
	engine := packageOf(runtime.FuncForPC(self).Name())
	of := packageOf(function)
	return of == engine || of == path.Dir(engine) || of == path.Dir(engine)+"/internal/direct"
}

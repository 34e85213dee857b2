package direct

import (
	"fmt"
	"runtime"
	"strings"
)

// place lists the way from plain code to the panic that is being recovered from:
// first where it was. What is below the workflow's own code is left out.
func place() string {
	pc := make([]uintptr, 64)
	frames := runtime.CallersFrames(pc[:runtime.Callers(2, pc)])
	var b strings.Builder
	for panicked := false; ; {
		f, more := frames.Next()
		switch {
		case !more || panicked && machinery(f.Function):
			return b.String()
		case f.Function == "runtime.gopanic":
			panicked = true
			b.Reset()
		case panicked && !strings.HasPrefix(f.Function, "runtime."):
			fmt.Fprintf(&b, "\n\t%s %s:%d", f.Function, f.File, f.Line)
		}
	}
}

// machinery reports whether a function is of this package or of package wfe.
func machinery(function string) bool {
	module := strings.TrimSuffix(packagePath(), "/internal/direct")
	return strings.HasPrefix(function, packagePath()+".") || strings.HasPrefix(function, module+".")
}

// packagePath is the import path of this package.
func packagePath() string {
	pc, _, _, _ := runtime.Caller(0)
	name := runtime.FuncForPC(pc).Name()
	return strings.TrimSuffix(name, ".packagePath")
}

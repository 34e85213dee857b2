package guide

import (
	"time"

	wfe "github.com/wfegen/wfe/runtime"
)

// BuiltPatient is Patient, with a builder.
//
//wfe:workflow id=built-patient version=1
func BuiltPatient(b *OrderBuilder) {
	b.Charge().OnError(wfe.Retry(3, 10*time.Millisecond))
	b.Ship()
}

package order

import (
	"encoding/binary"
	"encoding/json"
	"net/mail"
	"runtime"
	"time"

	wfe "github.com/wfegen/wfe/runtime"
)

type dated struct{ At time.Time }

type undated struct{ At string }

var (
	epoch    = time.Unix(0, 0)
	epochUTC = time.Unix(0, 0).UTC()
	home     = time.FixedZone("home", 3600)
)

//wfe:workflow
func ZoneOfTheMachine(w *wfe.Flow, o *Order) {
	o.Due = time.Unix(o.Cents, 0)                         // want WFE4002 time.Unix takes the zone of the machine
	o.N = time.UnixMilli(o.Cents).Hour()                  // want WFE4002 time.UnixMilli takes
	o.Due = time.UnixMicro(3).Add(time.Hour)              // want WFE4002 time.UnixMicro takes
	o.Due, _ = time.Parse(time.RFC3339, o.Note)           // want WFE4002 time.Parse takes
	o.Due, _ = time.Parse(o.ID, o.Note)                   // want WFE4002 time.Parse takes
	o.Due, _ = time.Parse("MST", o.Note)                  // want WFE4002 time.Parse takes
	_ = o.Due.UnmarshalText([]byte(o.Note))               // want WFE4002 Time.UnmarshalText takes
	o.Due, _ = mail.ParseDate(o.Note)                     // want WFE4002 mail.ParseDate takes
	o.Due = time.Date(2030, 1, 1, 1, 1, 1, 1, time.Local) // want WFE4002 time.Local takes
	zone, _ := time.LoadLocation("Europe/Berlin")         // want WFE4002 time.LoadLocation is about the process and the machine
	o.Due = o.Due.In(zone).Local()                        // want WFE4002 Time.Local takes
	var d dated
	_ = json.Unmarshal([]byte(o.Note), &d)                // want WFE4002 json.Unmarshal of a time takes
	o.Due = epoch                                         // want WFE4005 epoch has another value in each process, by time.Unix
	o.N = len(runtime.GOOS)                               // want WFE4002 runtime.GOOS is about
	o.N = int(binary.NativeEndian.Uint16([]byte(o.Note))) // want WFE4002 binary.NativeEndian is about
	o.N = hourOf(o.Cents)
	_ = wfe.Publish[Approval](nil, nil, wfe.Event[Approval]{}, "", nil) // want WFE4002 wfe.Publish is about
	wfe.SleepUntil(w, time.Unix(3, 0))                                  // want WFE4002 time.Unix takes
}

//wfe:pure
func hourOf(n int64) int { return time.Unix(n, 0).Hour() } // want WFE4004 but it uses time.Unix, which takes the zone of the machine

//wfe:workflow
func ZonesThatAreFine(w *wfe.Flow, o *Order) {
	o.Due = time.Unix(o.Cents, 0).UTC()
	o.Due = time.UnixMilli(o.Cents).In(home).Add(time.Hour)
	o.Due = (time.UnixMicro(o.Cents)).Add(time.Hour).UTC()
	o.Done = time.Unix(3, 0).Before(o.Due) || o.Due.After(time.Unix(4, 0)) || time.Unix(5, 0).IsZero()
	o.Cents = time.UnixMilli(3).Unix() + int64(o.Due.Sub(time.Unix(0, 0)))
	o.Due, _ = time.Parse(time.DateOnly, o.Note)
	o.Due, _ = time.Parse("2006-01-02 15:04", o.Note)
	o.Due, _ = time.ParseInLocation(time.RFC3339, o.Note, time.UTC)
	o.Due = epochUTC
	var d undated
	_ = json.Unmarshal([]byte(o.Note), &d)
	text, _ := json.Marshal(o.Due)
	o.N = int(binary.BigEndian.Uint16(text))
	wfe.SleepUntil(w, time.Unix(3, 0).UTC())
	wfe.SleepUntil(w, o.Due.In(home), wfe.Name("again"))
}

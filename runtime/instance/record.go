package instance

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// RecordKind is the sort of a Record.
type RecordKind uint8

// The kinds of records. They are stored as numbers: append, never reorder.
const (
	RecordStarted       RecordKind = iota + 1 // Until: when its first node begins, if that is later
	RecordStepStarted                         // an attempt of a body was asked for
	RecordStepCompleted                       // Text: the outcome that it returned
	RecordStepFailed                          // Text: the error; Until: when the next attempt is due
	RecordStepPaused                          // a steering step runs again, at Until if that is set
	RecordCancelled                           // what the pointer had to do was dropped, or its body was told to stop
	RecordUndoStarted                         // an attempt of a compensation was asked for
	RecordUndone                              // the compensation has ended
	RecordSleeping                            // a delay began; it ends at Until
	RecordDue                                 // its time has come
	RecordWaiting                             // Text: the event's name; Key: its key; Until: the deadline
	RecordEventTaken                          // Text: the event's name; Key: its key, "" of a signal; Seq: its number
	RecordTimedOut                            // no event came in time
	RecordRollback                            // of a saga, because of Text
	RecordRolledBack                          // all of the saga is undone
	RecordCommand                             // Text: what was commanded
	RecordSuspended                           // Text: why
	RecordResumed
	RecordCompleted
	RecordTerminated // Text: the reason
)

var recordNames = [...]string{
	RecordStarted: "started", RecordStepStarted: "step started", RecordStepCompleted: "step completed", RecordStepFailed: "step failed",
	RecordStepPaused: "step paused", RecordCancelled: "cancelled", RecordUndoStarted: "undo started", RecordUndone: "undone",
	RecordSleeping: "sleeping", RecordDue: "due", RecordWaiting: "waiting", RecordEventTaken: "event taken", RecordTimedOut: "timed out",
	RecordRollback: "rollback", RecordRolledBack: "rolled back", RecordCommand: "command", RecordSuspended: "suspended",
	RecordResumed: "resumed", RecordCompleted: "completed", RecordTerminated: "terminated",
}

// String returns the kind for people: step started.
func (k RecordKind) String() string {
	if int(k) < len(recordNames) && recordNames[k] != "" {
		return recordNames[k]
	}
	return fmt.Sprintf("record kind %d", uint8(k))
}

// RecordOf is the kind of the record of a change to a status.
func RecordOf(s Status) RecordKind {
	switch s {
	case Runnable:
		return RecordResumed
	case Suspended:
		return RecordSuspended
	case Complete:
		return RecordCompleted
	}
	return RecordTerminated
}

// Record is something that happened to an instance. It is what history keeps and
// what listeners get.
type Record struct {
	N       uint64 // its place in the instance's history, from 1
	At      Instant
	Kind    RecordKind
	Ptr     PtrID  // 0: it is of the instance as a whole
	Node    int    // index of the pointer's node; only with Ptr
	Attempt uint32 // of a step
	Text    string // at most MaxRecordText bytes
	Key     string
	Seq     Seq
	Until   Instant
	Trace   []byte // RecordEventTaken and RecordCommand: the span context of who published or gave it; for listeners, history does not keep it
}

// The bounds of what is kept of an instance's past.
const (
	MaxRecordText = 256     // bytes; what is longer is cut
	MaxLog        = 2 << 10 // bytes of records in the head, and in each chunk
	MaxChunks     = 256     // of older records; the oldest chunk is overwritten
	MaxFailures   = 100     // the oldest one is overwritten
)

// Log is the newest part of an instance's history, and where the rest is.
type Log struct {
	Last     uint64 // number of the newest record
	Records  []byte // the newest records
	First    uint64 // number of the first of them
	Chunks   uint64 // written so far
	Failures uint64 // written so far
}

// Append adds records to the log, giving them their numbers. Where the log is full
// it returns what was in it, as cells to write.
func (s *State) Append(records []Record) (full []Cell) {
	for i := range records {
		r := &records[i]
		s.Log.Last++
		r.N = s.Log.Last
		r.Text = cut(r.Text)
		n := len(s.Log.Records)
		if n == 0 {
			s.Log.First = r.N
		}
		s.Log.Records = s.appendRecord(s.Log.Records, r)
		if n > 0 && len(s.Log.Records) > MaxLog {
			full = append(full, s.chunk(s.Log.Records[:n]))
			s.Log.Records = append([]byte(nil), s.Log.Records[n:]...)
			s.Log.First = r.N
		}
	}
	return full
}

// chunk returns the next cell of older records.
func (s *State) chunk(records []byte) Cell {
	body := appendUint([]byte{format}, s.Log.First)
	c := Cell{CellID{Kind: HistoryCell, Index: int(s.Log.Chunks % MaxChunks)}, appendBytes(body, records)}
	s.Log.Chunks++
	return c
}

// Failed returns the cell that keeps a failure.
func (s *State) Failed(f *Failure) Cell {
	c := CellID{Kind: FailureCell, Index: int(s.Log.Failures % MaxFailures)}
	s.Log.Failures++
	return Cell{c, appendFailure(appendUint([]byte{format}, s.Log.Failures), f)}
}

// cut shortens a text to MaxRecordText bytes of UTF-8.
func cut(text string) string {
	if len(text) <= MaxRecordText {
		return text
	}
	return strings.ToValidUTF8(text[:MaxRecordText], "")
}

// What an encoded record has beyond its kind and its time.
const (
	hasPtr = 1 << iota
	hasAttempt
	hasText
	hasKey
	hasSeq
	hasUntil
)

// appendRecord writes r in about ten bytes. Times are counted from the creation of
// the instance.
func (s *State) appendRecord(b []byte, r *Record) []byte {
	var has byte
	for i, set := range []bool{r.Ptr != 0, r.Attempt != 0, r.Text != "", r.Key != "", r.Seq != 0, r.Until != 0} {
		if set {
			has |= 1 << i
		}
	}
	b = appendInt(append(b, byte(r.Kind), has), int64(r.At-s.Created))
	if has&hasPtr != 0 {
		b = appendUint(appendUint(b, uint64(r.Ptr)), uint64(r.Node))
	}
	if has&hasAttempt != 0 {
		b = appendUint(b, uint64(r.Attempt))
	}
	if has&hasText != 0 {
		b = appendString(b, r.Text)
	}
	if has&hasKey != 0 {
		b = appendString(b, r.Key)
	}
	if has&hasSeq != 0 {
		b = appendUint(b, uint64(r.Seq))
	}
	if has&hasUntil != 0 {
		b = appendInt(b, int64(r.Until))
	}
	return b
}

// records reads records, the first of which has number n, until the bytes end.
func (r *reader) records(n uint64, created Instant) (list []Record) {
	for ; r.err == nil && len(r.b) > 0; n++ {
		rec := Record{N: n, Kind: RecordKind(r.byte())}
		has := r.byte()
		rec.At = created + Instant(r.int())
		if has&hasPtr != 0 {
			rec.Ptr, rec.Node = PtrID(r.uint()), int(r.uint())
		}
		if has&hasAttempt != 0 {
			rec.Attempt = uint32(r.uint())
		}
		if has&hasText != 0 {
			rec.Text = r.string()
		}
		if has&hasKey != 0 {
			rec.Key = r.string()
		}
		if has&hasSeq != 0 {
			rec.Seq = Seq(r.uint())
		}
		if has&hasUntil != 0 {
			rec.Until = Instant(r.int())
		}
		list = append(list, rec)
	}
	return list
}

// History returns what is kept of the instance's past, oldest first: the records of
// the chunks and those of s. Both may have some of the same.
func (s *State) History(chunks []Cell) ([]Record, error) {
	byN := map[uint64]Record{}
	read := func(r *reader, n uint64) error {
		for _, rec := range r.records(n, s.Created) {
			byN[rec.N] = rec
		}
		return r.err
	}
	for _, c := range chunks {
		r := &reader{b: c.Body}
		r.format()
		n := r.uint()
		body := &reader{b: r.raw(), err: r.err}
		if err := read(body, n); err != nil {
			return nil, fmt.Errorf("instance %s: decoding cell %s: %w", s.ID, c.ID, err)
		}
	}
	if err := read(&reader{b: s.Log.Records}, s.Log.First); err != nil {
		return nil, fmt.Errorf("instance %s: decoding its newest records: %w", s.ID, err)
	}
	return slices.SortedFunc(maps.Values(byN), func(a, b Record) int { return cmp.Compare(a.N, b.N) }), nil
}

// Failures returns the failures that cells keep, oldest first.
func Failures(cells []Cell) ([]Failure, error) {
	type numbered struct {
		n uint64
		f *Failure
	}
	var all []numbered
	for _, c := range cells {
		r := &reader{b: c.Body}
		r.format()
		all = append(all, numbered{r.uint(), r.failure()})
		if err := r.end(); err != nil {
			return nil, fmt.Errorf("decoding cell %s: %w", c.ID, err)
		}
	}
	slices.SortFunc(all, func(a, b numbered) int { return cmp.Compare(a.n, b.n) })
	list := make([]Failure, len(all))
	for i, a := range all {
		list[i] = *a.f
	}
	return list, nil
}

package outside

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// Entry is one line of the ledger: an effect that happened, or a decline.
type Entry struct {
	Key    string `json:"key"` // idempotency key of the call
	Effect string `json:"effect"`
	Of     string `json:"of,omitempty"` // of a reversal: the key of what is reversed
	Detail string `json:"detail,omitempty"`
	Cents  int64  `json:"cents,omitempty"`
	SKU    string `json:"sku,omitempty"`
	Qty    int    `json:"qty,omitempty"`
}

// ledger is an append-only file of entries, one JSON object a line.
type ledger struct {
	name string

	mu       sync.Mutex
	file     *os.File // nil before the first call
	done     map[string]Entry
	declined map[string]int
}

// open opens or makes the file, and reads what is there. l.mu is held.
func (l *ledger) open() error {
	if l.file != nil {
		return nil
	}
	f, err := os.OpenFile(l.name, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("opening the ledger: %w", err)
	}
	entries, whole, err := readLedger(f)
	if err == nil {
		err = f.Truncate(whole) // a line that was cut short is no entry
	}
	if err != nil {
		return errors.Join(fmt.Errorf("reading the ledger %s: %w", l.name, err), f.Close())
	}
	l.file, l.done, l.declined = f, map[string]Entry{}, map[string]int{}
	for _, e := range entries {
		l.note(e)
	}
	return nil
}

func (l *ledger) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	return l.file.Close()
}

func (l *ledger) note(e Entry) {
	if e.Effect == "decline" {
		l.declined[e.Key]++
		return
	}
	l.done[e.Key] = e
}

// once lets effect happen unless it has under that key. It may read l.done and
// l.declined. An entry that comes with an error is written too; it is no effect.
func (l *ledger) once(key string, effect func() (Entry, error)) (Entry, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.open(); err != nil {
		return Entry{}, err
	}
	if e, ok := l.done[key]; ok {
		return e, nil
	}
	e, failed := effect()
	if e.Key != "" {
		line, err := json.Marshal(e)
		if err != nil {
			return Entry{}, err
		}
		if _, err := l.file.Write(append(line, '\n')); err != nil {
			return Entry{}, fmt.Errorf("writing the ledger: %w", err)
		}
		l.note(e)
	}
	return e, failed
}

// ReadLedger reads all entries. A last line that a crash cut short is no entry.
func ReadLedger(r io.Reader) ([]Entry, error) {
	entries, _, err := readLedger(r)
	return entries, err
}

// readLedger returns also how many bytes the entries take.
func readLedger(r io.Reader) (entries []Entry, whole int64, err error) {
	in := bufio.NewReader(r)
	for n := 1; ; n++ {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return entries, whole, nil
		}
		if err != nil {
			return nil, 0, err
		}
		var e Entry
		if err := json.Unmarshal(bytes.TrimSpace(line), &e); err != nil {
			return nil, 0, fmt.Errorf("line %d: %w", n, err)
		}
		entries = append(entries, e)
		whole += int64(len(line))
	}
}

package sqlite

import (
	"database/sql/driver"
	"math"

	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
)

// publisher writes events by the statements of one connection: the owner's, or
// another process's.
type publisher struct {
	insert, later             stmt
	published, publishedLater stmt
	lives, signals            stmt

	args [9]driver.NamedValue
}

func (p *publisher) statements() []statement {
	for i := range p.args {
		p.args[i].Ordinal = i + 1
	}
	return []statement{
		{&p.insert, "INSERT INTO event(name, key, signal, pubid, published, ttl, expires, payload, trace) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)"},
		{&p.later, "INSERT INTO event_later(name, key, signal, pubid, due, ttl, payload, trace) VALUES(?, ?, ?, ?, ?, ?, ?, ?)"},
		{&p.published, "SELECT seq FROM event WHERE name = ? AND key = ? AND signal = ? AND pubid = ? AND pubid <> ''"},
		{&p.publishedLater, "SELECT n FROM event_later WHERE name = ? AND key = ? AND signal = ? AND pubid = ? AND pubid <> ''"},
		{&p.lives, "SELECT 1 FROM instance WHERE id = ? AND ended = 0"},
		{&p.signals, "SELECT (SELECT count(*) FROM (SELECT 1 FROM event WHERE key = ?1 AND taken = 0 AND signal = 1 LIMIT ?2)) + " +
			"(SELECT count(*) FROM (SELECT 1 FROM event_later WHERE key = ?1 AND signal = 1 LIMIT ?2))"},
	}
}

// event publishes e, or says by the outcome's code why it does not.
func (p *publisher) event(e *store.Event) (o store.Outcome, err error) {
	if o.Code, o.Seq, err = p.refused(e); o.Code != store.Written || err != nil {
		return o, err
	}
	ttl, signal, payload := int64(e.TTL), b2i(e.Signal), blob(e.Payload)
	if e.Due != 0 {
		_, err := p.later.exec(p.bind(e.Name, e.Key, signal, e.Dedup, int64(e.Due), ttl, payload, blob(e.Trace)))
		return o, err
	}
	expires := int64(math.MaxInt64)
	if e.TTL > 0 {
		expires = int64(e.Published.Add(e.TTL))
	}
	r, err := p.insert.exec(p.bind(e.Name, e.Key, signal, e.Dedup, int64(e.Published), ttl, expires, payload, blob(e.Trace)))
	if err != nil {
		return o, err
	}
	seq, err := r.LastInsertId()
	o.Seq = instance.Seq(seq)
	return o, err
}

// refused looks for what keeps e from being published. That comes first: an insert
// that conflicts would use up a number.
func (p *publisher) refused(e *store.Event) (store.OutcomeCode, instance.Seq, error) {
	if e.Dedup != "" {
		if seq, found, err := p.number(p.published, e.Name, e.Key, b2i(e.Signal), e.Dedup); found || err != nil {
			return store.Exists, instance.Seq(seq), err
		}
		if _, found, err := p.number(p.publishedLater, e.Name, e.Key, b2i(e.Signal), e.Dedup); found || err != nil {
			return store.Exists, 0, err
		}
	}
	if !e.Signal {
		return store.Written, 0, nil
	}
	if _, lives, err := p.number(p.lives, e.Key); !lives || err != nil {
		return store.NoTarget, 0, err
	}
	if n, _, err := p.number(p.signals, e.Key, int64(store.MaxUnread)); n >= store.MaxUnread || err != nil {
		return store.Full, 0, err
	}
	return store.Written, 0, nil
}

// number returns the first number of the first row; false: there is none.
func (p *publisher) number(st stmt, values ...driver.Value) (int64, bool, error) {
	var dest [1]driver.Value
	found, err := st.row(p.bind(values...), dest[:])
	n, _ := dest[0].(int64)
	return n, found, err
}

func (p *publisher) bind(values ...driver.Value) []driver.NamedValue {
	for i, v := range values {
		p.args[i].Value = v
	}
	return p.args[:len(values)]
}

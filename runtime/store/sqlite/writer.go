package sqlite

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"os"

	"github.com/wfegen/wfe/runtime/instance"
)

// writer is the owner's connection with its statements. Whatever they write, they
// write row by row from one array of arguments.
type writer struct {
	c   conn
	all []stmt
	wal os.FileInfo // of the -wal file, from the first commit on: it stays while a connection is open

	begin, commit, rollback        stmt
	owner, bump, note              stmt
	take, release                  stmt
	insert, moveOn, update         stmt
	find, refers                   stmt
	putCell, dropCell              stmt
	setTimer, dropTimer            stmt
	setWait, dropWait              stmt
	match, matchSignal, reopen     stmt
	define, rival                  stmt
	newest                         stmt
	events                         publisher
	reveal, revealed               stmt
	delivered, took, expire        stmt
	victim, victimOf               stmt
	purge                          [4]stmt
	done, reply, dropReplies, post stmt

	args [14]driver.NamedValue
	dest [2]driver.Value

	seq    instance.Seq // of the newest event, as of this transaction
	hasSeq bool
}

// writer returns the owner's connection, opening it if need be. The caller has mu.
func (s *Store) writer() (*writer, error) {
	if s.w != nil {
		return s.w, nil
	}
	c, err := s.connect(s.cfg.writer())
	if err != nil {
		return nil, err
	}
	w := &writer{c: c}
	for i := range w.args {
		w.args[i].Ordinal = i + 1
	}
	for _, st := range append(w.statements(), w.events.statements()...) {
		p, err := c.prepare(st.text)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("preparing %q: %w", st.text, err), w.close())
		}
		*st.to = p
		w.all = append(w.all, p)
	}
	s.w = w
	return w, nil
}

// dropWriter closes the owner's connection; the next use opens another.
func (s *Store) dropWriter() error {
	if s.w == nil {
		return nil
	}
	w := s.w
	s.w = nil
	return w.close()
}

func (w *writer) close() error {
	var errs []error
	for _, st := range w.all {
		errs = append(errs, st.close()) // they would keep the connection, and its locks, alive
	}
	return errors.Join(append(errs, w.c.close())...)
}

type statement struct {
	to   *stmt
	text string
}

func (w *writer) statements() []statement {
	return []statement{
		{&w.begin, "BEGIN IMMEDIATE"},
		{&w.commit, "COMMIT"},
		{&w.rollback, "ROLLBACK"},

		{&w.owner, "SELECT epoch, batch FROM owner WHERE id = 0"},
		{&w.bump, "UPDATE owner SET batch = batch + 1 WHERE id = 0 AND epoch = ? AND batch = ?"},
		{&w.note, "UPDATE owner SET held = 1 WHERE id = 0 AND held = 0"},
		{&w.take, "UPDATE owner SET epoch = epoch + 1, batch = 0, clean = 0, host = ?, held = ? WHERE id = 0 AND epoch = ? AND batch = ?"},
		{&w.release, "UPDATE owner SET batch = batch + 1, clean = 1 WHERE id = 0 AND epoch = ?"},

		{&w.insert, "INSERT INTO instance(id, def, ref, uniq, status, reason, rev, ready, born, created, ended, start_hash, head, parent, artifacts) " +
			"VALUES(?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"},
		{&w.rival, "SELECT i.k FROM instance i JOIN definition d ON d.hash = i.def " +
			"WHERE i.ref = ?1 AND i.ref <> '' AND i.ended = 0 AND (i.uniq = 1 OR ?2 = 1) AND d.name = (SELECT name FROM definition WHERE hash = ?3) ORDER BY i.k LIMIT 1"},
		// The first is for what was to go on and is to go on; it is tried before the
		// second, which touches the index of what is ready.
		{&w.moveOn, "UPDATE instance SET rev = ?, head = ? WHERE k = ? AND rev = ? AND id = ? " +
			"AND ready = 1 AND status = 'runnable' AND reason = '' AND ended = 0"},
		{&w.update, "UPDATE instance SET status = ?, reason = ?, rev = ?, ended = ?, head = ?, ready = ? WHERE k = ? AND rev = ? AND id = ?"},
		{&w.refers, "UPDATE instance SET artifacts = 1 WHERE k = ? AND artifacts = 0"},
		{&w.find, "SELECT k FROM instance WHERE id = ?"},

		{&w.putCell, "INSERT OR REPLACE INTO cell(k, kind, ptr, idx, body) VALUES(?, ?, ?, ?, ?)"},
		{&w.dropCell, "DELETE FROM cell WHERE k = ? AND kind = ? AND ptr = ? AND idx = ?"},
		{&w.setTimer, "INSERT OR REPLACE INTO timer(due, k, ptr, gen) VALUES(?, ?, ?, ?)"},
		{&w.dropTimer, "DELETE FROM timer WHERE due = ? AND k = ? AND ptr = ?"},
		{&w.setWait, "INSERT OR REPLACE INTO sub(name, key, k, ptr, gen, after, since) VALUES(?, ?, ?, ?, ?, ?, ?)"},
		{&w.dropWait, "DELETE FROM sub WHERE name = ? AND key = ? AND k = ? AND ptr = ?"},
		{&w.match, "SELECT seq FROM event WHERE name = ?1 AND key = ?2 AND signal = 0 AND (?5 = 0 OR published >= ?5) " +
			"AND seq > max(?3, CASE WHEN ?5 = 0 THEN (SELECT born FROM instance WHERE k = ?4) ELSE 0 END) ORDER BY seq LIMIT 1"},
		{&w.matchSignal, "SELECT e.seq FROM event e JOIN instance i ON i.id = e.key WHERE e.name = ? AND i.k = ? AND e.signal = 1 AND e.seq > max(?, i.born) ORDER BY e.seq LIMIT 1"},
		{&w.reopen, "UPDATE event SET done = 0, round = round + 1 WHERE seq = ?"},

		{&w.define, "INSERT INTO definition(hash, name, version, body) VALUES(?, ?, ?, ?) ON CONFLICT DO NOTHING"},
		{&w.newest, newestEvent},
		{&w.reveal, "INSERT INTO event(name, key, signal, pubid, published, ttl, expires, payload, trace) SELECT name, key, signal, pubid, due, ttl, " +
			"CASE WHEN ttl = 0 OR due > 9223372036854775807 - ttl THEN 9223372036854775807 ELSE due + ttl END, payload, trace FROM event_later l " +
			"WHERE n = ? AND (signal = 0 OR EXISTS(SELECT 1 FROM instance WHERE id = l.key AND ended = 0))"},
		{&w.revealed, "DELETE FROM event_later WHERE n = ?"},
		{&w.took, "UPDATE event SET taken = 1, failed = max(failed, ?1) WHERE seq = ?2 AND (taken = 0 OR failed < ?1)"},
		{&w.expire, "DELETE FROM event WHERE seq IN (SELECT e.seq FROM event e WHERE e.expires <= ? AND e.done = 1 AND NOT EXISTS(" +
			"SELECT 1 FROM sub w JOIN instance i ON i.k = w.k WHERE e.signal = 0 AND w.name = e.name AND w.key = e.key AND w.after < e.seq " +
			"AND CASE WHEN w.since <> 0 THEN w.since <= e.published ELSE i.born < e.seq END) ORDER BY e.expires, e.seq LIMIT ?)"},
		{&w.victim, "SELECT k, id FROM instance WHERE ended <> 0 AND ended < ?1 AND (?2 = '' OR status = ?2) ORDER BY ended, k LIMIT 1"},
		{&w.victimOf, "SELECT k, id FROM instance WHERE ended <> 0 AND ended < ?1 AND (?2 = '' OR status = ?2) AND id = ?3"},
		{&w.purge[0], "DELETE FROM cell WHERE k = ?1"},
		{&w.purge[1], "DELETE FROM instance WHERE k = ?1"},
		{&w.purge[2], "DELETE FROM event WHERE key = ?1 AND signal = 1"},
		{&w.purge[3], "DELETE FROM event_later WHERE key = ?1 AND signal = 1"},
		{&w.delivered, "UPDATE event SET done = 1 WHERE seq = ? AND round = ?"},
		{&w.done, "DELETE FROM inbox WHERE n = ?"},
		{&w.reply, "INSERT INTO reply(request, at, code, text) VALUES(?, ?, ?, ?) ON CONFLICT DO NOTHING"},
		{&w.dropReplies, "DELETE FROM reply WHERE request IN (SELECT request FROM reply WHERE at < ? ORDER BY at, request LIMIT ?)"},
		{&w.post, insertMsg},
	}
}

// What is published leaves a trace in sqlite_sequence, whether it is still there
// or not.
const newestEvent = "SELECT seq FROM sqlite_sequence WHERE name = 'event'"

// Of messages, by the owner and by others. One that is there, or was answered, is
// not kept again; it is looked up first, so that no number is used up.
const insertMsg = "INSERT INTO inbox(request, class, target, body) SELECT ?1, ?2, ?3, ?4 WHERE ?1 = '' OR " +
	"NOT EXISTS (SELECT 1 FROM inbox WHERE request = ?1) AND NOT EXISTS (SELECT 1 FROM reply WHERE request = ?1)"

// exec runs st with the values that are given, in order, and returns how many rows
// it changed.
func (w *writer) exec(st stmt, values ...driver.Value) (int64, error) {
	_, n, err := w.execID(st, values...)
	return n, err
}

// execID runs st and returns also the row number of what was inserted.
func (w *writer) execID(st stmt, values ...driver.Value) (id, n int64, err error) {
	r, err := st.exec(w.bind(values))
	if err != nil {
		return 0, 0, err
	}
	if n, err = r.RowsAffected(); err != nil {
		return 0, 0, err
	}
	id, err = r.LastInsertId()
	return id, n, err
}

// row runs st and keeps the first row in dest; false: there is none.
func (w *writer) row(st stmt, columns int, values ...driver.Value) (bool, error) {
	return st.row(w.bind(values), w.dest[:columns])
}

func (w *writer) bind(values []driver.Value) []driver.NamedValue {
	for i, v := range values {
		w.args[i].Value = v
	}
	return w.args[:len(values)]
}

// number returns column i of the row that was read.
func (w *writer) number(i int) int64 {
	n, _ := w.dest[i].(int64) // the tables are STRICT
	return n
}

// alone runs st in a transaction of its own and reports whether it changed a row.
// After an error it is not known whether it did; the connection must be dropped.
func (w *writer) alone(st stmt, values ...driver.Value) (bool, error) {
	if _, err := w.exec(w.begin); err != nil {
		return false, err
	}
	n, err := w.exec(st, values...)
	if err != nil {
		return false, err
	}
	if n == 0 {
		_, err = w.exec(w.rollback)
		return false, err
	}
	_, err = w.exec(w.commit)
	return err == nil, err
}

// blob is b as a value that is not NULL.
func blob(b []byte) driver.Value {
	if b == nil {
		return []byte{}
	}
	return b
}

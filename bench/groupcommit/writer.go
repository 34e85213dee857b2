package main

import (
	"database/sql/driver"
	"path/filepath"

	sqlite3 "github.com/mattn/go-sqlite3"
)

const schema = `
CREATE TABLE inst(id TEXT PRIMARY KEY, wf INTEGER NOT NULL, status INTEGER NOT NULL, cur INTEGER NOT NULL,
  updated INTEGER NOT NULL, data BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE ptr(id INTEGER PRIMARY KEY, inst TEXT NOT NULL, step INTEGER NOT NULL, status INTEGER NOT NULL,
  started INTEGER NOT NULL, ended INTEGER NOT NULL, data BLOB);`

// connect makes the database, with the durability that an engine needs too.
func connect(dir string) (driver.Conn, error) {
	dsn := "file:" + filepath.Join(dir, "loop.db") + "?_journal_mode=WAL&_synchronous=FULL"
	c, err := (&sqlite3.SQLiteDriver{}).Open(dsn)
	if err != nil {
		return nil, err
	}
	_, err = c.(*sqlite3.SQLiteConn).Exec(schema, nil)
	return c, err
}

// writer is the only one that writes.
type writer struct {
	c                               driver.Conn
	begin, commit, insert, upd, ptr driver.Stmt
}

// maxBatch bounds the operations of one transaction.
const maxBatch = 1024

func newWriter(c driver.Conn) (*writer, error) {
	w := &writer{c: c}
	for _, s := range []struct {
		to   *driver.Stmt
		text string
	}{
		{&w.begin, "BEGIN IMMEDIATE"},
		{&w.commit, "COMMIT"},
		{&w.insert, "INSERT INTO inst VALUES(?,1,1,0,?,?)"},
		{&w.upd, "UPDATE inst SET cur=?,status=?,updated=?,data=? WHERE id=?"},
		{&w.ptr, "INSERT INTO ptr(inst,step,status,started,ended,data) VALUES(?,?,3,?,?,?)"},
	} {
		var err error
		if *s.to, err = c.Prepare(s.text); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// run commits what is queued, batch by batch, until the queue is closed.
func (w *writer) run(q <-chan op, ready chan<- func()) error {
	batch := make([]op, 0, maxBatch)
	for o := range q {
		batch = append(batch[:0], o)
		if err := exec(w.begin); err != nil {
			return err
		}
		for more := true; more; {
			if err := w.write(&batch[len(batch)-1]); err != nil {
				return err
			}
			if more = len(batch) < maxBatch; !more {
				break
			}
			select {
			case n, open := <-q:
				if more = open; open {
					batch = append(batch, n)
				}
			default:
				more = false
			}
		}
		if err := exec(w.commit); err != nil {
			return err
		}
		for i := range batch {
			ready <- batch[i].then
		}
	}
	return w.c.Close()
}

func (w *writer) write(o *op) error {
	if o.start {
		return exec(w.insert, o.in.id, o.at, o.data)
	}
	if err := exec(w.upd, int64(o.in.cur), o.status, o.at, o.data, o.in.id); err != nil {
		return err
	}
	return exec(w.ptr, o.in.id, int64(o.in.cur), o.at, o.at, o.data)
}

func exec(s driver.Stmt, args ...driver.Value) error {
	_, err := s.Exec(args)
	return err
}

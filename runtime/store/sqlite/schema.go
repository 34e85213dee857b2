package sqlite

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"

	sqlite3 "github.com/mattn/go-sqlite3"
)

// applicationID marks a file as ours: "WFE1".
const applicationID = 0x57464531

// schema is what a file says of itself.
type schema struct {
	version int // 0: it is empty
	wal     bool
}

// examine reads what kind of database c has; newest is the version of schema that
// this program writes. It reads in one transaction, since another process may be
// making the schema.
func examine(c *sqlite3.SQLiteConn, newest int) (schema, error) {
	if _, err := c.Exec("BEGIN", nil); err != nil {
		return schema{}, err
	}
	found, err := look(c, newest)
	_, e := c.Exec("ROLLBACK", nil)
	return found, errors.Join(err, e)
}

func look(c *sqlite3.SQLiteConn, newest int) (schema, error) {
	app, err := number(c, "PRAGMA application_id")
	if err != nil {
		return schema{}, err
	}
	version, err := number(c, "PRAGMA user_version")
	if err != nil {
		return schema{}, err
	}
	things, err := number(c, "SELECT count(*) FROM sqlite_schema")
	if err != nil {
		return schema{}, err
	}
	mode, err := one(c, "PRAGMA journal_mode")
	if err != nil {
		return schema{}, err
	}
	found := schema{int(version), mode == "wal"}
	switch {
	case app == 0 && version == 0 && things == 0:
		return found, nil
	case app != applicationID || version <= 0:
		return found, refusal{ErrForeign, fmt.Sprintf("application_id %d, user_version %d, %d tables and indexes", app, version, things)}
	case version > int64(newest):
		return found, refusal{ErrNewerSchema, fmt.Sprintf("its schema has version %d, this program knows up to %d", version, newest)}
	}
	return found, nil
}

func number(c *sqlite3.SQLiteConn, query string) (int64, error) {
	v, err := one(c, query)
	if err != nil {
		return 0, err
	}
	n, ok := v.(int64)
	if !ok {
		return 0, refusal{ErrCorrupt, fmt.Sprintf("%s is %v", query, v)}
	}
	return n, nil
}

// compare reports the first thing in which the schema of c is not what the
// migrations make: a trigger or a view that someone added could run at each write.
func compare(c *sqlite3.SQLiteConn, list []string) error {
	made, err := sqliteInMemory()
	if err != nil {
		return err
	}
	err = migrate(made, 0, list)
	var want, got map[string]string
	if err == nil {
		want, err = objects(made)
	}
	if err = errors.Join(err, made.Close()); err != nil {
		return err
	}
	if got, err = objects(c); err != nil {
		return err
	}
	for name, text := range got {
		switch w, ok := want[name]; {
		case !ok:
			return refusal{ErrForeign, fmt.Sprintf("there is a %s that the program did not make", name)}
		case w != text:
			return refusal{ErrForeign, fmt.Sprintf("the %s is not as the program made it", name)}
		}
	}
	for name := range want {
		if _, ok := got[name]; !ok {
			return refusal{ErrForeign, fmt.Sprintf("the %s is missing", name)}
		}
	}
	return nil
}

func sqliteInMemory() (*sqlite3.SQLiteConn, error) {
	c, err := (&sqlite3.SQLiteDriver{}).Open(":memory:")
	if err != nil {
		return nil, err
	}
	return c.(*sqlite3.SQLiteConn), nil
}

// objects returns the text of all tables, indexes, views and triggers by kind and
// name, without the statistics that ANALYZE keeps.
func objects(c *sqlite3.SQLiteConn) (map[string]string, error) {
	rows, err := c.Query("SELECT type, name, tbl_name, sql FROM sqlite_schema", nil)
	if err != nil {
		return nil, err
	}
	found := map[string]string{}
	row := make([]driver.Value, 4)
	for err = rows.Next(row); err == nil; err = rows.Next(row) {
		if strings.HasPrefix(fmt.Sprint(row[1]), "sqlite_stat") {
			continue
		}
		found[fmt.Sprintf("%v %v", row[0], row[1])] = fmt.Sprintf("%v: %v", row[2], row[3])
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return found, errors.Join(err, rows.Close())
}

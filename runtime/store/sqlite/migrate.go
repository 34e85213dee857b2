package sqlite

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"

	sqlite3 "github.com/mattn/go-sqlite3"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migrations returns the statements that lead from each schema version to the
// next; the n-th of them, from 0, leads from version n to n+1 and says so itself.
func migrations() ([]string, error) {
	names, err := fs.Glob(migrationFiles, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	list := make([]string, len(names))
	for i, name := range names {
		if want := fmt.Sprintf("%04d_", i+1); path.Base(name)[:len(want)] != want {
			return nil, fmt.Errorf("sqlite: migration %s is not number %d", name, i+1)
		}
		text, err := migrationFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		list[i] = string(text)
	}
	return list, nil
}

// migrate brings a database from version to the newest one, each step in a
// transaction of its own. Only who has the lock may call it.
func migrate(c *sqlite3.SQLiteConn, version int, list []string) error {
	for i := version; i < len(list); i++ {
		if err := step(c, list[i]); err != nil {
			return fmt.Errorf("migrating to schema version %d: %w", i+1, err)
		}
	}
	return nil
}

func step(c *sqlite3.SQLiteConn, text string) error {
	if _, err := c.Exec("BEGIN IMMEDIATE", nil); err != nil {
		return err
	}
	_, err := c.Exec(text, nil)
	if err == nil {
		if _, err = c.Exec("COMMIT", nil); err == nil {
			return nil
		}
	}
	if c.AutoCommit() {
		return err
	}
	_, e := c.Exec("ROLLBACK", nil)
	return errors.Join(err, e)
}

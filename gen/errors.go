package gen

import (
	"fmt"

	"github.com/wfegen/wfe/internal/analysis/diag"
)

// internal is an error of wfegen itself.
func internal(err error) error {
	return fmt.Errorf("wfe: %w [%s]\nthis is a mistake of wfegen; please report it", err, diag.BadOutput)
}

func notOurs(file string) error {
	return fmt.Errorf("wfe: %s was not written by wfegen, and is left alone; move it away: wfegen needs the name", file)
}

func notRegular(file, what string) error {
	return fmt.Errorf("wfe: %s is %s, and is left alone; remove it", file, what)
}

func throughLink(dir, real string) error {
	return fmt.Errorf("wfe: %s leads through a symbolic link to %s; run wfegen there", dir, real)
}

func unwritable(file string, err error) error {
	return fmt.Errorf("wfe: %s cannot be written: %w", file, err)
}

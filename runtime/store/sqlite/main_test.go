package sqlite

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// childEnv makes the test binary a child process of a test: its value says what
// the child does.
const childEnv = "WFE_SQLITE_TEST_CHILD"

func TestMain(m *testing.M) {
	if job := os.Getenv(childEnv); job != "" {
		os.Exit(child(job, os.Getenv(childEnv+"_DB")))
	}
	goleak.VerifyTestMain(m)
}

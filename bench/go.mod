module github.com/wfegen/wfe/bench

go 1.26.0

replace github.com/wfegen/wfe => ..

require (
	github.com/mattn/go-sqlite3 v1.14.53
	github.com/wfegen/wfe v0.0.0-00010101000000-000000000000
)

module github.com/wfegen/wfe/bench

go 1.26.0

replace github.com/wfegen/wfe => ..

require (
	github.com/mattn/go-sqlite3 v1.14.53
	github.com/wfegen/wfe v0.0.0-00010101000000-000000000000
)

require (
	github.com/alecthomas/kong v1.17.0 // indirect
	github.com/dave/jennifer v1.7.1 // indirect
	github.com/netresearch/go-cron v0.9.1 // indirect
	github.com/rogpeppe/go-internal v1.16.0 // indirect
	golang.org/x/mod v0.42.0 // indirect
	golang.org/x/sync v0.24.0 // indirect
	golang.org/x/time v0.16.0 // indirect
	golang.org/x/tools v0.52.0 // indirect
)

tool github.com/wfegen/wfe/cmd/wfegen

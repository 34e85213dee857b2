# The habits of this project. `make` lists them.

.DEFAULT_GOAL := help
.PHONY: help run generate test verify bench bench-quick bench-loops bench-generate bench-codecs bench-telemetry torture torture-reference torture-mutants torture-programs torture-order torture-runtime torture-artifact fuzz-short

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## generate and run the order example; kill it and run it again
	go generate ./examples/...
	go run ./examples/order -db order.db

generate: ## bring all generated code up to date
	go generate ./examples/... ./gen/flowzoo/...
	cd bench && go generate ./...

# The order example kills children of itself, the reference runs hundreds of workflows, and programs build a package of their own:
# no work for the race detector.
test: ## run every test
	go test -race $$(go list ./... | grep -v -e '/examples/order$$' -e '/internal/reference$$' -e '/internal/programs$$')
	go test ./examples/order ./internal/reference ./internal/programs
	cd otelwfe && go test -race ./...

verify: ## check what tests do not: generated code, vet, staticcheck, gofmt, go.mod
	go tool wfegen check ./examples/... ./gen/flowzoo/...
	go vet ./...
	go vet -vettool=$$(go tool -n wfelint) ./examples/...
	go tool staticcheck ./...
	@files=$$(gofmt -l $$(git ls-files '*.go' | grep -v '/testdata/')); if [ -n "$$files" ]; then echo "gofmt would change:"; echo "$$files"; exit 1; fi
	go mod tidy -diff
	go mod verify
	cd bench && go tool wfegen check ./... && go vet ./... && go mod tidy -diff
	cd otelwfe && go vet ./... && go mod tidy -diff
	go test -count=1 ./internal/borders

bench: ## measure the engine beside a bare commit loop; minutes
	cd bench && go run ./cmd/bench

bench-quick: ## the same with a tenth of the sizes
	cd bench && go run ./cmd/bench -quick

bench-loops: ## measure loops of many elements and of many rounds
	cd bench && go run ./cmd/loops

bench-generate: ## measure wfegen: against controller-gen, nothing to do against a full run, 50 packages against 5
	cd bench && go run ./cmd/generate

bench-codecs: ## measure generated serialization against encoding/json and other libraries
	cd bench && go run ./cmd/codecs

bench-telemetry: ## measure what telemetry costs, without an SDK and with one
	cd bench && go run ./cmd/telemetry

# Each part runs by itself too. `make test` has a short form of all but the planted bugs and the order of tests. A failure names its seed.
torture: torture-reference torture-mutants torture-programs torture-order torture-runtime torture-artifact ## all parts that follow; about an hour, more on a busy machine

torture-reference: ## compare 5,000 random workflows with the reference, and run them in 20,000 simulations of crashes and in 1,000 sagas
	go test -count=1 -timeout 60m ./internal/reference -simulations 20000 -programs 5000 -sagas 1000

torture-mutants: ## plant bugs in the runtime, one at a time, and see that the simulations find each
	go test -count=1 -timeout 60m -run 'FindsPlantedBugs' -v ./internal/reference -mutants

torture-programs: ## compare 2,000 random workflows in plain Go with what they are compiled to, and plant bugs in the compiler
	go test -count=1 -timeout 180m -v ./internal/programs -programs 2000 -mutants

torture-order: ## kill the order example 2,000 times under load and end it by SIGTERM 500 times; compare with what happened outside
	WFE_TORTURE_CYCLES=2000 WFE_TORTURE_STOPS=500 go test -count=1 -timeout 60m -run 'TestNoKill|TestNoOrderlyEnd' -v ./examples/order

torture-runtime: ## run the tests of the runtime in random orders, twice, and 100,000 waits for one event
	go test -shuffle=on -count=2 -timeout 30m ./runtime ./runtime/engine ./runtime/instance ./runtime/primitives ./runtime/internal/... ./runtime/store/...
	WFE_WAITERS=100000 go test -count=1 -run TestEvents_OfAHotKey ./runtime

torture-artifact: ## copy 2 GiB of an artifact, and kill the copying 200 times
	WFE_ARTIFACT_BYTES=2147483648 WFE_ARTIFACT_KILLS=200 go test -count=1 -timeout 30m -run 'TestMemory|TestKill' -v ./runtime/artifact

fuzz-short: ## run each fuzz target for 15 s
	@for pkg in $$(go list ./...); do \
		for target in $$(go test -list '^Fuzz' $$pkg | grep '^Fuzz'); do \
			go test -run '^$$' -fuzz "^$$target$$" -fuzztime 15s $$pkg || exit 1; \
		done; \
	done

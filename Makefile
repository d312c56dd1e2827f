# make run   builds and starts the product with starter knowledge and demo accounts
# make test  runs everything: Go with -race, front end, browser
# Both do all the set-up themselves on a machine with Go, a C++ compiler and Node 20.

BIN  := bin/yinda
APP  := web/app
# -trimpath keeps the builder's folders out of the binary; gojieba's own dictionary look-up would not
# survive that, ours is embedded (kb/segment).
GOFLAGS_BUILD := -trimpath -ldflags '-s -w'

.PHONY: run build web test test-go test-web test-browser lint bench clean tools

run: build
	$(BIN) serve --demo

build: web
	go build $(GOFLAGS_BUILD) -o $(BIN) ./cmd/yinda

# The front end is built only when one of its sources is newer than the last build.
WEB_SOURCES := $(shell find $(APP) -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)
web: $(APP)/dist/.built
$(APP)/dist/.built: $(WEB_SOURCES) | tools
	cd $(APP) && npm ci --no-audit --no-fund --loglevel=error
	cd $(APP) && npm run build
	touch $@

tools:
	@command -v go >/dev/null || { echo "缺少 Go 1.26：请先安装 https://go.dev/dl/"; exit 1; }
	@command -v c++ >/dev/null || { echo "缺少 C++ 编译器：Debian/Ubuntu 请执行 apt-get install g++"; exit 1; }
	@command -v npm >/dev/null || { echo "缺少 Node 20：请先安装 https://nodejs.org/"; exit 1; }

test: lint test-go test-web test-browser

lint:
	@out=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$out" ]; then echo "gofmt would change:"; echo "$$out"; exit 1; fi
	go vet ./...

test-go: web
	go test -race -short -timeout 12m ./...
	go test -run 'Teach|Taught|Train|Locked' ./bot ./content ./cmd/yinda ./internal/db

test-web: web
	cd $(APP) && npm run check && npm test

test-browser: build
	cd $(APP) && npm run test:browser

bench:
	go test -run '^$$' -bench . -benchtime 2s ./kb ./bot ./handoff ./web

clean:
	rm -rf bin $(APP)/dist/* $(APP)/node_modules

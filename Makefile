# Chatr. `make` lists what there is; `make run` and `make test` do everything on a fresh machine.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run dev pubsub test lint lint-fix types unit browsers e2e conformance fuzz build bench clean

BUN := node_modules/.bin/bun
INSTALLED := node_modules/.installed
CLIENT := client/dist/index.html
MANIFESTS := package.json package-lock.json $(wildcard */package.json)
CLIENT_SOURCES := $(shell find client protocol/src -type f -not -path '*/dist/*' -not -path '*/node_modules/*' -not -name '*.test.ts')

help: ## 💬 This help message
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk 'BEGIN {FS = ":.*## "}; {printf "%-12s %s\n", $$1, $$2}'

run: $(CLIENT) ## 🏃 Install, build and run Chatr at http://localhost:4280
	@exec $(BUN) server/src/main.ts

dev: $(CLIENT) ## 🔁 The same as run, reloading on change
	@scripts/dev.sh

pubsub: $(INSTALLED) ## 📡 Only the Web PubSub service, at http://localhost:8080
	@exec $(BUN) pubsub/src/command/main.ts $(ARGS)

test: lint types unit browsers e2e ## 🧪 Everything: types, lint, unit, contract, end to end

lint: $(INSTALLED) ## 🔎 Lint & format, will not fix but sets exit code on error
	@npm run --silent check

lint-fix: $(INSTALLED) ## 📜 Lint & format, will try to fix errors and modify code
	@npx --no-install oxlint --type-aware --fix
	@npx --no-install oxfmt .

types: $(INSTALLED) ## 📐 Check the types of every workspace
	@scripts/types.sh

unit: $(CLIENT) ## ⚡ Unit and contract tests
	@$(BUN) test --timeout 30000 ./protocol ./pubsub ./conformance ./api ./server ./client ./bench ./docs
	@$(BUN) test --timeout 30000 --preload ./pubsub/src/testing/on-bun.ts ./pubsub/src ./pubsub/rfc6455

browsers: ## 🌐 Install the browsers of the end-to-end tests, where that is possible
	@scripts/browsers.sh

e2e: $(CLIENT) ## 🎭 End-to-end tests: raw sockets, Chromium, Firefox
	@scripts/e2e.sh

conformance: $(INSTALLED) ## 📋 Compare a Web PubSub with the specification (ARGS='--connection-string …'; ours by default)
	@$(BUN) conformance/src/main.ts $(ARGS)

fuzz: $(INSTALLED) ## 🎲 A million broken frames, handshakes and requests against pubsub/
	@$(BUN) pubsub/fuzz/main.ts $(ARGS)

build: $(CLIENT) ## 📦 Build the client

bench: $(CLIENT) ## 📊 Measure; results go to bench/results
	@$(BUN) bench/src/main.ts
	@$(BUN) bench/src/peers/main.ts

clean: ## 🧹 Clean up project (what you said in Chatr, in .chatr, stays)
	@rm -rf node_modules */node_modules */dist e2e/results

$(INSTALLED): $(MANIFESTS)
	@echo 'Installing what Chatr needs'
	@npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(CLIENT): $(INSTALLED) $(CLIENT_SOURCES)
	@echo 'Building the client'
	@npm run --silent --loglevel=error build --workspace client
	@touch $@

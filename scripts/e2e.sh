#!/usr/bin/env bash
# From outside: raw sockets and real processes first, then Chromium (Chatr, and the page inside pubsub/), then the main
# path in Firefox.
set -euo pipefail
cd "$(dirname "$0")/.."

node_modules/.bin/bun test --timeout 30000 ./e2e/black-box
cd e2e
npx --no-install playwright test "$@"
npx --no-install playwright test --config inspector
node --test firefox/

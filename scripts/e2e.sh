#!/usr/bin/env bash
# From outside: raw sockets and real processes first, then Chromium, then the main path in Firefox.
set -euo pipefail
cd "$(dirname "$0")/.."

node_modules/.bin/bun test --timeout 30000 ./e2e/black-box
cd e2e
npx --no-install playwright test "$@"
node --test firefox/

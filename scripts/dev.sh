#!/usr/bin/env bash
# The server restarts and the page reloads when their files change. Vite has the address, the server stands behind it.
set -euo pipefail
cd "$(dirname "$0")/.."

port=${PORT:-4280}
host=${HOST:-localhost}
PORT=$((port + 1)) HOST=127.0.0.1 node_modules/.bin/bun --watch server/src/main.ts &
server=$!
trap 'kill $server 2>/dev/null' EXIT
cd client
CHATR_DEV_SERVER="http://127.0.0.1:$((port + 1))" npx --no-install vite --port "$port" --host "$host" --strictPort

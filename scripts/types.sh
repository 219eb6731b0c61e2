#!/usr/bin/env bash
# Checks the types of every workspace, two at a time. vue-tsc needs TypeScript 6, which client/ has for itself.
set -euo pipefail
cd "$(dirname "$0")/.."

projects=$(ls -d */tsconfig*.json pubsub/src/inspector/page/tsconfig.json | grep -v '^client/')
printf '%s\n' $projects | xargs -P 2 -I {} npx --no-install tsc -p {}
npm run --silent --workspace client types
echo "types: $(wc -w <<<"$projects client") projects are sound"

#!/usr/bin/env bash
# Checks the types of every workspace, two at a time. vue-tsc needs TypeScript 6, which client/ has for itself.
set -euo pipefail
cd "$(dirname "$0")/.."

projects=$(ls -d */tsconfig*.json | grep -v '^client/tsconfig.json$')
printf '%s\n' $projects | xargs -P 2 -I {} npx --no-install tsc -p {}
npm exec --silent --workspace client -- vue-tsc --noEmit -p tsconfig.json
echo "types: $(wc -w <<<"$projects client") projects are sound"

#!/usr/bin/env bash
# The end-to-end tests drive Chromium and Firefox as Debian packages them. Installs what is missing where that may be done.
set -euo pipefail

missing=()
command -v chromium >/dev/null || missing+=(chromium)
command -v firefox-esr >/dev/null || command -v firefox >/dev/null || missing+=(firefox-esr)
[ ${#missing[@]} -eq 0 ] && exit 0

asRoot=()
if [ "$(id -u)" -ne 0 ]; then
  if ! sudo -n true 2>/dev/null; then
    echo "The end-to-end tests need ${missing[*]}. Install them: sudo apt-get install ${missing[*]}" >&2
    exit 1
  fi
  asRoot=(sudo -n)
fi
if ! command -v apt-get >/dev/null; then
  echo "The end-to-end tests need ${missing[*]}. Install them with your system's package manager." >&2
  exit 1
fi

echo "Installing ${missing[*]} for the end-to-end tests"
"${asRoot[@]}" apt-get update -qq
DEBIAN_FRONTEND=noninteractive "${asRoot[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" fonts-noto-color-emoji >/dev/null

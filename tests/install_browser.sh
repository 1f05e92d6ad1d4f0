#!/bin/sh
# Installs Chromium and fonts for the browser tests where that is possible; says so where it is not.
set -eu
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null && exit 0
done
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    echo "Installing Chromium for the browser tests"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk fonts-dejavu-core >/dev/null
elif [ "${CI:-}" = true ]; then
    echo "No Chromium, and no right to install it: the browser tests cannot run." >&2
    exit 1
else
    echo "No Chromium, and no right to install it: the browser tests will be skipped."
fi

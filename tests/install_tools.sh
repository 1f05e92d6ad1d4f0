#!/bin/sh
# Installs what tests need of the system where that is possible, and says so where it is not: Chromium and fonts for the
# browser tests; libfaketime and iproute2 for those that set a process's clock or make network namespaces.
set -eu

has_browser() {
    for name in chromium chromium-browser google-chrome; do
        command -v "$name" >/dev/null && return 0
    done
    return 1
}

packages=""
has_browser || packages="chromium fonts-noto-cjk fonts-dejavu-core"
command -v faketime >/dev/null || packages="$packages faketime"
command -v ip >/dev/null || packages="$packages iproute2"
[ -n "$packages" ] || exit 0

if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    echo "Installing for the tests: $packages"
    apt-get update -qq
    # shellcheck disable=SC2086  # one word for each package
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >/dev/null
elif ! has_browser && [ "${CI:-}" = true ]; then
    echo "No Chromium, and no right to install it: the browser tests cannot run." >&2
    exit 1
else
    echo "Missing, and no right to install it; tests that need it will be skipped: $packages"
fi

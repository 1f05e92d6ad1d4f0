#!/bin/sh
# Installs what tests need of the system where that is possible, and says so where it is not: Chromium and fonts for the
# browser tests; libfaketime and iproute2 for those that set a process's clock or make network namespaces; what
# docs/deployment.md deploys the site with; promtool for docs/prometheus.
set -eu

has_browser() {
    for name in chromium-headless-shell chromium chromium-browser google-chrome; do
        command -v "$name" >/dev/null && return 0
    done
    return 1
}

packages=""
has_browser || packages="chromium-headless-shell fonts-noto-cjk fonts-dejavu-core"
command -v faketime >/dev/null || packages="$packages faketime"
command -v ip >/dev/null || packages="$packages iproute2"
PATH="$PATH:/usr/sbin"
command -v nginx >/dev/null || packages="$packages nginx-light"
command -v haproxy >/dev/null || packages="$packages haproxy"
command -v systemd-analyze >/dev/null || packages="$packages systemd"
command -v redis-cli >/dev/null || packages="$packages redis-tools"
command -v sqlite3 >/dev/null || packages="$packages sqlite3"
command -v msgfmt >/dev/null || packages="$packages gettext"
command -v promtool >/dev/null || packages="$packages prometheus"
[ -n "$packages" ] || exit 0

if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    echo "Installing for the tests: $packages"
    apt-get update -qq
    # Ubuntu and older releases of Debian have only the whole browser, which takes twice the CPU.
    apt-cache show chromium-headless-shell >/dev/null 2>&1 || packages=$(echo "$packages" | sed "s/chromium-headless-shell/chromium/")
    # shellcheck disable=SC2086  # one word for each package
    # Nothing of it is to run by itself.
    RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >/dev/null
elif ! has_browser && [ "${CI:-}" = true ]; then
    echo "No Chromium, and no right to install it: the browser tests cannot run." >&2
    exit 1
else
    echo "Missing, and no right to install it; tests that need it will be skipped: $packages"
fi

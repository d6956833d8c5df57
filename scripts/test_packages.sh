#!/bin/sh
# What the tests use beside Python: a browser with Chinese type, Java for Spark; for the checks of the site ("web") Node,
# with Lighthouse and a validator of HTML. Debian packages are installed where that may be done (root, or sudo without a
# password), else it is said what to install. What stays missing, the tests skip and say so.
set -u
tools="$(dirname "$0")/../frontend/checks"

# Lighthouse and the validator, as their lock file has them.
node_tools() {
    if ! command -v npm >/dev/null 2>&1; then
        echo "No npm: the checks of the site skip Lighthouse and the validator of HTML." >&2
    elif [ ! "$tools/node_modules/.package-lock.json" -nt "$tools/package-lock.json" ]; then
        echo "Installing for the checks of the site: Lighthouse and a validator of HTML"
        if ! (cd "$tools" && npm ci --ignore-scripts --silent && touch node_modules/.package-lock.json); then
            echo "Could not install them: the checks of the site skip Lighthouse and the validator of HTML." >&2
        fi
    fi
}
finish() {
    [ "${1:-}" = web ] && node_tools
    exit 0
}

wanted=""
command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || wanted="$wanted chromium"
command -v curl >/dev/null 2>&1 || wanted="$wanted curl"
if command -v fc-list >/dev/null 2>&1; then
    [ -n "$(fc-list :lang=zh-cn 2>/dev/null | head -1)" ] || wanted="$wanted fonts-noto-cjk"
else
    wanted="$wanted fontconfig fonts-noto-cjk"
fi
if [ "${1:-}" = web ]; then
    command -v npm >/dev/null 2>&1 || wanted="$wanted nodejs npm"
else
    command -v java >/dev/null 2>&1 || wanted="$wanted default-jre-headless"
fi
[ -n "$wanted" ] || finish "$@"

if ! command -v apt-get >/dev/null 2>&1; then
    echo "Some tests need:$wanted (names of Debian packages). Without them these tests are skipped." >&2
    finish "$@"
fi
as=""
if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        as="sudo -n"
    else
        echo "Some tests need packages that only root may install. Run:" >&2
        echo "    sudo apt-get install -y --no-install-recommends$wanted" >&2
        echo "Without them these tests are skipped." >&2
        finish "$@"
    fi
fi
echo "Installing for the tests:$wanted"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086
if ! { $as apt-get update -q >/dev/null && $as apt-get install -y -q --no-install-recommends $wanted >/dev/null; }; then
    echo "Could not install:$wanted. The tests that need them are skipped." >&2
fi
finish "$@"

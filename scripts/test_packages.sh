#!/bin/sh
# Debian packages that the tests use: a browser with Chinese type, and Java for Spark. Installs them where it may (root,
# or sudo without a password), else says what to install. What stays missing, the tests skip and say so.
set -u

wanted=""
command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || wanted="$wanted chromium"
if command -v fc-list >/dev/null 2>&1; then
    [ -n "$(fc-list :lang=zh-cn 2>/dev/null | head -1)" ] || wanted="$wanted fonts-noto-cjk"
else
    wanted="$wanted fontconfig fonts-noto-cjk"
fi
command -v java >/dev/null 2>&1 || wanted="$wanted default-jre-headless"
[ -n "$wanted" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "The browser and Spark tests need:$wanted (names of Debian packages). Without them these tests are skipped." >&2
    exit 0
fi
as=""
if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        as="sudo -n"
    else
        echo "The browser and Spark tests need packages that only root may install. Run:" >&2
        echo "    sudo apt-get install -y --no-install-recommends$wanted" >&2
        echo "Without them these tests are skipped." >&2
        exit 0
    fi
fi
echo "Installing for the tests:$wanted"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086
if ! { $as apt-get update -q >/dev/null && $as apt-get install -y -q --no-install-recommends $wanted >/dev/null; }; then
    echo "Could not install:$wanted. The tests that need them are skipped." >&2
fi
exit 0

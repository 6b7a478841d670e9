#!/bin/sh
# Installs the Debian packages that a part of the project needs:  tests/deps.sh build demo check lint
# Nothing happens when all are there; without the right to install, says what is missing.
set -eu

packages_of() {
    case $1 in
    build) echo "gcc libc6-dev make bison re2c pkg-config libyaml-dev libcjson-dev libssl-dev" \
                "libcurl4-openssl-dev libevent-dev libhiredis-dev zlib1g-dev" ;;
    demo) echo "curl" ;;
    check) echo "curl python3 openssl nginx haproxy redis-server glewlwyd chromium chromium-driver" ;;
    lint) echo "clang-format-19 clang-tidy-19 cppcheck shellcheck python3" ;;
    fuzz) echo "clang-19 libclang-rt-19-dev" ;;
    *) echo "deps.sh: no such part: $1" >&2; exit 2 ;;
    esac
}

installed() {
    dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'ok installed'
}

missing=
for part in "$@"; do
    for package in $(packages_of "$part"); do
        # a tool that is there under another roof will do
        case $package in
        gcc | make | curl | openssl) command -v "$package" >/dev/null && continue ;;
        esac
        installed "$package" || missing="$missing $package"
    done
    if [ "$part" = check ]; then
        for module in pytest jsonschema yaml; do
            /usr/bin/python3 -c "import $module" 2>/dev/null || missing="$missing python3-$module"
        done
        /usr/bin/python3 -c "import xdist" 2>/dev/null || missing="$missing python3-pytest-xdist"
        command -v npm >/dev/null || missing="$missing npm"
    fi
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ]; then
    as_root=
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    as_root=sudo
else
    echo "missing packages; install them with: apt-get install$missing" >&2
    exit 1
fi
echo "installing:$missing"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086  # a list of words
$as_root apt-get install -y --no-install-recommends $missing >/dev/null 2>&1 || {
    $as_root apt-get update
    $as_root apt-get install -y --no-install-recommends $missing
}

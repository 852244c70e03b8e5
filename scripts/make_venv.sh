#!/usr/bin/env bash
# Make a virtual environment with pip in it: make_venv.sh PYTHON FOLDER
#
# A plain Debian 12 with python3 and python3-pip lacks ensurepip (it is in python3-venv), and its pip refuses to install
# outside an environment. So four ways are tried, from the one that changes nothing on the machine to the one that does.
set -euo pipefail
python=$1
folder=$2

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "Coterie needs Python 3.11 or newer; '$python' is older. Name another one: make PYTHON=python3.12 ..." >&2
    exit 1
fi

works() { "$folder/bin/python" -m pip --version >/dev/null 2>&1; }
try() { rm -rf "$folder"; "$@" >>"$log" 2>&1 && works; }

# A pip outside fills an environment that has none (pip 22.3 and newer).
without_ensurepip() {
    "$python" -m venv --without-pip "$folder" &&
        "$python" -m pip --python "$folder/bin/python" install --quiet pip
}
virtualenv_for_user() {
    "$python" -m pip install --quiet --user virtualenv && "$python" -m virtualenv --quiet "$folder"
}
virtualenv_despite_debian() {
    "$python" -m pip install --quiet --user --break-system-packages virtualenv &&
        "$python" -m virtualenv --quiet "$folder"
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT
if works; then exit 0; fi
for way in "$python -m venv $folder" without_ensurepip virtualenv_for_user virtualenv_despite_debian; do
    # The first way is a command line of words without spaces inside, so it may be split here.
    # shellcheck disable=SC2086
    if try $way; then
        exit 0
    fi
done
rm -rf "$folder"
cat "$log" >&2
echo "No virtual environment could be made. On Debian: apt-get install python3-venv python3-pip, then try again." >&2
exit 1

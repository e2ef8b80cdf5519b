#!/bin/sh
# Makes .venv with genloss and its locked requirements: ./setup.sh base|dev
# base: scores and ranks. dev: also trains, generates pairs and runs the tests; needs ImageMagick.
set -eu
cd "$(dirname "$0")"
kind=${1:-base}

say() { printf 'setup: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

# Runs a command that may take long: says every few seconds what it is at, and shows what it printed where it fails.
run_slowly() {
    log=$(mktemp)
    (
        while sleep 4 >/dev/null 2>&1 && kill -0 $$ 2>/dev/null; do
            say "... $(tail -n 1 "$log" | sed 's/^ *//' | cut -c 1-100)"
        done
    ) &
    ticker=$!
    trap 'kill $ticker 2>/dev/null; rm -f "$log"' EXIT
    failed=0
    "$@" >"$log" 2>&1 || failed=1
    [ $failed = 0 ] || tail -n 20 "$log" >&2
    kill $ticker 2>/dev/null || true
    rm -f "$log"
    trap - EXIT
    return $failed
}

case $kind in base | dev) ;; *) fail "unknown kind $kind; use ./setup.sh base or ./setup.sh dev" ;; esac

# Runs apt-get where this user may; tells what to type where not.
install_package() {
    if ! command -v apt-get >/dev/null; then
        say "please install the package $1 with your system's package manager"; return 1
    elif [ "$(id -u)" = 0 ]; then admin=""
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then admin="sudo -n"
    else say "may not install packages here; please run: sudo apt-get install $1"; return 1
    fi
    say "installing $1"
    export DEBIAN_FRONTEND=noninteractive
    $admin apt-get install -y -qq "$1" >/dev/null 2>&1 ||
        { $admin apt-get update -qq >/dev/null 2>&1; $admin apt-get install -y -qq "$1" >/dev/null; } ||
        { say "could not install $1"; return 1; }
}

library_missing() { ! ldconfig -p 2>/dev/null | grep -q "$1" && ! /sbin/ldconfig -p 2>/dev/null | grep -q "$1"; }

magick_package() {
    names='^libmagickwand-[67]\.q16-[0-9]+(t64)?$'
    found=$(apt-cache search --names-only "$names" 2>/dev/null | awk '{print $1}' | sort | tail -n 1)
    if [ -z "$found" ] && [ "$(id -u)" = 0 ]; then
        apt-get update -qq >/dev/null 2>&1 || true
        found=$(apt-cache search --names-only "$names" 2>/dev/null | awk '{print $1}' | sort | tail -n 1)
    fi
    echo "${found:-libmagickwand-6.q16-6}"
}

python=""
for name in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
    if command -v "$name" >/dev/null && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
        python=$name; break
    fi
done
[ -n "$python" ] || fail "Python 3.11 or newer is needed; on Debian or Ubuntu: sudo apt-get install python3 python3-venv"

if [ ! -x .venv/bin/python ]; then
    rm -rf .venv
    "$python" -c 'import ensurepip, venv' 2>/dev/null || install_package python3-venv ||
        fail "Python's venv module is missing; on Debian or Ubuntu: sudo apt-get install python3-venv"
    "$python" -m venv .venv || fail "$python could not make a virtual environment in .venv"
fi

if library_missing libMagickWand && ! install_package "$(magick_package)"; then
    [ "$kind" = base ] || fail "ImageMagick's library is needed to generate pairs and to run the tests"
    say "going on without ImageMagick: scoring works, generating pairs will not"
fi

if library_missing libturbojpeg; then
    package=libturbojpeg0 # Debian's name
    apt-cache show libturbojpeg0 >/dev/null 2>&1 || ! apt-cache show libturbojpeg >/dev/null 2>&1 || package=libturbojpeg # Ubuntu's
    install_package "$package" || say "going on without libturbojpeg: JPEGs take longer, their scores are the same"
fi

# What compiling takes: a C compiler and Python's headers. Without them genloss runs all the same.
headers='import os, sys, sysconfig; sys.exit(not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))'
compiles=yes
command -v cc >/dev/null || { install_package gcc && install_package libc6-dev; } || compiles=no
[ $compiles = no ] || .venv/bin/python -c "$headers" ||
    install_package "python$(.venv/bin/python -c 'import sys; print("%d.%d" % sys.version_info[:2])')-dev" || compiles=no

chromium_missing() { ! command -v chromium >/dev/null && ! command -v chromium-browser >/dev/null && ! command -v google-chrome >/dev/null; }
if [ "$kind" = dev ] && chromium_missing; then
    install_package chromium || say "going on without Chromium: the tests of the web pages will fail and say so"
fi

say "installing the locked Python packages ($kind), which may take a few minutes"
# Python compiles what it imports when it does so; pip would compile all files of all packages.
run_slowly .venv/bin/python -m pip install --no-compile --progress-bar off --disable-pip-version-check --require-hashes -r "requirements/$kind.txt" ||
    fail "pip could not install requirements/$kind.txt (see above)"

slow="scoring takes seconds for a picture, the scores are the same"
if [ $compiles = yes ]; then say "compiling genloss's measurements, which takes half a minute"
else say "going on without a C compiler and Python's headers: $slow"
fi
run_slowly .venv/bin/python -m pip install --disable-pip-version-check --no-deps --no-build-isolation -e . ||
    fail "pip could not install genloss itself (see above)"
[ $compiles = no ] || .venv/bin/python -W ignore -c 'from genloss.model.kernels.compiled import IS_COMPILED; assert IS_COMPILED' 2>/dev/null ||
    say "the measurements could not be compiled: $slow"
touch .venv/.base
[ "$kind" = base ] || touch .venv/.dev

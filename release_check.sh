#!/bin/sh
# Checks what would be released: make release-check
# Builds the source archive and, from it, the wheel; checks both with twine; installs the wheel into an empty environment; ranks the
# samples there, from a folder that knows no checkout.
set -eu
cd "$(dirname "$0")"
root=$PWD
out=$root/build/release
bin=$root/.venv/bin
version=$("$bin/python" -c 'import genloss; print(genloss.__version__)')

say() { printf 'release-check: %s\n' "$*"; }
fail() { say "$*" >&2; exit 1; }

rm -rf "$out"
mkdir -p "$out"
trap 'rm -rf "$out/environment"' EXIT

say "building genloss $version"
"$bin/python" -m build --no-isolation --outdir "$out/dist" >"$out/build.log" 2>&1 ||
    { tail -n 20 "$out/build.log" >&2; fail "the build failed; all of it is in $out/build.log"; }
"$bin/python" -m twine check --strict "$out"/dist/*

say "installing the wheel into an empty environment"
"$bin/python" -m venv "$out/environment"
python=$out/environment/bin/python
"$python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/base.txt
"$python" -m pip install --quiet --disable-pip-version-check --no-deps --no-index "$out"/dist/*.whl

say "ranking the samples with it"
cp -r samples "$out/samples"
cd "$out"
[ "$(environment/bin/genloss --version)" = "genloss $version" ] || fail "the wheel is of another version"
for name in cat drawing screenshot; do
    first=$(environment/bin/genloss rank samples/$name/*.* --format csv --output - | sed -n 2p)
    case $first in
    *samples/$name/original.*) say "samples/$name: original first" ;;
    *) fail "samples/$name: the original is not first: $first" ;;
    esac
done
say "ready: $(cd dist && echo *)"

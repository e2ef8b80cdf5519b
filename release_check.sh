#!/bin/sh
# Tries what `make wheels` left in dist/: installs the wheel into an empty environment and ranks the samples there, from a folder
# that knows no checkout. Run by `make release-check`.
set -eu
cd "$(dirname "$0")"
root=$PWD
out=$root/build/release
version=$(.venv/bin/python -c 'import genloss; print(genloss.__version__)')

say() { printf 'release-check: %s\n' "$*"; }
fail() { say "$*" >&2; exit 1; }

rm -rf "$out"
mkdir -p "$out"
trap 'rm -rf "$out/environment"' EXIT
[ -f "dist/genloss-$version.tar.gz" ] || fail "dist/ has no source archive of $version"

say "installing the wheel into an empty environment"
.venv/bin/python -m venv "$out/environment"
python=$out/environment/bin/python
"$python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/base.txt
"$python" -m pip install --quiet --disable-pip-version-check --no-deps --no-index dist/genloss-"$version"-*.whl

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
say "ready: $(cd "$root/dist" && echo *)"

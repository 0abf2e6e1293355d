#!/usr/bin/env bash
# Packs what a cluster's machines need: the wheel of the library, and its compiled dependencies as one archive.
# usage: scripts/pack_environment.sh OUTPUT_FOLDER    -> OUTPUT_FOLDER/profile_engine-*.whl, OUTPUT_FOLDER/environment.tar.gz
# Run it on a machine like the cluster's: same operating system, same Python version at the same place.
set -euo pipefail
cd "$(dirname "$0")/.."
OUT=$(mkdir -p "${1:?give an output folder}" && cd "$1" && pwd)
VENV=${VENV:-.venv}
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

"$VENV/bin/python" -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation -w "$OUT" .
"$VENV/bin/python" -c 'import sys, venv; venv.create(sys.argv[1], with_pip=False)' "$WORK/environment"
install() { "$VENV/bin/python" -m pip --python "$WORK/environment/bin/python" install --quiet --disable-pip-version-check -c constraints.txt "$@"; }
# the wheel's own requirements, without the wheel: its code comes by --py-files
"$VENV/bin/python" - "$WORK/requirements.txt" <<'PYTHON'
import importlib.metadata
import sys

wanted = [line for line in importlib.metadata.requires("profile-engine") or [] if "extra ==" not in line]
open(sys.argv[1], "w").write("\n".join(wanted))
PYTHON
install -r "$WORK/requirements.txt"
# Spark itself is the cluster's; only the thin Python sides of Delta and GraphFrames travel
install --no-deps delta-spark graphframes-py
"$VENV/bin/venv-pack" --quiet --force --compress-level 1 -p "$WORK/environment" -o "$OUT/environment.tar.gz"
ls -l "$OUT"

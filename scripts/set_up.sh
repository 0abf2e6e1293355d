#!/usr/bin/env bash
# Makes the virtual environment, installs pinned dependencies and resolves the Spark jars.
# What is missing on the machine is said in a sentence that tells what to install.
set -euo pipefail
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-python3}
VENV=${VENV:-.venv}

stop() { printf 'set-up stopped: %s\n' "$1" >&2; exit 2; }

command -v "$PYTHON" >/dev/null 2>&1 \
  || stop "no $PYTHON on the PATH. Install Python 3.11 or newer (Debian: apt install python3 python3-venv), or name one: make PYTHON=/path/to/python3.11"
"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
  || stop "$("$PYTHON" --version 2>&1) is too old. Install Python 3.11 or newer, or name one: make PYTHON=/path/to/python3.11"

JAVA=${JAVA_HOME:+$JAVA_HOME/bin/}java
command -v "$JAVA" >/dev/null 2>&1 \
  || stop "no Java found. Spark needs Java 17 or newer: install it (Debian: apt install openjdk-17-jre-headless) or set JAVA_HOME"
JAVA_MAJOR=$("$JAVA" -version 2>&1 | sed -nE 's/.* version "(1\.)?([0-9]+).*/\2/p' | head -n 1)
[ "${JAVA_MAJOR:-0}" -ge 17 ] \
  || stop "Java ${JAVA_MAJOR:-of an unknown version} at $JAVA is too old. Spark needs Java 17 or newer: install it (Debian: apt install openjdk-17-jre-headless) or set JAVA_HOME"

if [ ! -x "$VENV/bin/python" ]; then
  "$PYTHON" -m venv "$VENV" \
    || stop "this Python can't make a virtual environment. Install its venv module (Debian: apt install python3-venv)"
fi
echo "installing pinned dependencies into $VENV (some minutes the first time)"
"$VENV/bin/python" -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[spark,dev]' \
  || stop "the Python dependencies could not be installed; pip's message is above. Is the package index reachable?"
echo "resolving the Spark jars (Delta, GraphFrames, S3)"
"$VENV/bin/python" -m profile_engine.lake.jars conf/engine.yaml

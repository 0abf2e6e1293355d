"""Resolving Maven coordinates with Spark's own Ivy, in a JVM that lives only for that."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlparse

IVY_SETTINGS = ("spark.jars.ivy", "spark.jars.ivySettings", "spark.jars.repositories", "spark.jars.excludes")
_MARK = "resolved-jars:"
# spark-submit resolves the packages first, then runs this with the result in its configuration; no context is started.
_ASK = f"""
from pyspark import SparkConf, SparkContext
SparkContext._ensure_initialized()
print("{_MARK}" + (SparkConf().get("spark.jars") or ""))
"""
_PROBLEM = re.compile(
    r"(unresolved dependency: [^\n]*|::\s+\S+#\S+;\S+: not found|UnknownHostException[^\n]*|Connection refused)"
)
_LONGEST_SECONDS = 900


@dataclass(frozen=True, slots=True)
class Resolution:
    """`files` is None when something could not be resolved; `problem` is then what Ivy said first."""

    files: tuple[Path, ...] | None
    problem: str = ""


def resolve(
    spark_home: Path, coordinates: Sequence[str], excludes: Sequence[str], settings: Mapping[str, str]
) -> Resolution:
    """The jar files of coordinates with all they need; takes seconds, and downloads what is not in Ivy's cache."""
    command = [str(spark_home / "bin" / "spark-submit"), "--master", "local[1]", "--packages", ",".join(coordinates)]
    given = {name: settings[name] for name in IVY_SETTINGS if name in settings}
    left_out = [*excludes, *filter(None, given.pop("spark.jars.excludes", "").split(","))]
    if left_out:
        command += ["--exclude-packages", ",".join(left_out)]
    for name, value in given.items():
        command += ["--conf", f"{name}={value}"]
    with tempfile.TemporaryDirectory() as scratch:
        script = Path(scratch) / "ask_for_jars.py"
        script.write_text(_ASK, encoding="utf-8")
        environment = {**os.environ, "PYSPARK_PYTHON": sys.executable, "PYSPARK_DRIVER_PYTHON": sys.executable}
        environment.pop("PYSPARK_SUBMIT_ARGS", None)
        done = subprocess.run(
            [*command, str(script)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=_LONGEST_SECONDS,
            check=False,
        )
    for line in done.stdout.splitlines():
        if line.startswith(_MARK) and done.returncode == 0:
            return Resolution(tuple(_file(uri) for uri in line.removeprefix(_MARK).split(",") if uri))
    found = _PROBLEM.search(done.stderr)
    last = done.stderr.strip().splitlines()[-1:] or ["nothing"]
    return Resolution(None, " ".join((found[1] if found else last[0]).split()))


def _file(uri: str) -> Path:
    return Path(unquote(urlparse(uri).path)) if uri.startswith("file:") else Path(uri)

"""What the class path of a Spark installation or of a submitted application has already."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path
from zipfile import BadZipFile, ZipFile

CAPABILITIES = {
    "delta": ("io/delta/sql/DeltaSparkSessionExtension.class", re.compile("delta")),
    "graphframes": ("org/graphframes/GraphFrame.class", re.compile("graphframes|sedona-spark-shaded")),
    "s3": ("org/apache/hadoop/fs/s3a/S3AFileSystem.class", re.compile("hadoop-aws|hadoop-cloud")),
}
"""A class that shows the capability, and what the names of jars look like that may hold it."""
_VERSION = re.compile(r"-\d[\w.\-]*\.jar$")


def capabilities_of(jars: Iterable[Path]) -> frozenset[str]:
    """Which of delta, graphframes and s3 these jars bring; only jars whose name is promising are opened."""
    jars = list(jars)
    return frozenset(
        capability
        for capability, (entry, name) in CAPABILITIES.items()
        if any(name.search(jar.name) and _holds(jar, entry) for jar in jars)
    )


def given_jars(spark_home: Path, settings: Mapping[str, str], environment: Mapping[str, str]) -> list[Path]:
    """Jars on the class path before anything is resolved: Spark's own folder, `spark.jars`, the extra class path, and
    what PYSPARK_SUBMIT_ARGS gives by --jars, --driver-class-path or --conf."""
    words = shlex.split(environment.get("PYSPARK_SUBMIT_ARGS", ""))
    submitted = dict(pairwise(words))
    confs = [word.split("=", 1) for flag, word in pairwise(words) if flag == "--conf" and "=" in word]
    told = {**dict(confs), **settings}
    files = [*told.get("spark.jars", "").split(","), *submitted.get("--jars", "").split(",")]
    paths = [
        *told.get("spark.driver.extraClassPath", "").split(os.pathsep),
        *submitted.get("--driver-class-path", "").split(os.pathsep),
    ]
    jars = [Path(name.removeprefix("file:")) for name in files if name]
    for path in filter(None, paths):
        folder = Path(path.removesuffix("*"))
        jars += folder.glob("*.jar") if path.endswith("*") else [folder]
    return [*installed_jars(spark_home), *jars]


def installed_jars(spark_home: Path) -> list[Path]:
    """The jars that a Spark installation ships."""
    return sorted((spark_home / "jars").glob("*.jar"))


def without_installed(resolved: Iterable[Path], installed: Iterable[Path]) -> tuple[Path, ...]:
    """Resolved jars but for those that Spark ships itself, in whatever version: Spark's own is the one in force, so a
    second copy would only be carried to every executor."""
    shipped = {_VERSION.sub("", jar.name) for jar in installed}
    # Ivy names a file organisation_artifact-version.jar
    return tuple(jar for jar in resolved if _VERSION.sub("", jar.name.partition("_")[2] or jar.name) not in shipped)


def _holds(jar: Path, entry: str) -> bool:
    try:
        with ZipFile(jar) as archive:
            archive.getinfo(entry)
    except (KeyError, OSError, BadZipFile):
        return False
    return True

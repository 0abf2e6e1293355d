"""The files of a source: listed by glob, described as rows."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from py4j.protocol import Py4JJavaError
from pyspark.errors import AnalysisException
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from profile_engine.errors import DataError

_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://")


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A file as a listing shows it: unread."""

    dataset: str
    source: str
    path: str
    size: int
    modified_at: datetime


def listed_files(spark: SparkSession, root: Path, dataset: str, source: str, pattern: str) -> list[ListedFile]:
    """The files that match, sorted by path; hidden ones (_ or . before the name) are left out, as Spark does.

    pattern   a glob: local ones count from `root` and know `**`; of a URI (s3a://, abfss://) the listing is Hadoop's
    """
    if _SCHEME.match(pattern) and not pattern.startswith("file://"):
        found = _listed_by_spark(spark, pattern, dataset, source)
    else:
        found = _listed_locally(root, pattern.removeprefix("file://"))
    return [ListedFile(dataset, source, *each) for each in sorted(found)]


@contextmanager
def listed_by_executors(spark: SparkSession) -> Iterator[None]:
    """Inside, Spark looks up the files that it is told to read in one job, however many there are.

    By default it asks for few files one after the other, and only for more than 32 in a job: the number of jobs would
    depend on the number of files, and an object store answers slowly.
    """
    setting = "spark.sql.sources.parallelPartitionDiscovery.threshold"
    before = spark.conf.get(setting)
    try:
        spark.conf.set(setting, "0")
    except Exception:  # a platform that does not let this be set: its own number holds
        yield
        return
    try:
        yield
    finally:
        spark.conf.set(setting, str(before))


def is_remote(path: str) -> bool:
    """Whether only Spark's file systems can open the path."""
    return _SCHEME.match(path) is not None


def _listed_locally(root: Path, pattern: str) -> list[tuple[str, int, datetime]]:
    found = []
    # relative to the project, and absolute from then on: what was read must not depend on where the run was started
    for path in glob.iglob(os.path.join(os.path.abspath(root), pattern), recursive=True):
        name = os.path.basename(path)
        if os.path.isfile(path) and not name.startswith(("_", ".")):
            status = os.stat(path)
            # whole microseconds, as a table keeps them
            moment = datetime.fromtimestamp(status.st_mtime_ns // 1_000_000_000, UTC).replace(
                microsecond=status.st_mtime_ns // 1000 % 1_000_000
            )
            found.append((os.path.normpath(path), status.st_size, moment))
    return found


def _cannot_be_listed(dataset: str, source: str, pattern: str, why: str) -> DataError:
    return DataError(
        f"the files of source {dataset}/{source} at {pattern} can't be listed ({why}); check the address and the credentials "
        "of its file system"
    )


def _listed_by_spark(spark: SparkSession, pattern: str, dataset: str, source: str) -> list[tuple[str, int, datetime]]:
    try:
        listing = spark.read.format("binaryFile").load(pattern)
        rows: Sequence[tuple[str, int, int]] = [
            tuple(row) for row in listing.select("path", "length", F.unix_micros("modificationTime")).collect()
        ]
    except AnalysisException as error:
        if error.getCondition() == "PATH_NOT_FOUND":
            return []
        raise _cannot_be_listed(dataset, source, pattern, str(error.getCondition())) from error
    except Py4JJavaError as error:  # of the file system itself: no such bucket, not allowed, no such host
        what = error.java_exception.getClass().getSimpleName()
        raise _cannot_be_listed(dataset, source, pattern, what) from None
    return [
        (path, size, datetime.fromtimestamp(micros // 1_000_000, UTC).replace(microsecond=micros % 1_000_000))
        for path, size, micros in rows
    ]

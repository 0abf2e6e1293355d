"""Writing all parts of a destination in one go: beside their final place, one file a part, sorted by identity."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pandas as pd
from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.pandas.functions import pandas_udf

from profile_engine.config.model import ConfigModel
from profile_engine.destinations.changes import EXITED, REALIZED
from profile_engine.destinations.file_formats import FileFormat
from profile_engine.destinations.payload import AUDIENCE, PART, payload
from profile_engine.destinations.target import FileEnd, Target
from profile_engine.errors import PermanentDeliveryError, PlatformError, TransientDeliveryError

_NO_FILE_SYSTEM = re.compile(r'No FileSystem for scheme "\w+"|Class [\w.]*FileSystem not found')


@dataclass(frozen=True)
class StagedFile:
    """A file that Spark has written; the path is relative to the target."""

    audience_no: int
    part_no: int
    path: str
    bytes: int
    sha256: str


def files_of(
    deliveries: DataFrame, identity_column: str, with_status: bool, file_format: FileFormat, options: ConfigModel
) -> DataFrame:
    """Rows as they stand in files, `__audience` and `__part` first; each part whole in one partition, and in order.

    deliveries  `audience_no, part_no, identity, attributes, status`
    """
    status = F.when(F.col("status") == EXITED, EXITED).otherwise(REALIZED)
    rows = payload(deliveries.withColumn("status", status), identity_column, with_status)
    return (
        file_format.laid_out(rows, options)
        .repartition(AUDIENCE, PART)
        .sortWithinPartitions(AUDIENCE, PART, F.col(f"`{identity_column}`"))
    )


def staged(
    files: DataFrame, target: Target, folder: str, file_format: FileFormat, options: ConfigModel
) -> list[StagedFile]:
    """Writes `files` below `folder` of the target and measures each on the executors.

    Raises PlatformError when Spark lacks what the target needs, else a DeliveryError; never with a value in its text.
    """
    uri, spark = target.uri(folder), files.sparkSession
    settings = {
        **target.spark_options(),
        "mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
        # moves files once, not twice, which on S3 are copies; nobody reads staging before `checked` has seen every part
        "mapreduce.fileoutputcommitter.algorithm.version": "2",
    }
    try:
        written = files.write.format(file_format.NAME).options(**settings, **file_format.spark_options(options))
        written.partitionBy(AUDIENCE, PART).mode("errorifexists").save(uri)
        found = (
            spark.read.format("binaryFile").options(**settings).load(uri)
            .select(AUDIENCE, PART, "path", "length", _sha256(file_format.END).alias("sha256"))
            .collect()
        )  # fmt: skip
    except (PySparkException, Py4JError) as error:
        raise _told(error, uri) from error
    return [
        StagedFile(row[AUDIENCE], row[PART], f"{folder}/{row.path.rsplit(f'/{folder}/', 1)[1]}", row.length, row.sha256)
        for row in found
    ]


@contextmanager
def looked_up_in_one_job(spark: SparkSession) -> Iterator[None]:
    """Inside, Spark looks up staged files in one job, however many parts there are (else only more than 32 folders are).

    A setting of the whole session, so it is for the caller of all that goes side by side.
    """
    setting = "spark.sql.sources.parallelPartitionDiscovery.threshold"
    before = spark.conf.get(setting)
    try:
        spark.conf.set(setting, "0")
    except PySparkException:  # a platform that doesn't let this be set: its own number holds
        yield
        return
    try:
        yield
    finally:
        spark.conf.set(setting, str(before))


def checked(files: list[StagedFile], expected: set[tuple[int, int]], where: str) -> dict[tuple[int, int], StagedFile]:
    """Files by audience and part number; raises unless each expected part is exactly one file."""
    by_part = {(file.audience_no, file.part_no): file for file in files}
    if len(files) != len(expected) or set(by_part) != expected:
        raise PermanentDeliveryError(
            f"{where}: Spark wrote {len(expected)} parts and {len(files)} are seen there; the place must be the same for the "
            "driver and all executors (a shared disk, or an object store)"
        )
    return by_part


def _sha256(end: FileEnd | None) -> Column:
    """Of a file as it will be published."""
    if end is None:
        return F.sha2("content", 256)

    def formed(files: Iterator[pd.Series]) -> Iterator[pd.Series]:
        for contents in files:
            yield contents.map(lambda content: hashlib.sha256(end.canonical_file(content)).hexdigest())

    hashes: Column = pandas_udf(formed, "string")("content")  # type: ignore[call-overload]
    return hashes


def _told(error: Exception, where: str) -> Exception:
    missing = _NO_FILE_SYSTEM.search(str(error))
    if missing is not None:
        hint = (
            "hadoop-aws and the AWS SDK under spark.packages.s3"
            if "s3a" in missing[0].lower()
            else "its jar under spark.packages"
        )
        return PlatformError(
            f"Spark can't write to {where}: {missing[0]}; list {hint} in conf/engine.yaml (the engine adds them to sessions "
            "that it starts), or give a running session those jars"
        )
    kind = (error.getCondition() if isinstance(error, PySparkException) else None) or type(error).__name__
    return TransientDeliveryError(f"Spark could not write to {where} ({kind}); see Spark's log, then run again")

"""Profile ids taken out of a lake, and into another that is still empty, where every person keeps theirs.

Two tables in one folder, with values instead of the hashes of one lake's key:

identifiers  (namespace, value, first_seen_at, profile_id), a row a known identifier; profile_id null where it has none now
profiles     (profile_id, profile_no, anchor_namespace, anchor_value, anchor_priority, minted_at, merged_into, merged_at), a
             row an id that was ever given; the last two where another profile has taken it in
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from profile_engine.errors import ConfigurationError, DataError, LakeError
from profile_engine.identity.profile_ids import merges_in_force
from profile_engine.lake.identity_changes import MERGED_INTO, MINTED
from profile_engine.lake.lake import Lake
from profile_engine.lake.runs import Run
from profile_engine.schemas.identifiers import with_identifier_ids

Format = Literal["parquet", "csv"]
IDENTIFIERS = "namespace string, value string, first_seen_at timestamp, profile_id string"
PROFILES = (
    "profile_id string, profile_no bigint, anchor_namespace string, anchor_value string, anchor_priority int, "
    "minted_at timestamp, merged_into string, merged_at timestamp"
)
_CSV = {
    "header": "true", "quoteAll": "true", "escape": '"', "multiLine": "true", "nullValue": "\\N", "emptyValue": "",
    "enforceSchema": "false", "ignoreLeadingWhiteSpace": "false", "ignoreTrailingWhiteSpace": "false",
    "timestampFormat": "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX",
}  # fmt: skip
_TABLES = ("identifier", "identity_map", "identity_change")


@dataclass(frozen=True)
class IdsMoved:
    """How many rows were written: identifiers, and profile ids (today's and those that were merged away)."""

    identifiers: int
    profiles: int


def export_ids(lake: Lake, folder: str, format: Format) -> IdsMoved:
    """Write both tables of the current release to `folder`, a new one.

    Raises LakeError where nobody has an id yet, ConfigurationError for a folder that has exported ids already.
    """
    if not lake.exists("identity_map"):
        raise LakeError("the lake has no profile ids yet; run `profile-engine run` first")
    known = lake.read("identifier").select("identifier_id", "namespace", "value", "first_seen_at")
    mapped = known.join(lake.read("identity_map"), "identifier_id", how="left")
    ledger = lake.read("identity_change")
    anchors = known.selectExpr("identifier_id as anchor_id", "namespace as anchor_namespace", "value as anchor_value")
    minted = ledger.where(F.col("change") == MINTED).select(
        "profile_id", "profile_no", "anchor_id", "anchor_priority", "minted_at"
    )
    profiles = minted.join(anchors, "anchor_id", how="inner").join(merges_in_force(ledger), "profile_id", how="left")
    with _said_where(folder, format):
        return IdsMoved(
            _exported(mapped, f"{folder}/identifiers", format, IDENTIFIERS, ["namespace", "value"]),
            _exported(profiles, f"{folder}/profiles", format, PROFILES, ["profile_no"]),
        )


def import_ids(run: Run, folder: str, format: Format) -> IdsMoved:
    """Give a lake that has no identity graph the ids of `folder`; the next identity run finds them as if it had given them.

    Land everything that the exported lake had before that run: an id of which no identifier is seen then is gone.
    Raises LakeError for a lake with a graph, DataError for tables that are not there, can't be read or do not fit each other.
    """
    there = [table for table in _TABLES if run.exists(table)]
    if there:
        raise LakeError(
            f"the lake has an identity graph already ({', '.join(there)}); ids are imported into an empty lake"
        )
    key = run.lake.identifier_key()
    with _said_where(folder, format):
        identifiers = _imported(run.spark, f"{folder}/identifiers", format, IDENTIFIERS)
        profiles = _imported(run.spark, f"{folder}/profiles", format, PROFILES)
        anchors = profiles.selectExpr("*", "anchor_namespace as namespace", "anchor_value as value")
        profiles = with_identifier_ids(anchors, key).withColumnRenamed("identifier_id", "anchor_id").localCheckpoint()
        identifiers = with_identifier_ids(identifiers, key).localCheckpoint()
    _refuse_misfits(identifiers, profiles)
    mapped = identifiers.where("profile_id is not null").select("identifier_id", "profile_id")
    known = identifiers.select(
        "identifier_id", "namespace", "value", "first_seen_at", F.lit(False).alias("second_hash")
    )
    run.append("identity_map", mapped)
    run.append("identity_change", _ledger(profiles).withColumn("run_id", F.lit(run.run_id)))
    return IdsMoved(run.append("identifier", known), profiles.count())


@contextmanager
def _said_where(folder: str, format: Format) -> Iterator[None]:
    """Inside, what Spark says of files is said with their place and what to do."""
    try:
        yield
    except (PySparkException, Py4JError) as error:
        kind = (error.getCondition() if isinstance(error, PySparkException) else None) or type(error).__name__
        if kind == "PATH_ALREADY_EXISTS":
            raise ConfigurationError(
                f"there are exported ids at {folder} already; name a folder that does not exist yet"
            ) from error
        if kind == "PATH_NOT_FOUND":
            raise DataError(
                f"there are no exported ids at {folder}; give the folder that `profile-engine ids export` wrote, with "
                "identifiers/ and profiles/ in it"
            ) from error
        raise DataError(
            f"the exported ids at {folder} can't be read or written as {format} ({kind}); give the --format in which they "
            "were exported, and check the address and the credentials of its file system"
        ) from error


def _ledger(profiles: DataFrame) -> DataFrame:
    nobody, nothing = F.lit(None).cast("string"), F.lit(None).cast("bigint")
    minted = profiles.select(
        F.lit(MINTED).alias("change"), "profile_id", "profile_no", nobody.alias("other_profile_id"),
        nothing.alias("identifier_id"), "anchor_id", "anchor_priority", "minted_at", F.col("minted_at").alias("at"),
    )  # fmt: skip
    merged = profiles.where("merged_into is not null").select(
        F.lit(MERGED_INTO).alias("change"), "profile_id", F.col("merged_into").alias("other_profile_id"),
        F.col("merged_at").alias("at"),
    )  # fmt: skip
    return minted.unionByName(merged, allowMissingColumns=True)


def _refuse_misfits(identifiers: DataFrame, profiles: DataFrame) -> None:
    """Raises DataError with all that is wrong: rows that stand there twice, or that miss what they belong to."""
    twice = identifiers.groupBy("identifier_id").count().where("count > 1").count()
    of_ids = profiles.agg(
        F.count("*").alias("rows"), F.count_distinct("profile_id").alias("ids"),
        F.count_distinct("profile_no").alias("numbers"),
    )  # fmt: skip
    todays = profiles.where("merged_into is null").select("profile_id")
    strays = identifiers.where("profile_id is not null").join(todays, "profile_id", how="left_anti").count()
    adrift = profiles.join(identifiers, F.col("anchor_id") == F.col("identifier_id"), how="left_anti").count()
    (counts,) = of_ids.collect()
    wrong = [
        f"{many} {what}"
        for many, what in (
            (twice, "identifiers stand there more than once, or share a hash under this lake's key"),
            (counts["rows"] - counts["ids"], "profile ids stand there more than once"),
            (counts["rows"] - counts["numbers"], "profile numbers stand there more than once"),
            (strays, "identifiers belong to an id that is not among today's"),
            (adrift, "profile ids have an anchor that is not among the identifiers"),
        )
        if many
    ]
    if wrong:
        raise DataError(f"the exported ids do not fit each other: {'; '.join(wrong)}; nothing was imported")


def _exported(rows: DataFrame, path: str, format: Format, columns: str, order: list[str]) -> int:
    names = [column.split()[0] for column in columns.split(", ")]
    chosen = rows.select(*names).orderBy(*order)
    options = _CSV if format == "csv" else {}
    chosen.write.format(format).options(**options).mode("error").save(path)
    return _imported(rows.sparkSession, path, format, columns).count()


def _imported(spark: SparkSession, path: str, format: Format, columns: str) -> DataFrame:
    options = _CSV if format == "csv" else {}
    return spark.read.format(format).schema(columns).options(**options).load(path)

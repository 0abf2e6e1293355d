"""One Delta table where it lies: its head, its commits, its versions, and the writes that Delta knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC

from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame, DataFrameReader, DataFrameWriter, SparkSession

from profile_engine.config.engine import EngineConfig
from profile_engine.lake.commits import Commit, commit_file, commit_of, logged_commit, logged_versions
from profile_engine.lake.control import ControlFolder, remove_folder
from profile_engine.lake.places import Place

USER_METADATA = "spark.databricks.delta.commitInfo.userMetadata"
_ABSENT = ("NOT_FOUND", "MISSING_DELTA_TABLE", "NOT_A_DELTA_TABLE", "TABLE_ONLY_OPERATION", "DOES_NOT_EXIST")


@dataclass(frozen=True)
class StoredTable:
    """`log` is the table's `_delta_log` folder where files can be listed and read without Spark: on this machine and on
    S3. Elsewhere, and in a catalog, Delta's history answers the same questions with a small job each."""

    spark: SparkSession
    engine: EngineConfig
    place: Place
    log: ControlFolder | None

    def head(self) -> int | None:
        """The newest version, or None where no table is."""
        if self.log is not None:
            versions = logged_versions(self.log.names(""))
            return versions[-1] if versions else None
        newest = self._history(1)
        return newest[0].version if newest else None

    def newest_commit(self) -> Commit | None:
        if self.log is not None:
            head = self.head()
            return None if head is None else self.commit(head)
        newest = self._history(1)
        return newest[0] if newest else None

    def commit(self, version: int) -> Commit | None:
        """One commit, or None where the log has none of this version (any more)."""
        if self.log is not None:
            content = self.log.read(commit_file(version))
            return None if content is None else logged_commit(self.place.table, version, content)
        return next((commit for commit in self._history(None) if commit.version == version), None)

    def commits_above(self, version: int) -> list[Commit]:
        """Commits after a version (-1: all), oldest first."""
        if self.log is not None:
            above = (self.commit(found) for found in logged_versions(self.log.names("")) if found > version)
            return [commit for commit in above if commit is not None]
        return sorted((c for c in self._history(None) if c.version > version), key=lambda commit: commit.version)

    def _history(self, limit: int | None) -> list[Commit]:
        statement = f"DESCRIBE HISTORY {self.place.sql_name}" + ("" if limit is None else f" LIMIT {limit}")
        try:
            rows = self.spark.sql(statement).collect()
        except AnalysisException as error:
            if any(word in str(error.getCondition() or error).upper() for word in _ABSENT):
                return []
            raise
        return [
            commit_of(
                self.place.table,
                row["version"],
                row["timestamp"].astimezone(UTC),
                row["operation"],
                row["operationMetrics"],
                row["userMetadata"],
                row["operationParameters"],
            )
            for row in rows
        ]

    def read(self, version: int | None = None) -> DataFrame:
        """A version's rows; the frame stays at that version whatever is written after.

        (Measured: naming the head's version costs nothing, and a frame without a version reads what is the head
        when it is used, not when it was made.) Raises AnalysisException where the version can't be read.
        """
        reader = self.spark.read
        if version is not None:
            reader = reader.option("versionAsOf", version)
        return self._load(reader)

    def change_feed(self, first: int, last: int) -> DataFrame:
        reader = self.spark.read.option("readChangeFeed", "true")
        return self._load(reader.option("startingVersion", first).option("endingVersion", last))

    def _load(self, reader: DataFrameReader) -> DataFrame:
        if self.place.path is None:
            return reader.table(self.place.sql_name)
        return reader.format("delta").load(self.place.path)

    def create(self, rows: DataFrame, partitioned_by: tuple[str, ...], properties: Mapping[str, str]) -> None:
        """The first write: the table, its properties and its rows in one commit; replaces what lies there."""
        writer = rows.write.mode("overwrite").option("overwriteSchema", "true").options(**properties)
        self._save(writer.partitionBy(*partitioned_by) if partitioned_by else writer)

    def append(self, rows: DataFrame, options: Mapping[str, str]) -> None:
        """Add rows; without rows Delta makes no commit (measured), unless a transaction id is among the options."""
        self._save(rows.write.mode("append").options(**options))

    def overwrite(self, rows: DataFrame, where: str | None, options: Mapping[str, str]) -> None:
        writer = rows.write.mode("overwrite").option("partitionOverwriteMode", "static").options(**options)
        self._save(writer if where is None else writer.option("replaceWhere", where))

    def _save(self, writer: DataFrameWriter) -> None:
        if self.place.path is None:
            writer.format("delta").saveAsTable(self.place.sql_name)
        else:
            writer.format("delta").save(self.place.path)

    def restore(self, version: int, mark: str) -> int:
        """Bring back a version's content in a commit of its own; returns that commit's version."""
        with user_metadata(self.spark, mark):
            self.spark.sql(f"RESTORE TABLE {self.place.sql_name} TO VERSION AS OF {version}").collect()
        head = self.head()
        assert head is not None
        return head

    def drop(self) -> bool:
        """Remove the table with its files; False where that can't be done from here."""
        if self.place.path is None:
            self.spark.sql(f"DROP TABLE IF EXISTS {self.place.sql_name}")
            return True
        return remove_folder(self.place.path, self.engine)


@contextmanager
def user_metadata(spark: SparkSession, mark: str) -> Iterator[None]:
    """Every Delta commit of the session carries the mark while this is open."""
    before = spark.conf.get(USER_METADATA, None)
    spark.conf.set(USER_METADATA, mark)
    try:
        yield
    finally:
        if before is None:
            spark.conf.unset(USER_METADATA)
        else:
            spark.conf.set(USER_METADATA, before)

"""The lake: every table of the engine, read as the last release has it, and written by one run at a time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession

from profile_engine.config.engine import EngineConfig
from profile_engine.errors import ConfigurationError, LakeError
from profile_engine.lake.control import control_folder, folder_of_files
from profile_engine.lake.identifier_key import identifier_key
from profile_engine.lake.migrations import MigrationStep, migration_steps
from profile_engine.lake.places import Places
from profile_engine.lake.releases import Release, newest_release, refuse_newer_format, releases_since
from profile_engine.lake.retention import kept_for
from profile_engine.lake.runs import Run
from profile_engine.lake.stored_table import StoredTable
from profile_engine.lake.tables import table_entry
from profile_engine.lake.versions import empty_rows, past_rows, pinned_rows

_TIME_TRAVEL_CHECK = "spark.databricks.delta.vacuum.enforceTimeTravelWithinDeletedFileRetentionDuration"
_log = logging.getLogger(__name__)


def utc_now() -> datetime:
    """The clock of leases and records; business time is a run's as_of and never read from here."""
    return datetime.now(UTC)


def open_lake(
    spark: SparkSession,
    engine: EngineConfig,
    root: Path,
    *,
    clock: Callable[[], datetime] = utc_now,
    migrations: Mapping[int, MigrationStep] | None = None,
) -> Lake:
    """The lake that `engine` names; relative paths count from `root`. Makes nothing: a new lake begins with a run."""
    try:
        # Delta refuses a version that was committed longer ago than files are kept, even where it was the head until
        # now; what can be read is decided by when a version was superseded (versions.py).
        spark.conf.set(_TIME_TRAVEL_CHECK, "false")
    except Exception as error:  # a platform that does not let this be set; its head can still be read
        _log.info("setting=%s refused=%s", _TIME_TRAVEL_CHECK, type(error).__name__)
    return Lake(spark, engine, root, clock, migration_steps() if migrations is None else migrations)


class Lake:
    """Reading needs no lease and sees whole releases only; writing is done in `run`."""

    def __init__(
        self,
        spark: SparkSession,
        engine: EngineConfig,
        root: Path,
        clock: Callable[[], datetime],
        migrations: Mapping[int, MigrationStep],
    ) -> None:
        self.spark, self.engine, self.clock, self.migrations = spark, engine, clock, migrations
        self._places = Places.of(engine.lake, root)
        self.location = self._places.lake
        self.control = control_folder(self._places.control, engine)
        self.lease_lasts: timedelta = kept_for(engine.lake.lease)
        self.keep_releases: timedelta = kept_for(engine.lake.keep_releases)
        self.kept = str(engine.lake.keep_releases)
        self._known: tuple[int, Release | None] | None = None
        self._pinned: Release | None = None

    def stored(self, table: str) -> StoredTable:
        """The table where it lies; for the rooms below the stages (runs, maintenance, tests)."""
        place = self._places.place(table)
        log = None if place.path is None else folder_of_files(f"{place.path}/_delta_log", self.engine)
        return StoredTable(self.spark, self.engine, place, log)

    def exists(self, table: str) -> bool:
        return self._version(table) is not None

    def read(self, table: str, version: int | None = None) -> DataFrame:
        """The rows of the current release, or of a version; a table not written yet has no rows and its known columns.

        Tables that are never rolled back are read as they are now. Raises VersionGone.
        """
        stored = self.stored(table)
        if version is not None:
            return past_rows(stored, version, now=self.clock(), keep=self.keep_releases, kept=self.kept)
        current = self._version(table)
        if current is None:
            return empty_rows(stored, table_entry(table))
        if self._pinned is not None and table_entry(table).rolled_back:
            return past_rows(stored, current, now=self.clock(), keep=self.keep_releases, kept=self.kept)
        return pinned_rows(stored, current, self.kept)

    def at(self, moment: datetime) -> Lake:
        """This lake as the newest kept release as of a time or before has it; to be read only.

        Raises LakeError for a time whose release is gone, with the earliest that is kept.
        """
        kept = self.kept_releases()
        fitting = [release for release in kept if release.as_of <= moment]
        if not fitting:
            earliest = min((release.as_of for release in kept), default=None)
            told = f"the earliest kept is as of {earliest.isoformat()}" if earliest else "there is none yet"
            raise LakeError(
                f"no release as of {moment.astimezone(UTC).isoformat()} or before is kept (lake.keep_releases: {self.kept}); "
                f"{told}; who was in a segment at an earlier time: `profile-engine explain members`"
            )
        past = copy(self)
        past._pinned = max(fitting, key=lambda release: (release.as_of, release.release_id))
        return past

    def identifier_key(self) -> bytes:
        """The key of identifier hashes, made on first use. Raises LakeError when it is gone or another than the first."""
        return identifier_key(
            self.control,
            self.engine.lake.identifier_key,
            lake=self.location,
            has_ids=self.exists("identifier"),
        )

    def current_release(self) -> Release | None:
        """The last published release. Raises LakeError for a lake of a newer format."""
        release = self.newest_release()
        refuse_newer_format(release, self.location)
        return release

    def published_release(self) -> Release:
        """The last published release; raises LakeError before the first run, and for a lake of a newer format."""
        release = self.current_release()
        if release is None:
            raise LakeError("the lake has no release yet; run `profile-engine run` first")
        return release

    def stage_time(self, stage: str) -> datetime | None:
        """As of when a stage last ran in the current release; None where it has not."""
        release = self.current_release()
        return None if release is None else release.stage_times.get(stage)

    def newest_release(self) -> Release | None:
        """The last published release whatever its format; read again only when another one was published."""
        if self._pinned is not None:
            return self._pinned
        stored = self.stored("release")
        head = stored.head()
        if head is None:
            return None
        if self._known is None or self._known[0] != head:
            self._known = (head, newest_release(stored.read(head)))
        return self._known[1]

    def published(self, release: Release, version: int | None) -> None:
        """A run of this lake published a release as this version of the table: it need not be read."""
        self._known = None if version is None else (version, release)

    def kept_releases(self) -> list[Release]:
        """The releases whose tables can be read, oldest first; the current one is always among them."""
        stored = self.stored("release")
        head = stored.head()
        if head is None:
            return []
        kept = releases_since(stored.read(head), self.clock() - self.keep_releases)
        current = self.current_release()
        return kept if kept or current is None else [current]

    @contextmanager
    def run(
        self, job: str, as_of: datetime, run_id: str | None = None, *, confirmed: Collection[str] = ()
    ) -> Iterator[Run]:
        """A writing run: published when the `with` ends well, undone when it does not.

        `as_of` carries its zone. `confirmed` are gates that a person has agreed to. Raises LeaseHeld, GateRefused,
        LakeError.
        """
        run = self.open_run(job, as_of, run_id, confirmed=confirmed)
        try:
            yield run
        except BaseException as error:
            run.abandon(error)
            raise
        run.publish()

    def open_run(self, job: str, as_of: datetime, run_id: str | None = None, *, confirmed: Collection[str] = ()) -> Run:
        """A run whose caller must call `publish` or `abandon`; one that does neither is a dead run to the next."""
        if as_of.tzinfo is None:
            raise ConfigurationError(
                f"as_of {as_of.isoformat()} has no time zone; write it with one, such as {as_of.isoformat()}Z"
            )
        moment = as_of.astimezone(UTC)
        return Run(self, job, moment, run_id or f"{job}-{moment:%Y%m%dT%H%M%S}Z", confirmed)

    def _version(self, table: str) -> int | None:
        if not table_entry(table).rolled_back:
            return self.stored(table).head()
        release = self.current_release()
        return None if release is None else release.tables.get(table)

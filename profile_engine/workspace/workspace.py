"""A project opened on its lake: the small Python face that notebooks, scripts and the command line share."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame, SparkSession

from profile_engine.lake.lake import Lake, open_lake
from profile_engine.lake.places import absolute
from profile_engine.lake.session import spark_session
from profile_engine.observability.progress import RunProgress
from profile_engine.project import Project, open_project
from profile_engine.project.location import local_project
from profile_engine.workspace.lasting_places import refuse_lost_writes
from profile_engine.workspace.road import STAGES, RunResult, run_stages

if TYPE_CHECKING:
    from profile_engine.identity.evidence.cluster import Cluster
    from profile_engine.identity.evidence.joined import LinkExplained
    from profile_engine.segments.preview import Preview
    from profile_engine.workspace.explain_identity import DroppedExplained, HubsExplained, ProfileExplained
    from profile_engine.workspace.explain_members import MembersExplained
    from profile_engine.workspace.explain_person import PersonExplained
    from profile_engine.workspace.exported_ids import Format, IdsMoved
    from profile_engine.workspace.simulate_identity import IdentitySimulated


class Workspace:
    """One project with its Spark session and its lake, both opened when first needed."""

    def __init__(self, project: Project, spark: SparkSession | None = None) -> None:
        self.project, self._given_session = project, spark

    @cached_property
    def spark(self) -> SparkSession:
        """The platform's session, the one given, or a local one with the jars of conf/engine.yaml."""
        return self._given_session or spark_session(self.project.engine, needs_s3=needs_s3(self.project))

    @cached_property
    def lake(self) -> Lake:
        refuse_lost_writes(self.project, ())
        return open_lake(self.spark, self.project.engine, self.project.root)

    def run(
        self,
        as_of: datetime,
        stages: Sequence[str] | None = None,
        run_id: str | None = None,
        *,
        job: str = "run_everything",
        confirmed: frozenset[str] = frozenset(),
        progress: RunProgress | None = None,
    ) -> RunResult:
        """Runs the road, or the stages named, as of a time with a zone; see `road.run_stages`."""
        refuse_lost_writes(self.project, stages or tuple(STAGES))
        return run_stages(
            self.project, self.lake, job=job, stages=stages or tuple(STAGES), as_of=as_of, run_id=run_id,
            confirmed=confirmed, progress=progress,
        )  # fmt: skip

    def table(self, name: str) -> DataFrame:
        """Any table of the lake, at the current release."""
        return self.lake.read(name)

    def preview(self, segment: str | Path, as_of: datetime | None = None) -> Preview:
        """What a segment would be: a file that is nobody's yet, or the id of one in the project; as of the last release
        unless said otherwise. Raises ConfigErrors with every problem of the file, LakeError before the first run."""
        from profile_engine.segments.preview import preview
        from profile_engine.workspace.preview_segment import segment_to_preview

        asked_for = segment_to_preview(self.project, segment)  # what is wrong with it is said before Spark starts
        return preview(self.lake, self.project, asked_for, as_of)

    def explain_person(
        self,
        profile_id: str | None = None,
        *,
        namespace: str | None = None,
        value: str | None = None,
        as_of: datetime | None = None,
    ) -> PersonExplained:
        """One person, by profile id or by an identifier of theirs, now or as of a run whose release is kept; raises
        ConfigurationError when unknown."""
        from profile_engine.workspace.explain_person import explain_person

        return explain_person(self.project, self.lake, profile_id, namespace, value, as_of)

    def explain_members(
        self, segment: str, as_of: datetime | None = None, others: Sequence[str] = ()
    ) -> MembersExplained:
        """Who was in a segment at a time, under which definition, its sizes, and what it shares with others today."""
        from profile_engine.workspace.explain_members import explain_members

        return explain_members(self.project, self.lake, segment, as_of, others)

    def explain_link(self, first: tuple[str, str], second: tuple[str, str]) -> tuple[LinkExplained, Cluster]:
        """Why two identifiers, each (namespace, value), are one person or two, and the cluster around them."""
        from profile_engine.workspace.explain_identity import explain_link

        return explain_link(self.project, self.lake, first, second)

    def explain_profile(
        self, profile_id: str | None = None, *, namespace: str | None = None, value: str | None = None
    ) -> ProfileExplained:
        """A profile as identity sees it, by any id it ever had or by an identifier."""
        from profile_engine.workspace.explain_identity import explain_profile

        return explain_profile(self.project, self.lake, profile_id, namespace, value)

    def explain_dropped(self, examples: int = 3) -> DroppedExplained:
        """Links and identifiers that identity dropped, by reason, with so many examples each."""
        from profile_engine.workspace.explain_identity import explain_dropped

        return explain_dropped(self.lake, examples)

    def explain_hubs(self, examples: int = 3) -> HubsExplained:
        """The values of each namespace that met the most people, whether a limit is set or not."""
        from profile_engine.workspace.explain_identity import explain_hubs

        return explain_hubs(self.project, self.lake, examples)

    def simulate_identity(self, identity: Path, examples: int = 5) -> IdentitySimulated:
        """What other rules (a folder like conf/identity, or one file of it) would do to the lake; writes nothing.

        Raises ConfigErrors with every problem of the files, LakeError before the first run.
        """
        from profile_engine.workspace.simulate_identity import simulate_identity

        changed = open_project(self.project.root, self.project.environment, identity, broken_rules_aside=True)
        return simulate_identity(self.project, changed, self.lake, examples)

    def todays_ids(self, profile_ids: Sequence[str] | DataFrame) -> DataFrame:
        """Profile ids that were ever given as they are today: `profile_id, todays_id, what`; see `todays_ids`."""
        from profile_engine.workspace.todays_ids import todays_ids

        if not isinstance(profile_ids, DataFrame):
            profile_ids = self.spark.createDataFrame([(one,) for one in profile_ids], "profile_id string")
        return todays_ids(self.lake, profile_ids)

    def export_ids(self, folder: str, format: Format = "parquet") -> IdsMoved:
        """Write every profile id, and who has it, to a new folder; see `exported_ids`."""
        from profile_engine.workspace.exported_ids import export_ids

        return export_ids(self.lake, folder, format)

    def import_ids(
        self, folder: str, as_of: datetime, format: Format = "parquet", run_id: str | None = None
    ) -> IdsMoved:
        """Give this lake, which has no identity graph yet, the ids that another one's `export_ids` wrote."""
        from profile_engine.workspace.exported_ids import import_ids

        refuse_lost_writes(self.project, ())
        with self.lake.run("import_ids", as_of, run_id) as run:
            return import_ids(run, folder, format)


def open_workspace(
    project: str | Path = ".",
    environment: str | None = None,
    lake: str | None = None,
    spark: SparkSession | None = None,
) -> Workspace:
    """Opens a project (a folder, an archive or a URI); `lake` overrides where its lake is, from the working folder.

    Raises ConfigErrors with every problem of the project's files; where all are in files of segments, these segments are set
    aside (`project.set_aside`), and a run goes on without them.
    """
    opened = open_project(local_project(project), environment, broken_rules_aside=True)
    if lake is not None:
        config = opened.engine.lake.model_copy(
            update={"path": absolute(lake, Path.cwd()), "catalog": None, "schema_name": None}
        )
        opened = dataclasses.replace(opened, engine=opened.engine.model_copy(update={"lake": config}))
    return Workspace(opened, spark)


def needs_s3(project: Project) -> bool:
    """Whether the lake, a source or a destination is on S3, so that Spark needs the s3a jars."""
    places = [project.engine.lake.path or "", project.engine.lake.control or ""]
    places += [source.files for dataset in project.datasets.values() for source in dataset.sources.values()]
    on_s3 = any(place.startswith(("s3://", "s3a://")) for place in places)
    return on_s3 or any(destination.connector == "s3_files" for destination in project.destinations.values())

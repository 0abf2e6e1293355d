"""Whom a run has to evaluate: the people whose data moved, and those whose answers can change by time alone.

Everybody else is in the segments in which the last evaluation left him. Where that can't be told, everybody is evaluated and
the reason is given in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from profile_engine.rules.program import Program
from profile_engine.rules.references import named_segments
from profile_engine.schemas.identifiers import owner_profile_id

if TYPE_CHECKING:
    from profile_engine.lake.runs import Run
    from profile_engine.segments.segment import Segment

Rule = tuple[int, str | None]
"""A segment by number, with the content hash of its rule; None where it was set aside, whatever its rule was."""


@dataclass(frozen=True)
class Due:
    """`people` (`profile_id`, distinct) are to be evaluated by all rules; None stands for everybody, and `why` says why.
    `rules` are to be evaluated for all the others too. `count` is how many `people` there are, once they are counted."""

    people: DataFrame | None
    why: str | None = None
    rules: frozenset[str] = frozenset()
    count: int = 0


def rules_of(segments: Mapping[str, Segment], numbers: Mapping[str, int]) -> dict[str, tuple[int, str]]:
    """Each segment's number and content hash."""
    return {id: (numbers[id], segment.content_hash) for id, segment in segments.items()}


def moved_rules(
    segments: Mapping[str, Segment], rules: Mapping[str, tuple[int, str]], known: frozenset[Rule]
) -> frozenset[str]:
    """The segments that are not as everybody was last evaluated by them, and those that name one of these."""
    moved = {id for id, rule in rules.items() if rule not in known}
    while more := {id for id in segments.keys() - moved if named_segments(segments[id].condition) & moved}:
        moved |= more
    return frozenset(moved)


def with_named(segments: Mapping[str, Segment], wanted: Iterable[str]) -> dict[str, Segment]:
    """These segments and all that they name, directly or through others."""
    found = {id: segments[id] for id in wanted}
    while more := {name for one in found.values() for name in named_segments(one.condition)} & segments.keys() - found.keys():  # fmt: skip
        found |= {name: segments[name] for name in more}
    return found


def people_due(
    run: Run, stage: str, program: Program, since: DataFrame | None, *, by_graph: bool, without_graph: bool
) -> Due:
    """Whom the rules that stayed the same are to be evaluated for.

    since          rows that `identity_change` has gained since the last evaluation; None where that can't be told
    by_graph       whether a merge policy of the rules uses the identity graph
    without_graph  whether one does not
    """
    found = [_whose_time_has_come(run)]
    for table in ("profile", "timeline", "identity_map"):
        if run.version(table) == run.inputs_of(stage).get(table):
            continue
        if table == "timeline" and run.written_anew(table, stage):
            return Due(None, "table timeline was written anew")
        changes = run.changes(table, stage)
        if changes is None:
            return Due(None, f"what changed in table {table} can't be read any more")
        if table != "timeline":
            found.append(changes.select("profile_id"))
            continue
        owners = _owners_of_events(changes, program)
        if by_graph:
            owned = run.read("identity_map").withColumnRenamed("identifier_id", "owner_id")
            found.append(owned.join(owners, "owner_id", "left_semi").select("profile_id"))
        if without_graph:
            found.append(owners.select(owner_profile_id().alias("profile_id")))
    if run.version("identity_change") != run.inputs_of(stage).get("identity_change"):
        if since is None:
            return Due(None, "what changed in table identity_change can't be read any more")
        # both sides of every merge, split and move, as of whatever time identity was resolved
        found += [since.select("profile_id"), since.select(F.col("other_profile_id").alias("profile_id"))]
    return Due(reduce(DataFrame.unionByName, found).where(F.col("profile_id").isNotNull()).distinct())


def _whose_time_has_come(run: Run) -> DataFrame:
    return run.read("evaluation_state").where(F.col("next_change_at") <= F.lit(run.as_of)).select("profile_id")


def _owners_of_events(changes: DataFrame, program: Program) -> DataFrame:
    """The owners of events that came, went or changed, of the types that a rule looks at."""
    return changes.where(F.col("event_type").isin(list(program.event_types))).select("owner_id").distinct()

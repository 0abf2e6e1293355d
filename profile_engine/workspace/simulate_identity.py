"""What changed identity rules would do to the lake as it is: the stage itself, rehearsed, and nothing written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from profile_engine.identity.effect import Regrouping, Shape, largest_regroupings, shape
from profile_engine.identity.last_graph import last_graph
from profile_engine.identity.links import DROPPED
from profile_engine.identity.stage import STAGE, identity_inputs, resolve_identity
from profile_engine.lake.gates import Gate
from profile_engine.lake.lake import Lake
from profile_engine.lake.rehearsal import Rehearsal
from profile_engine.project.project import Project


@dataclass(frozen=True)
class IdentitySimulated:
    """The effect of other rules: both graphs, what would happen to profile ids, the gates and what they would say."""

    as_of: datetime
    release_id: int
    before: Shape
    after: Shape
    minted: int
    merged: int
    """Profiles whose id would go over into another's."""
    split: int
    """Pairs of a new profile and one that it would split from."""
    moved: int
    """Identifiers that would move from one profile to another that goes on."""
    regroupings: tuple[Regrouping, ...]
    dropped: dict[str, tuple[int, int]]
    """Dropped links by reason, before and after."""
    gates: tuple[Gate, ...]
    other_causes: str | None
    """Why a run would change the graph with the present rules too; None where all of the effect is the rules'."""

    @property
    def refused(self) -> tuple[Gate, ...]:
        return tuple(gate for gate in self.gates if not gate.passed)


def simulate_identity(present: Project, changed: Project, lake: Lake, examples: int = 5) -> IdentitySimulated:
    """Resolve identity as `changed` says over what the current release holds, and compare it with that release.

    Runs the code of the stage on a rehearsal. Raises LakeError before the first run, and what the stage raises.
    """
    rehearsal = Rehearsal(lake)
    behind = rehearsal.behind(STAGE, identity_inputs(present), present.configuration_hash(STAGE))
    other_causes = behind or last_graph(rehearsal, STAGE).why_behind(rehearsal.as_of)
    before = shape(lake.read("identity_map"), lake.read("link"))
    figures = resolve_identity(rehearsal, changed).figures
    changes = rehearsal.read("identity_change").where(F.col("run_id") == rehearsal.run_id)
    was, is_now = _dropped(lake.read("link")), _dropped(rehearsal.read("link"))
    return IdentitySimulated(
        as_of=rehearsal.as_of,
        release_id=rehearsal.release.release_id,
        before=before,
        after=shape(rehearsal.read("identity_map"), rehearsal.read("link")),
        minted=_count(figures, "minted"),
        merged=_count(figures, "merged"),
        split=_count(figures, "split"),
        moved=_count(figures, "moved"),
        regroupings=largest_regroupings(changes, examples),
        dropped={reason: (was.get(reason, 0), is_now.get(reason, 0)) for reason in sorted({*was, *is_now})},
        gates=rehearsal.gates,
        other_causes=other_causes,
    )


def _dropped(links: DataFrame) -> dict[str, int]:
    rows = links.where(F.col("state") == DROPPED).groupBy("reason").count().collect()
    return {row["reason"]: row["count"] for row in rows}


def _count(figures: dict[str, int | float | str], name: str) -> int:
    return int(figures.get(name, 0))

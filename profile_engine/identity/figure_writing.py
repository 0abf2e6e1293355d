"""The figures of the graph, kept for the next run: the table `identity_figure`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from profile_engine.identity.figures_of_whole import figures_of_whole, kept_figures
from profile_engine.identity.graph_figures import GraphFigures
from profile_engine.identity.last_graph import FIGURES, LastGraph
from profile_engine.identity.measured_graph import graph_figures
from profile_engine.lake.runs import Run
from profile_engine.schemas.namespace_rules import Namespaces

if TYPE_CHECKING:
    from profile_engine.identity.graph_part import GraphPart


def write_figures(run: Run, figures: GraphFigures, next_due_at: datetime | None, last: LastGraph) -> None:
    """Keep the figures of the whole graph, and when the time of the next sighting comes; nothing is written where they are
    as they were in the last graph."""
    rows = kept_figures(figures, next_due_at)
    if tuple(rows) != last.stored:
        run.replace(FIGURES, run.spark.createDataFrame(rows, "figure string, of string, value bigint"))


def whole_figures(
    run: Run, part: GraphPart, priority: DataFrame, now: GraphFigures, namespaces: Namespaces, hub_persons: int | None
) -> GraphFigures:
    """The figures of the whole graph where a part of it was solved again, before anything of it is written.

    priority  (identifier_id bigint, priority int) of all identifiers that are or were in the part
    now       of the part
    """
    if part.within is None or part.links_before is None or part.last is None:
        return now
    inside = part.within
    nobody = F.lit(None)
    assigned = part.before.join(priority, "identifier_id", how="inner").select(
        "identifier_id", "priority", nobody.cast("string").alias("before"), F.col("before").alias("profile_id"),
        nobody.cast("bigint").alias("profile_no"),
    )  # fmt: skip
    was = graph_figures(part.before, assigned, part.links_before, None, namespaces, hub_persons)

    def largest_outside() -> int:
        outside = run.read("identity_map").join(F.broadcast(inside), "identifier_id", how="left_anti")
        row = outside.groupBy("profile_id").count().agg(F.max("count").alias("largest")).first()
        return int(row["largest"] or 0) if row is not None else 0

    return figures_of_whole(part.last, was, now, largest_outside)

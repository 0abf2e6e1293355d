"""Which values met unusually many people, namespace by namespace, whether a limit is set or not."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from pyspark.sql import Window
from pyspark.sql import functions as F

from profile_engine.identity.hubs import hub_persons, people_met, usual_persons
from profile_engine.identity.measured_graph import person_priorities
from profile_engine.lake.lake import Lake
from profile_engine.project.project import Project
from profile_engine.schemas.namespaces import NamespaceConfig
from profile_engine.workspace.found_identifier import rows_of


@dataclass(frozen=True)
class NamespaceHubs:
    """The people that the values of one namespace met."""

    namespace: str
    limit: str | None
    """`persons_per_value` of the project, in words."""
    values: int
    """Values that met anybody of another namespace of people."""
    usual: int
    """The number of people that 95 of a hundred of them stay within."""
    most: int
    hub_persons: int
    """From so many people on a value is a hub."""
    hubs: int
    examples: tuple[tuple[str, int], ...]
    """Hubs with most people: value and people."""


def hubs_by_namespace(project: Project, lake: Lake, examples: int) -> tuple[NamespaceHubs, ...]:
    """In the order of priority, namespaces that enter the graph; over all links, as a link that a limit dropped was met too."""
    namespaces = project.namespaces
    priorities = lake.spark.createDataFrame(
        [(name, namespaces.priority(name)) for name in namespaces.names], "namespace string, priority int"
    )
    identifiers = lake.read("identifier").join(F.broadcast(priorities), "namespace", how="inner")
    links = lake.read("link").select("left_id", "right_id")
    for side in ("left", "right"):
        of_side = identifiers.select(
            F.col("identifier_id").alias(f"{side}_id"), F.col("priority").alias(f"{side}_priority")
        )
        links = links.join(of_side, f"{side}_id", how="inner")
    met = (
        people_met(links, person_priorities(namespaces))
        .groupBy("value_id", "priority")
        .agg(F.max("persons").alias("persons"))
        .localCheckpoint()
    )
    counted: dict[int, dict[int, int]] = defaultdict(dict)
    for row in rows_of(met.groupBy("priority", "persons").agg(F.count("*").alias("values"))):
        counted[row["priority"]][row["persons"]] = row["values"]
    stands_out = {priority: hub_persons(usual_persons(values)) for priority, values in counted.items()}
    shown: dict[int, list[tuple[str, int]]] = defaultdict(list)
    if examples and stands_out:
        limits = lake.spark.createDataFrame(list(stands_out.items()), "priority int, hub_persons bigint")
        place = F.row_number().over(Window.partitionBy("priority").orderBy(F.desc("persons"), "value"))
        named = identifiers.select(F.col("identifier_id").alias("value_id"), "value")
        hubs = met.join(F.broadcast(limits), "priority", how="inner").filter("persons >= hub_persons")
        first = hubs.join(named, "value_id", how="inner").withColumn("place", place).filter(F.col("place") <= examples)
        for row in sorted(rows_of(first), key=lambda row: (row["priority"], row["place"])):
            shown[row["priority"]].append((row["value"], row["persons"]))
    found = []
    for config in namespaces.configs:
        if config.enters_graph:
            priority = namespaces.priority(config.name)
            values = counted.get(priority, {})
            least = stands_out.get(priority, 0)
            found.append(
                NamespaceHubs(
                    config.name, _limit(config), sum(values.values()), usual_persons(values), max(values, default=0),
                    least, sum(many for persons, many in values.items() if persons >= least), tuple(shown[priority]),
                )
            )  # fmt: skip
    return tuple(found)


def _limit(config: NamespaceConfig) -> str | None:
    limit = config.persons_per_value
    if limit is None:
        return None
    return f"{limit.at_most}" if limit.within is None else f"{limit.at_most} within {limit.within}"

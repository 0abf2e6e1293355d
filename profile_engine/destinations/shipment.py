"""One destination's deliveries of a run: computed once, counted, then sent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from profile_engine.destinations.audience_rows import audience_rows, candidates, withheld_counts
from profile_engine.destinations.changes import EXISTING, EXITED, REALIZED, changes
from profile_engine.destinations.guards import AudienceSizes, refusal
from profile_engine.destinations.mapping import DestinationMapping
from profile_engine.destinations.outbox import Batch
from profile_engine.destinations.parts import in_parts, part_sizes
from profile_engine.destinations.plan import AudiencePlan
from profile_engine.destinations.route import Route


@dataclass(frozen=True)
class People:
    """Members with their profiles, at table versions that belong together."""

    members: DataFrame
    profile_version: int
    membership_version: int


@dataclass
class Figures:
    """Counts of one audience's rows."""

    part_rows: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    by_status: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    withheld: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Shipment:
    """What goes to one destination in a run. Plans, figures and batches are by audience number.

    parts    `audience_no, identity, attributes, status, part_no`, persisted; holds audiences without a batch too
    refused  a sentence for each audience that a guard holds back
    """

    route: Route
    parts: DataFrame
    plans: Mapping[int, AudiencePlan]
    figures: Mapping[int, Figures]
    batches: Mapping[int, Batch]
    refused: tuple[str, ...]


def shipment(
    route: Route,
    plans: Sequence[AudiencePlan],
    now: People,
    people_of: Callable[[int, int], People],
    as_of: datetime,
    attempts: Mapping[str, int],
    confirmed: Callable[[str], bool],
) -> Shipment:
    """Computes and counts the deliveries of one destination; who uses it has to unpersist `parts`.

    people_of  members at a profile and a membership version, for what was sent before
    attempts   how often a batch key was tried before
    """  # fmt: skip
    lazy, withheld = deliveries(plans, route.mapping, now, people_of, route.config.export.rows_per_file)
    parts = lazy.persist()
    figures = figures_of(parts, withheld)
    batches: dict[int, Batch] = {}
    refused: list[str] = []
    for plan in plans:
        of_audience, number = figures[plan.audience.number], plan.audience.number
        place = f"{route.destination}/{plan.audience.name}"
        sentence = refusal(place, sizes_of(plan, of_audience), route.config.guards, confirmed)
        if sentence is None:
            batches[number] = batch_of(route.destination, plan, of_audience, now, as_of, attempts)
        else:
            refused.append(sentence)
    return Shipment(route, parts, {plan.audience.number: plan for plan in plans}, figures, batches, tuple(refused))


def deliveries(
    plans: Sequence[AudiencePlan],
    mapping: DestinationMapping,
    now: People,
    people_of: Callable[[int, int], People],
    rows_per_file: int,
) -> tuple[DataFrame, DataFrame]:
    """Rows to send or count, and counts of members withheld; both lazy.

    Returns (`audience_no, identity, attributes, status, part_no`, `audience_no, reason, rows`).
    """  # fmt: skip
    today = candidates(now.members, [plan.audience for plan in plans], mapping)
    pinned: dict[tuple[int, int], list[AudiencePlan]] = defaultdict(list)
    for plan in plans:
        if plan.compared and plan.last is not None:
            pinned[plan.last.profile_version, plan.last.membership_version].append(plan)
    sent_before = [
        audience_rows(candidates(people_of(*pin).members, [plan.audience for plan in of_pin], mapping))
        for pin, of_pin in sorted(pinned.items(), key=lambda item: item[0])
    ]
    rows = audience_rows(today)
    types = rows.schema["attributes"].dataType
    same_types = [before.withColumn("attributes", F.col("attributes").cast(types)) for before in sent_before]
    before = reduce(DataFrame.unionByName, same_types) if same_types else None
    whole = {plan.audience.number for plan in plans if plan.operation == "full"}
    return in_parts(changes(rows, before, whole), rows_per_file), withheld_counts(today)


def figures_of(parts: DataFrame, withheld: DataFrame) -> dict[int, Figures]:
    """Counts by audience number, in one query; audiences without any row are not in it."""
    none = F.lit(None)
    sizes = part_sizes(parts).withColumn("reason", none.cast("string"))
    held = withheld.select(
        "audience_no", none.cast("int").alias("part_no"), none.cast("string").alias("status"), "rows", "reason"
    )
    figures: dict[int, Figures] = defaultdict(Figures)
    for row in sizes.unionByName(held).collect():
        of_audience = figures[row.audience_no]
        if row.reason is not None:
            of_audience.withheld[row.reason] = row.rows
            continue
        of_audience.by_status[row.status] += row.rows
        if row.part_no is not None:
            of_audience.part_rows[row.part_no] += row.rows
    return figures


def sizes_of(plan: AudiencePlan, figures: Figures) -> AudienceSizes:
    """What the guards look at."""
    entered, left = figures.by_status[REALIZED], figures.by_status[EXITED]
    before = plan.last.members if plan.last is not None else None
    if plan.operation == "changes":
        return AudienceSizes(before, (before or 0) + entered - left, left)
    return AudienceSizes(before, entered + figures.by_status[EXISTING], left if plan.compared else None)


def batch_of(
    destination: str, plan: AudiencePlan, figures: Figures, now: People, as_of: datetime, attempts: Mapping[str, int]
) -> Batch:
    """The batch of an audience; `attempts` says how often a batch key was tried before."""
    rows = tuple(figures.part_rows[part] for part in sorted(figures.part_rows))
    audience = plan.audience
    batch = Batch(
        destination, audience.name, audience.segment, plan.operation, as_of, rows, sizes_of(plan, figures).now,
        tuple(sorted(figures.withheld.items())), audience.mapping_hash, now.membership_version, now.profile_version,
    )  # fmt: skip
    return replace(batch, attempts=attempts.get(batch.key, 0))


def statuses_sent(plan: AudiencePlan, figures: Figures) -> tuple[int, int]:
    """Rows sent as `realized` and as `exited`; a whole export has only the former."""
    if plan.operation == "full":
        return figures.by_status[REALIZED] + figures.by_status[EXISTING], 0
    return figures.by_status[REALIZED], figures.by_status[EXITED]

"""Silent sources: those that bring nothing although something was expected, which would empty audiences unnoticed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from profile_engine.config.units import Span
from profile_engine.datasets.batches import DUPLICATE, LOADED, Batch

GATE = "silent_sources"
Place = tuple[str, str]
"""Dataset and source."""


@dataclass(frozen=True, slots=True)
class Silence:
    """A source that has brought nothing since `last`, and was expected every so often."""

    place: Place
    last: datetime
    expected_every: Span

    def __str__(self) -> str:
        return f"{'/'.join(self.place)} brought nothing since {self.last:%Y-%m-%dT%H:%M:%SZ}"


def last_arrivals(settled: DataFrame) -> DataFrame:
    """When each source last brought a file: dataset, source, last timestamp.

    settled  of `settled_batches`. A file whose content is known already has come; one that was refused has not, as nothing
             of it is in the lake.
    """
    came = settled.where(F.col("status").isin(LOADED, DUPLICATE))
    return came.groupBy("dataset", "source").agg(F.max("planned_as_of").alias("last"))


def silences(
    expected: Mapping[Place, Span], arrived: Mapping[Place, datetime], batches: Iterable[Batch], as_of: datetime
) -> list[Silence]:
    """The sources that are overdue at `as_of`, in the order of their names.

    expected  how often each source should bring something; a source without that is never silent
    arrived   of `last_arrivals`
    batches   those of this run, as they ended

    A source that has never brought anything has nothing to go silent from. It is late from the instant on that lies a
    span after its last arrival, that instant not included.
    """
    last = dict(arrived)
    for batch in batches:
        place = (batch.dataset, batch.source)
        if batch.status in (LOADED, DUPLICATE):
            last[place] = max(batch.planned_as_of, last.get(place, batch.planned_as_of))
    return [
        Silence(place, last[place], every)
        for place, every in sorted(expected.items())
        if place in last and as_of > every.after(last[place])
    ]

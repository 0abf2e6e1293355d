"""The fuzzy links of a run: the records of the datasets that the project compares, matched, as sightings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from profile_engine.identity.fuzzy.records import ATTRIBUTES, compared_records
from profile_engine.identity.fuzzy.sightings import fuzzy_sightings, matches, with_probability
from profile_engine.identity.settled import settled
from profile_engine.identity.sightings import seen_at
from profile_engine.lake.tables import RAW_PREFIX

if TYPE_CHECKING:
    from profile_engine.lake.runs import Run
    from profile_engine.project.project import Project


@dataclass(frozen=True)
class FuzzyMatches:
    """What matching found in a run; both None where the project links no records by likeness.

    A model learns from all records, so one new record may move any pair: where there are matches, a run resolves the whole
    graph and not only what its news touch.
    """

    pairs: DataFrame | None = None
    """(left_id bigint, right_id bigint, probability double)"""
    sightings: DataFrame | None = None
    """(dataset string, record_id string, seen_at timestamp, identifier_ids array<bigint>)"""

    def beside(self, sightings: DataFrame) -> DataFrame:
        """The sightings of records, and those of matching."""
        return sightings if self.sightings is None else sightings.unionByName(self.sightings.select(*sightings.columns))

    def marked(self, links: DataFrame) -> DataFrame:
        """`links` with the probability of those that only matching found."""
        return links if self.pairs is None else with_probability(links, self.pairs)


def current_matches(run: Run, project: Project, priority: Column) -> FuzzyMatches:
    """Compares all records of the datasets in `fuzzy.records` as they are now; superseded versions and withdrawn batches are
    not in raw tables and so not compared, and a version of the future waits.

    priority  of an identifier's namespace, over the columns of the table `identifier`
    """
    config = project.stitching.fuzzy
    if config is None:
        return FuzzyMatches()
    has_come = seen_at() <= F.lit(run.as_of)
    raw = {
        name: run.read(RAW_PREFIX + name)
        .filter(has_come)
        .select("owner_id", seen_at().alias("seen_at"), F.struct("*").alias(ATTRIBUTES))
        for name in sorted(config.records)
        if run.exists(RAW_PREFIX + name)
    }
    if not raw:
        return FuzzyMatches()
    records = settled(compared_records(raw, config))
    pairs = settled(matches(records, config))
    return FuzzyMatches(pairs, settled(fuzzy_sightings(pairs, records, run.read("identifier"), priority)))

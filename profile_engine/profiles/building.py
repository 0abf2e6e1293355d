"""From the identity graph, fragments and events to the rows of `profile`, for everybody or for some people only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from profile_engine.profiles.computed.figures import ComputedPlan
from profile_engine.profiles.computed.people import computed_people
from profile_engine.profiles.config import MergePolicyConfig
from profile_engine.profiles.merge import merged_people
from profile_engine.profiles.people import people_of_graph, people_of_owners
from profile_engine.profiles.profile_rows import profile_rows
from profile_engine.rules.event_stream import event_rows, events_of_people
from profile_engine.schemas.identifiers import owner_profile_id


@dataclass(frozen=True)
class Inputs:
    """What profiles are built of, as tables hold it; `fragments` as `fragments.py` makes them, None without records."""

    identity_map: DataFrame
    identifiers: DataFrame
    identity_changes: DataFrame
    fragments: DataFrame | None
    timeline: DataFrame

    def of(self, people: DataFrame, owners: DataFrame) -> Inputs:
        """The inputs of some people (rows of `profile_id`) and of all that `owners` (rows of `owner_id`) own."""
        return replace(
            self,
            identity_map=self.identity_map.join(people, "profile_id", how="left_semi"),
            identity_changes=self.identity_changes.join(people, "profile_id", how="left_semi"),
            fragments=None if self.fragments is None else self.fragments.join(owners, "owner_id", how="left_semi"),
            timeline=self.timeline.join(owners, "owner_id", how="left_semi"),
        )

    @property
    def owner_ids(self) -> DataFrame:
        """Everybody whom records or events belong to, as policies without the identity graph see them."""
        of_events = self.timeline.select("owner_id")
        return of_events if self.fragments is None else of_events.unionByName(self.fragments.select("owner_id"))


@dataclass(frozen=True)
class Builder:
    """How rows of profiles are built: the configuration, and how many tasks share the work."""

    union: StructType
    namespaces: tuple[str, ...]
    policies: Mapping[str, MergePolicyConfig]
    datasets: tuple[str, ...]
    computed: ComputedPlan | None
    as_of: datetime
    tasks: int

    def rows(self, inputs: Inputs) -> DataFrame:
        """A row is a person under a policy, as the table `profile` keeps it; with `computed` where there are any."""
        by_graph = {name: policy for name, policy in self.policies.items() if policy.identity_graph}
        by_owner = {name: policy for name, policy in self.policies.items() if not policy.identity_graph}
        merged, everybody = [], []
        if by_graph:
            people = people_of_graph(inputs.identity_map, inputs.identifiers, inputs.fragments, self.namespaces)
            merged.append(merged_people(people, self.union, by_graph, self.datasets, self.tasks))
            everybody.append(inputs.identity_map.select("profile_id"))
        if by_owner:
            owners = people_of_owners(inputs.owner_ids, inputs.identifiers, inputs.fragments, self.namespaces)
            merged.append(merged_people(owners, self.union, by_owner, self.datasets, self.tasks))
            everybody.append(inputs.owner_ids.distinct().select(owner_profile_id().alias("profile_id")))
        rows = profile_rows(reduce(DataFrame.unionByName, merged), inputs.identity_changes)
        if self.computed is None:
            return rows
        events = events_of_people(
            event_rows(inputs.timeline, self.computed.program, self.as_of),
            inputs.identity_map if by_graph else None,
            by_owner=bool(by_owner),
        )
        ids = reduce(DataFrame.unionByName, everybody)
        figures = computed_people(ids, events, self.computed, self.as_of, self.tasks)
        return rows.join(figures, "profile_id", how="left").select(*rows.columns, F.col("computed"))

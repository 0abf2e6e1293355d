"""Why identifiers are one person: the evidence of a link, and the identity view of a profile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pyspark.sql import functions as F

from profile_engine.identity.evidence.cluster import Cluster, Identifier, Link, Pair
from profile_engine.identity.evidence.joined import LinkExplained, joined
from profile_engine.identity.evidence.path import bridges
from profile_engine.lake.lake import Lake
from profile_engine.project.project import Project
from profile_engine.workspace.cluster_rows import cluster_rows
from profile_engine.workspace.dropped_rows import DroppedIdentifiers, DroppedLinks, dropped_identifiers, dropped_links
from profile_engine.workspace.explain_attributes import AttributeExplained, attributes_explained
from profile_engine.workspace.found_identifier import found_identifier, profile_asked_for, rows_of
from profile_engine.workspace.hub_rows import NamespaceHubs, hubs_by_namespace
from profile_engine.workspace.profile_history import HistoryEntry, profile_history
from profile_engine.workspace.todays_ids import todays_id


@dataclass(frozen=True)
class ProfileExplained:
    """A profile as identity sees it."""

    profile_id: str
    asked_for: str | None
    """The profile id asked for, where it has been merged into this one."""
    as_of: datetime
    identifiers: tuple[Identifier, ...]
    cluster: Cluster
    bridges: frozenset[Pair]
    history: tuple[HistoryEntry, ...]
    attributes: tuple[AttributeExplained, ...]
    """Under the default merge policy."""

    @property
    def live(self) -> tuple[Link, ...]:
        return self.cluster.live

    @property
    def dropped(self) -> tuple[Link, ...]:
        return self.cluster.dropped


@dataclass(frozen=True)
class DroppedExplained:
    as_of: datetime
    identifiers: tuple[DroppedIdentifiers, ...]
    links: tuple[DroppedLinks, ...]


@dataclass(frozen=True)
class HubsExplained:
    as_of: datetime
    namespaces: tuple[NamespaceHubs, ...]


def explain_link(
    project: Project, lake: Lake, first: tuple[str, str], second: tuple[str, str]
) -> tuple[LinkExplained, Cluster]:
    """Why two identifiers, each (namespace, value), are one person, or why not; and the cluster around both.

    Raises ConfigurationError for a value that nobody has, LakeError before the first run.
    """
    lake.published_release()
    ends = [found_identifier(project, lake, *one) for one in (first, second)]
    cluster = cluster_rows(project, lake, {one.profile_id for one in ends})
    return joined(cluster, ends[0].identifier_id, ends[1].identifier_id), cluster


def explain_profile(
    project: Project, lake: Lake, profile_id: str | None, namespace: str | None = None, value: str | None = None
) -> ProfileExplained:
    """The identity view of a profile, found by its id (today's or an earlier one) or by an identifier.

    Raises ConfigurationError for a profile or a value that is unknown, LakeError before the first run.
    """
    as_of = lake.published_release().as_of
    asked = profile_asked_for(project, lake, profile_id, namespace, value)
    found = asked if profile_id is None else todays_id(lake, asked)
    cluster = cluster_rows(project, lake, [found])
    own = tuple(one for one in cluster.in_order() if one.profile_id == found)
    return ProfileExplained(
        found, asked if asked != found else None, as_of, own, cluster,
        bridges(link.ends for link in cluster.live), profile_history(lake, found),
        _attributes(project, lake, found, [one.identifier_id for one in own]),
    )  # fmt: skip


def _attributes(project: Project, lake: Lake, profile_id: str, owner_ids: list[int]) -> tuple[AttributeExplained, ...]:
    is_it = (F.col("profile_id") == profile_id) & (F.col("merge_policy") == project.default_merge_policy)
    rows = rows_of(lake.read("profile").where(is_it)) if lake.exists("profile") else []
    return attributes_explained(project, lake, rows[0], owner_ids) if rows else ()


def explain_dropped(lake: Lake, examples: int) -> DroppedExplained:
    """Everything that identity dropped in the current release, by reason, with so many examples each."""
    return DroppedExplained(
        lake.published_release().as_of, dropped_identifiers(lake, examples), dropped_links(lake, examples)
    )


def explain_hubs(project: Project, lake: Lake, examples: int) -> HubsExplained:
    """The values of each namespace that met the most people in the current release, limited or not."""
    return HubsExplained(lake.published_release().as_of, hubs_by_namespace(project, lake, examples))

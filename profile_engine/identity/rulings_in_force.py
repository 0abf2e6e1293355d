"""Rulings on the graph of a lake: the identifiers that they name by id, and what becomes of values and links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from profile_engine.identity.linking_rules.live_links import Link, link_between
from profile_engine.identity.linking_rules.replay import RuledByHand
from profile_engine.identity.links import DROPPED, LIVE, RULING_ON_LINK, RULING_ON_VALUE, with_rulings
from profile_engine.identity.parted_records import with_parts
from profile_engine.identity.rulings import Named, Ruling
from profile_engine.schemas.identifiers import identifier_id
from profile_engine.schemas.namespace_rules import Namespaces


@dataclass(frozen=True)
class RulingsInForce:
    """Those rulings whose identifiers the lake knows; the others wait until these are seen."""

    kept_values: frozenset[int] = frozenset()
    cut_values: frozenset[int] = frozenset()
    kept_links: frozenset[Link] = frozenset()
    cut_links: frozenset[Link] = frozenset()
    priority: dict[int, int] = field(default_factory=dict)
    """Of the namespaces of all these identifiers."""
    id_of: Mapping[Named, int] = field(default_factory=dict)
    """All values that rulings name and that the lake knows."""

    def on_members(self, members: DataFrame) -> DataFrame:
        """`members` (identifier_ids array<bigint>, place int, identifier_id bigint, ..) of combinations as they count for
        persons per value: without values that are cut, and where links are cut with `part int` of the record."""
        if self.cut_values:
            members = members.filter(~F.col("identifier_id").isin(sorted(self.cut_values)))
        return with_parts(members, self.cut_links, self.kept_links) if self.cut_links else members

    def linking_nothing(self, over_limit: DataFrame | None, identifiers: DataFrame) -> DataFrame | None:
        """`over_limit` (identifier_id bigint, reason string) without values that are kept, and with those that are cut."""
        if over_limit is not None and self.kept_values:
            over_limit = over_limit.filter(~F.col("identifier_id").isin(sorted(self.kept_values)))
        if not self.cut_values:
            return over_limit
        cut = identifiers.filter(F.col("identifier_id").isin(sorted(self.cut_values))).select(
            "identifier_id", F.lit(RULING_ON_VALUE).alias("reason")
        )
        if over_limit is None:
            return cut
        return over_limit.join(cut, "identifier_id", how="left_anti").unionByName(cut)

    def on_links(self, links: DataFrame) -> DataFrame:
        """`links` with those that are kept live and those that are cut dropped, whatever they were."""
        if not self.kept_links and not self.cut_links:
            return links
        ruled = [(*link, LIVE) for link in sorted(self.kept_links)] + [
            (*link, DROPPED) for link in sorted(self.cut_links)
        ]
        return with_rulings(
            links, links.sparkSession.createDataFrame(ruled, "left_id bigint, right_id bigint, state string")
        )

    def by_hand(self, links: DataFrame) -> RuledByHand:
        """What the replay of linking rules needs; a link is kept only where it was seen.

        links  of `on_links`
        """
        kept = frozenset[Link]()
        if self.kept_links:
            rows = links.filter((F.col("state") == LIVE) & (F.col("reason") == RULING_ON_LINK)).collect()
            kept = frozenset((row["left_id"], row["right_id"]) for row in rows)
        return RuledByHand(kept, self.cut_links, self.kept_values, self.priority)


def rulings_in_force(
    rulings: Sequence[Ruling], identifiers: DataFrame, key: bytes, namespaces: Namespaces
) -> RulingsInForce:
    """The rulings by the ids of their values.

    identifiers  (identifier_id bigint, namespace string, value string, ..)
    key          of the lake's identifiers
    """
    named = {one for ruling in rulings for one in ruling.about}
    if not named:
        return RulingsInForce()
    # a value has its first hash, or its second where it shared the first
    ids = sorted({identifier_id(key, *one, second=second) for one in named for second in (False, True)})
    rows = identifiers.filter(F.col("identifier_id").isin(ids)).select("identifier_id", "namespace", "value").collect()
    id_of: dict[Named, int] = {(row["namespace"], row["value"]): row["identifier_id"] for row in rows}

    def links(verdict: str) -> frozenset[Link]:
        about = (ruling.about for ruling in rulings if ruling.verdict == verdict and ruling.of_link)
        return frozenset(link_between(*(id_of[one] for one in pair)) for pair in about if id_of.keys() >= set(pair))

    def values(verdict: str) -> frozenset[int]:
        about = (ruling.about[0] for ruling in rulings if ruling.verdict == verdict and not ruling.of_link)
        return frozenset(id_of[one] for one in about if one in id_of)

    return RulingsInForce(
        values("keep"),
        values("cut"),
        links("keep"),
        links("cut"),
        {id_of[one]: namespaces.priority(one[0]) for one in named if one in id_of},
        id_of,
    )

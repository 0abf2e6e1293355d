"""Merging a person's fragments: under every merge policy, each attribute gets the value that its rule lets win."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from profile_engine.profiles.attribute_rules import ChosenRule, chosen_rules
from profile_engine.profiles.attribute_shape import Leaf, leaves_of, nested, stored_type, value_at
from profile_engine.profiles.config import MergePolicyConfig
from profile_engine.profiles.people import identities
from profile_engine.profiles.provenance import provenance
from profile_engine.profiles.strategies import STRATEGIES


def merged_people(
    people: DataFrame, union: StructType, policies: Mapping[str, MergePolicyConfig], datasets: tuple[str, ...]
) -> DataFrame:
    """A row is a person under a policy: `profile_id, merge_policy, identities, provenance`, the union's attributes.

    `people` holds a row for each identifier and fragment of a person (`people.py`), `datasets` the names of the datasets
    by their number. Without datasets there is nothing to merge: everybody is known by identities only.

    Identities and all leaves under all policies are one aggregation, in which an equal rule for the same leaf counts
    once. The rows of a person are brought together first, as the winners of many leaves are wider than the fragments.
    """
    attributes = stored_attributes(union) if datasets else StructType()
    leaves = leaves_of(attributes)
    rules = {name: chosen_rules(policy, [leaf.path for leaf in leaves]) for name, policy in policies.items()}
    distinct = {(leaf, rules[name][leaf.path]): None for name in policies for leaf in leaves}
    names = {(leaf.path, rule): f"winner_{number}" for number, (leaf, rule) in enumerate(distinct)}
    winners = [_winner(leaf, rule, datasets).alias(names[leaf.path, rule]) for leaf, rule in distinct]
    gathered = people.repartition("profile_id").groupBy("profile_id").agg(identities().alias("identities"), *winners)
    versions = []
    for name, by_path in rules.items():
        of_leaf = {path: F.col(names[path, rule]) for path, rule in by_path.items()}
        versions.append(_version(name, attributes, of_leaf, datasets))
    exploded = gathered.select("profile_id", "identities", F.explode(F.array(*versions)).alias("version"))
    return exploded.select(
        "profile_id",
        "version.merge_policy",
        "identities",
        "version.provenance",
        *[F.col(f"version.`{name}`") for name in attributes.fieldNames()],
    )


def stored_attributes(union: StructType) -> StructType:
    """The attributes of the profile as tables keep them."""
    attributes = stored_type(union)
    assert isinstance(attributes, StructType)
    return attributes


def _winner(leaf: Leaf, rule: ChosenRule, datasets: tuple[str, ...]) -> Column:
    return STRATEGIES[rule.strategy].winner(value_at(leaf), rule.setting, datasets)


def _version(policy: str, attributes: StructType, winners: Mapping[str, Column], datasets: tuple[str, ...]) -> Column:
    values = {path: winner.getField("value") for path, winner in winners.items()}
    return F.struct(
        F.lit(policy).alias("merge_policy"),
        *nested(attributes, values),
        provenance(winners, datasets).alias("provenance"),
    )

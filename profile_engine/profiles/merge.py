"""Merging a person's fragments: under every merge policy, each attribute gets the value that its rule lets win."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from profile_engine.profiles.attribute_rules import ChosenRule, chosen_rules
from profile_engine.profiles.attribute_shape import Leaf, leaves_of, nested, stored_type, value_at
from profile_engine.profiles.config import MergePolicyConfig
from profile_engine.profiles.provenance import PROVENANCE_TYPE, provenance
from profile_engine.profiles.strategies import STRATEGIES


def merged_fragments(
    fragments: DataFrame,
    key: str,
    union: StructType,
    policies: Mapping[str, MergePolicyConfig],
    datasets: tuple[str, ...],
) -> DataFrame:
    """A row is one `key` (`profile_id`, or `owner_id` where the graph is not used), with `versions`: an array with a
    struct for each policy of `merge_policy`, the union's attributes and `provenance`.

    All leaves under all policies are one aggregation, in which an equal rule for the same leaf counts once. Fragments
    are brought together first, as the winners of many leaves are wider than the fragments they come from.
    """
    attributes = stored_attributes(union)
    leaves = leaves_of(attributes)
    rules = {name: chosen_rules(policy, [leaf.path for leaf in leaves]) for name, policy in policies.items()}
    distinct = {(leaf, rules[name][leaf.path]): None for name in policies for leaf in leaves}
    names = {(leaf.path, rule): f"winner_{number}" for number, (leaf, rule) in enumerate(distinct)}
    winners = [_winner(leaf, rule, datasets).alias(names[leaf.path, rule]) for leaf, rule in distinct]
    chosen = fragments.repartition(key).groupBy(key).agg(*winners)
    versions = []
    for name, by_path in rules.items():
        of_leaf = {path: F.col(names[path, rule]) for path, rule in by_path.items()}
        versions.append(_version(name, attributes, of_leaf, datasets))
    return chosen.select(key, F.array(*versions).alias("versions"))


def versions_without_fragments(union: StructType, policies: Mapping[str, MergePolicyConfig]) -> Column:
    """The `versions` of somebody of whom no record tells anything: attributes null, provenance empty."""
    nothing = [F.lit(None).cast(member.dataType).alias(member.name) for member in stored_attributes(union).fields]
    no_provenance = F.array().cast(PROVENANCE_TYPE).alias("provenance")
    return F.array(*[F.struct(F.lit(name).alias("merge_policy"), *nothing, no_provenance) for name in policies])


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

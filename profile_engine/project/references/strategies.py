"""Whether the strategies of a merge policy fit the attributes that they decide."""

from __future__ import annotations

from profile_engine.config.problems import Problems
from profile_engine.profiles.attribute_rules import exception_for
from profile_engine.profiles.config import TAKES, MergePolicyConfig
from profile_engine.project.description import Description
from profile_engine.project.layout import MERGE_POLICIES
from profile_engine.schemas.fields import Field
from profile_engine.schemas.union_schema import UnionSchema

_ORDERED = frozenset({"integer", "double", "date", "timestamp"})
_PLAIN = _ORDERED | {"string", "boolean"}


def check_strategies_fit(
    description: Description, name: str, policy: MergePolicyConfig, attributes: UnionSchema, problems: Problems
) -> None:
    """Adds a problem for each rule of the policy that decides an attribute which it can't: one a rule, for the first."""
    told: set[str | None] = set()
    for path, leaf in attributes.leaf_paths().items():
        exception = exception_for(policy, path)
        rule = policy.attributes if exception is None else policy.exceptions[exception]
        if exception in told or _fits(rule.strategy, leaf):
            continue
        told.add(exception)
        at = (name, "attributes") if exception is None else (name, "exceptions", exception)
        problems.add_at(
            description.documents.key(MERGE_POLICIES, *at, rule.strategy),
            "E243",
            f"'{rule.strategy}' takes {TAKES[rule.strategy]}, and '{path}' is {leaf.whole_type}",
            "take another strategy, or make an exception for the attributes that it fits",
        )


def _fits(strategy: str, leaf: Field) -> bool:
    if strategy not in TAKES:
        return True
    if strategy == "union":
        # maps are united by key whatever the strategy, so there is nothing to say for them
        return leaf.type == "array" and leaf.items is not None and _is(leaf.items, _PLAIN)
    value = leaf.values if leaf.type == "map" and leaf.values is not None else leaf
    return _is(value, _PLAIN if strategy == "most_frequent" else _ORDERED)


def _is(field: Field, types: frozenset[str]) -> bool:
    return field.type in types or field.type.startswith("decimal(")

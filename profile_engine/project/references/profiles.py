"""Merge policies and purposes of consent against the attributes of the profile and the datasets."""

from __future__ import annotations

from collections.abc import Mapping

from profile_engine.config.problems import Place, Problems, did_you_mean
from profile_engine.profiles.config import AttributeRule, MergePolicyConfig
from profile_engine.project.description import Description
from profile_engine.project.layout import MERGE_POLICIES, PURPOSES
from profile_engine.project.references.strategies import check_strategies_fit
from profile_engine.schemas.fields import misfit
from profile_engine.schemas.union_schema import UnionSchema

_MOST_POLICIES = 5


def resolved_merge_policies(description: Description) -> dict[str, MergePolicyConfig]:
    """The policies, exactly one of them marked as the default: the one that says so, the one of that name, or the only one."""
    policies = dict(description.merge_policies)
    if any(policy.default for policy in policies.values()) or not policies:
        return policies
    chosen = "default" if "default" in policies else next(iter(policies))
    return {**policies, chosen: policies[chosen].model_copy(update={"default": True})}


def graphless_policies(policies: Mapping[str, MergePolicyConfig]) -> frozenset[str]:
    """The names of the policies that do not use the identity graph."""
    return frozenset(name for name, policy in policies.items() if not policy.identity_graph)


def check_merge_policies(description: Description, attributes: UnionSchema, problems: Problems) -> None:
    """Adds the problems of merge_policies.yaml."""
    documents = description.documents
    defaults = [name for name, policy in description.merge_policies.items() if policy.default]
    for name in defaults[1:]:
        where = documents.key(MERGE_POLICIES, name, "default")
        problems.add_at(where, "E242", f"two default merge policies: '{defaults[0]}' and '{name}'", "keep one")
    names = description.names_in(MERGE_POLICIES)
    if len(names) > 1 and not defaults and "default" not in names and len(description.merge_policies) == len(names):
        where = documents.key(MERGE_POLICIES, names[0])
        problems.add_at(
            where, "E242", "none of the merge policies is the default", "add 'default: true' to one of them"
        )
    if len(names) > _MOST_POLICIES:
        where = documents.key(MERGE_POLICIES, names[_MOST_POLICIES])
        message = f"{len(names)} merge policies; at most {_MOST_POLICIES} are kept, as each makes a table of profiles"
        problems.add_at(where, "E242", message)
    for name, policy in description.merge_policies.items():
        if MERGE_POLICIES not in documents.trees:
            continue
        _check_rule(description, policy.attributes, (name, "attributes"), problems)
        if description.schemas_are_sound:
            check_strategies_fit(description, name, policy, attributes, problems)
        for path, rule in policy.exceptions.items():
            if description.schemas_are_sound and attributes.field(path) is None:
                where = documents.key(MERGE_POLICIES, name, "exceptions", path)
                problems.add_at(
                    where, "E240", f"no enabled record schema has '{path}'", did_you_mean(path, attributes.paths())
                )
            _check_rule(description, rule, (name, "exceptions", path), problems)


def _check_rule(description: Description, rule: AttributeRule, at: tuple[str, ...], problems: Problems) -> None:
    known = description.documents.ids("datasets")
    for place, dataset in enumerate(rule.dataset_order or ()):
        where = description.documents.value(MERGE_POLICIES, *at, "dataset_order", place)
        if dataset not in known:
            problems.add_at(where, "E241", f"unknown dataset '{dataset}'", did_you_mean(dataset, known))
            continue
        _check_feeds_attributes(description, dataset, where, problems)


def _check_feeds_attributes(description: Description, dataset: str, where: Place, problems: Problems) -> None:
    config = description.datasets.get(dataset)
    schema = description.schemas.get(config.schema_name) if config is not None else None
    if config is None or schema is None:
        return
    if schema.class_ == "event":
        problems.add_at(where, "E241", f"dataset '{dataset}' holds events; attributes come from records")
    elif config.profile == "disabled" or schema.profile == "disabled":
        message = f"dataset '{dataset}' is not enabled for the profile, so it never gives a value"
        problems.add_at(where, "E241", message, "enable dataset and schema, or take it off the list")


def check_purposes(description: Description, attributes: UnionSchema, problems: Problems) -> None:
    """Adds the problems of purposes.yaml."""
    for name, purpose in description.purposes.items():
        where = description.documents.value(PURPOSES, name, "attribute")
        leaf = attributes.leaf(purpose.attribute)
        if leaf is None and description.schemas_are_sound:
            hint = did_you_mean(purpose.attribute, attributes.leaf_paths())
            problems.add_at(where, "E250", f"no enabled record schema has '{purpose.attribute}'", hint)
        elif leaf is not None and leaf.type not in {"string", "boolean"}:
            message = f"consent is read from text or from true and false; '{purpose.attribute}' is {leaf.type}"
            problems.add_at(where, "E250", message)
        elif leaf is not None:
            for words in ("granted", "refused"):
                for place, word in enumerate(getattr(purpose, words)):
                    given = description.documents.value(PURPOSES, name, words, place)
                    if not description.documents.has(PURPOSES, name, words):
                        continue  # the words of the default need not all occur
                    if leaf.one_of is not None and word not in leaf.one_of:
                        problems.add_at(given, "E250", f"'{word}' is not one of the values of '{purpose.attribute}'", did_you_mean(word, leaf.one_of))  # fmt: skip
                    elif why := misfit(leaf.type, word):
                        problems.add_at(given, "E250", why)
        both = sorted(set(purpose.granted) & set(purpose.refused))
        if both:
            where = description.documents.key(PURPOSES, name)
            problems.add_at(where, "E250", f"'{both[0]}' is both granted and refused in purpose '{name}'")

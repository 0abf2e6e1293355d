"""A plain-Python merge of fragments, written from the rules' wording: what the vectorised merge has to equal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from profile_engine.profiles.config import AttributeRule, MergePolicyConfig

Fragment = Mapping[str, Any]
"""dataset, source_time, ingested_at, batch_id, record_id, and `attributes` as nested dicts; a map is a tuple of pairs."""


class Candidate(NamedTuple):
    value: Any
    fragment: Fragment


def oracle_profile(
    fragments: Sequence[Fragment], policy: MergePolicyConfig, shape: Mapping[str, Any], datasets: Sequence[str]
) -> dict[str, Any]:
    """The attributes (nested, objects without a value are None) and the provenance of one person.

    `shape` is the union: nested dicts, a leaf is None.
    """
    values: dict[str, Any] = {}
    sources: dict[tuple[Any, ...], dict[str, Any]] = {}
    for path in leaf_paths(shape):
        rule = _rule(policy, path)
        candidates = [Candidate(_value(each, path), each) for each in fragments]
        candidates = [one for one in candidates if one.value is not None and one.value != ""]
        values[path], gave = _merged(candidates, rule, datasets)
        for fragment in gave:
            time, kind = _time(fragment, rule), rule.newest == "ingested_at"
            rank = (datasets.index(fragment["dataset"]), time, fragment["batch_id"], fragment["record_id"], kind)
            source = {"dataset": fragment["dataset"], "record_id": fragment["record_id"], "time": time, "paths": []}
            sources.setdefault(rank, source)["paths"].append(path)
    for source in sources.values():
        source["paths"].sort()
    provenance = [sources[rank] for rank in sorted(sources)]
    return {**(_nested(shape, values) or dict.fromkeys(shape)), "provenance": provenance}


def leaf_paths(shape: Mapping[str, Any], above: str = "") -> Iterator[str]:
    for name, inside in shape.items():
        if inside is None:
            yield above + name
        else:
            yield from leaf_paths(inside, f"{above}{name}.")


def _rule(policy: MergePolicyConfig, path: str) -> AttributeRule:
    matching = [exception for exception in policy.exceptions if path == exception or path.startswith(exception + ".")]
    return policy.exceptions[max(matching, key=len)] if matching else policy.attributes


def _merged(
    candidates: Sequence[Candidate], rule: AttributeRule, datasets: Sequence[str]
) -> tuple[Any, list[Fragment]]:
    if rule.union:
        items = {item for one in candidates for item in one.value if item is not None}
        return (sorted(items) if candidates else None), [one.fragment for one in candidates]
    maps = [one for one in candidates if isinstance(one.value, tuple)]
    if not maps:
        won = _winner(candidates, rule, datasets)
        return (won.value, [won.fragment]) if won else (None, [])
    of_key = {
        key: _winner(
            [Candidate(value, one.fragment) for one in maps for k, value in one.value if k == key and value is not None],
            rule, datasets,
        )
        for one in maps for key, _ in one.value
    }  # fmt: skip
    entries = [{"key": key, "value": won.value} for key, won in sorted(of_key.items()) if won is not None]
    gave = [won.fragment for won in of_key.values() if won is not None] or [one.fragment for one in maps]
    return entries, [one.fragment for one in maps if any(one.fragment is each for each in gave)]


def _winner(candidates: Sequence[Candidate], rule: AttributeRule, datasets: Sequence[str]) -> Candidate | None:
    def rank(one: Candidate) -> tuple[Any, ...]:
        fragment, first = one.fragment, ()
        if rule.dataset_order is not None:
            first = (-rule.dataset_order.index(fragment["dataset"]),)
        elif rule.most_frequent:
            first = (sum(other.value == one.value for other in candidates),)
        elif rule.min or rule.max:
            first = (-sum(other.value < one.value for other in candidates) * (1 if rule.min else -1),)
        tie = (-datasets.index(fragment["dataset"]), fragment["batch_id"], fragment["record_id"])
        return (*first, _time(fragment, rule), *tie)

    if rule.dataset_order is not None:
        candidates = [one for one in candidates if one.fragment["dataset"] in rule.dataset_order]
    return max(candidates, key=rank) if candidates else None


def _time(fragment: Fragment, rule: AttributeRule) -> datetime:
    by_ingestion = rule.newest == "ingested_at"
    time: datetime = fragment["ingested_at"] if by_ingestion else fragment["source_time"] or fragment["ingested_at"]
    return time


def _value(fragment: Fragment, path: str) -> Any:
    value: Any = fragment["attributes"]
    for step in path.split("."):
        value = None if value is None else value.get(step)
    return value


def _nested(shape: Mapping[str, Any], values: Mapping[str, Any], above: str = "") -> dict[str, Any] | None:
    whole = {
        name: values.get(above + name) if inside is None else _nested(inside, values, f"{above}{name}.")
        for name, inside in shape.items()
    }
    return whole if any(value is not None for value in whole.values()) else None

"""A plain-Python merge of fragments, written from the rules' wording: what the Spark merge has to equal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from profile_engine.profiles.config import AttributeRule, MergePolicyConfig

Fragment = Mapping[str, Any]
"""dataset, source_time, ingested_at, batch_id, record_id, and `attributes` as nested dicts."""


def oracle_profile(
    fragments: Sequence[Fragment], policy: MergePolicyConfig, shape: Mapping[str, Any], datasets: Sequence[str]
) -> dict[str, Any]:
    """The attributes (nested, objects without a value are None) and the provenance of one person.

    `shape` is the union: nested dicts, a leaf is None.
    """
    winners = {}
    for path in leaf_paths(shape):
        winner = _winner(fragments, path, _rule(policy, path), datasets)
        if winner is not None:
            winners[path] = winner
    provenance = [
        {"path": path, "dataset": fragment["dataset"], "time": time, "record_id": fragment["record_id"]}
        for path, (fragment, time) in sorted(winners.items())
    ]
    values = {path: _value(fragment, path) for path, (fragment, _) in winners.items()}
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


def _winner(
    fragments: Sequence[Fragment], path: str, rule: AttributeRule, datasets: Sequence[str]
) -> tuple[Fragment, Any] | None:
    standing = []
    for fragment in fragments:
        value = _value(fragment, path)
        if value is None or value == "":
            continue
        time = (
            fragment["ingested_at"]
            if rule.newest == "ingested_at"
            else fragment["source_time"] or fragment["ingested_at"]
        )
        place = 0
        if rule.dataset_order is not None:
            if fragment["dataset"] not in rule.dataset_order:
                continue
            place = -rule.dataset_order.index(fragment["dataset"])
        tie = (-datasets.index(fragment["dataset"]), fragment["batch_id"], fragment["record_id"])
        standing.append(((place, time, *tie), fragment, time))
    if not standing:
        return None
    _, fragment, time = max(standing, key=lambda item: item[0])
    return fragment, time


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

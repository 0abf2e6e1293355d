"""Many people merged at once, from rows to rows: pure functions on Arrow tables, which Spark runs in its tasks.

An order of candidates is worked out once for all attributes that a rule decides; after that, an attribute is one pass
over its column.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from profile_engine.profiles.attribute_rules import ChosenRule
from profile_engine.profiles.candidates import Candidates, Whole
from profile_engine.profiles.chosen import Chosen
from profile_engine.profiles.identities import identity_lists
from profile_engine.profiles.map_keys import merged_maps
from profile_engine.profiles.provenance import Given, provenance_lists
from profile_engine.profiles.strategies import STRATEGIES

LEAF = "leaf_"
"""Before the number of a leaf in the name of its column."""


@dataclass(frozen=True)
class MergePlan:
    """What a task has to know: the leaves by their paths (a column each), which of them are maps, and each policy's rule
    for each leaf."""

    paths: tuple[str, ...]
    maps: frozenset[str]
    rules: Mapping[str, Mapping[str, ChosenRule]]
    datasets: tuple[str, ...]


def merged_rows(rows: pa.Table, plan: MergePlan) -> pa.Table:
    """A row is a person under a policy: `profile_id, merge_policy, identities, provenance` and the leaves' columns.

    `rows` holds each identifier of a person with each fragment that it owns, or with none (`people.py`): `profile_id,
    owner_id, rank, namespace, value`, the columns of a fragment (FRAGMENT_COLUMNS), and the leaves' columns.
    """
    coded = rows.column("profile_id").combine_chunks().dictionary_encode()
    people, persons = coded.dictionary, _whole(coded.indices)
    of_fragments = np.flatnonzero(np.asarray(rows.column("dataset_no").is_valid()))
    # a copy of all columns is worth the saving only where somebody has no fragment
    fragments = rows if len(of_fragments) == rows.num_rows else rows.take(pa.array(of_fragments))
    candidates = candidates_of(fragments, persons[of_fragments], len(people))
    columns = [_given(fragments.column(f"{LEAF}{number}")) for number in range(len(plan.paths))]
    known: dict[tuple[str, ChosenRule], Chosen] = {}
    versions = []
    identities = identity_lists(rows, persons, len(people))
    for policy, rules in plan.rules.items():
        chosen = []
        for path, values in zip(plan.paths, columns, strict=True):
            key = (path, rules[path])
            if key not in known:
                known[key] = chosen_values(values, rules[path], candidates, plan, is_map=path in plan.maps)
            chosen.append(known[key])
        given = [Given(path, rules[path].time, one.rows) for path, one in zip(plan.paths, chosen, strict=True)]
        versions.append(
            pa.table(
                {
                    "profile_id": people,
                    "merge_policy": pa.array([policy] * len(people), pa.string()),
                    "identities": identities,
                    "provenance": provenance_lists(given, candidates, fragments, plan.datasets),
                    **{f"{LEAF}{number}": one.values for number, one in enumerate(chosen)},
                }
            )
        )
    return pa.concat_tables(versions)


def candidates_of(fragments: pa.Table, persons: Whole, people: int) -> Candidates:
    """The fragments as candidates; `persons` holds the person of each."""
    dataset_no = _whole(fragments.column("dataset_no"))
    ingested = _microseconds(fragments.column("ingested_at"))
    has_time = np.asarray(fragments.column("source_time").is_valid())
    time = np.where(has_time, _microseconds(fragments.column("source_time")), ingested)
    return Candidates(persons, people, dataset_no, time, ingested, _latecomers(fragments, persons, dataset_no))


def chosen_values(
    values: pa.Array, rule: ChosenRule, candidates: Candidates, plan: MergePlan, *, is_map: bool
) -> Chosen:
    """What a rule chooses for one attribute; the keys of a map are attributes of their own."""
    strategy = STRATEGIES[rule.strategy]
    if not is_map:
        return strategy.chosen(values, rule.setting, candidates, plan.datasets)
    return merged_maps(values, candidates, lambda each, own: strategy.chosen(each, rule.setting, own, plan.datasets))


def _given(column: pa.ChunkedArray) -> pa.Array:
    """The values of a leaf in one piece; empty text is missing, as it is everywhere in the rules."""
    values = column.combine_chunks()
    if not pa.types.is_string(values.type):
        return values
    empty = pc.equal(pc.binary_length(values), 0)
    return pc.if_else(empty, pa.scalar(None, values.type), values) if pc.any(empty).as_py() else values


def _latecomers(fragments: pa.Table, persons: Whole, dataset_no: Whole) -> Whole:
    """The order of (batch_id, record_id), worked out for those only who share person and dataset with another."""
    rising = np.zeros(len(persons), dtype=np.int64)
    shared = persons * (int(dataset_no.max(initial=0)) + 1) + dataset_no
    _, place, number_of = np.unique(shared, return_inverse=True, return_counts=True)
    several = np.flatnonzero(number_of[place] > 1) if len(shared) else shared
    if len(several):
        names = fragments.select(["batch_id", "record_id"]).take(pa.array(several))
        order = pc.sort_indices(names, [("batch_id", "ascending"), ("record_id", "ascending")])
        rising[several[_whole(order)]] = np.arange(len(several))
    return rising


def _microseconds(times: pa.ChunkedArray) -> Whole:
    return _whole(times.cast(pa.timestamp("us", times.type.tz)).cast(pa.int64()))


def _whole(values: pa.ChunkedArray | pa.Array) -> Whole:
    return np.asarray(pc.fill_null(values, 0)).astype(np.int64)

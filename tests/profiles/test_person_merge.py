"""The merge on plain tables: random people equal the oracle under five policies at once, whatever the order of rows."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from pyspark.sql.pandas.types import to_arrow_type
from pyspark.sql.types import MapType

from profile_engine.profiles.attribute_rules import chosen_rules
from profile_engine.profiles.attribute_shape import leaves_of, stored_type
from profile_engine.profiles.person_merge import LEAF, MergePlan, merged_rows
from tests.profiles.drawn_people import DATASETS, POLICIES, WRITTEN, random_fragments
from tests.profiles.merge_oracle import oracle_profile
from tests.profiles.unions import shape_of, union_type

UNION, SHAPE = union_type(WRITTEN), shape_of(WRITTEN)
LEAVES = leaves_of(stored_type(UNION))  # type: ignore[arg-type]
PATHS = tuple(leaf.path for leaf in LEAVES)
MAPS = frozenset(leaf.path for leaf in leaves_of(UNION) if isinstance(leaf.type, MapType))
PLAN = MergePlan(PATHS, MAPS, {name: chosen_rules(policy, PATHS) for name, policy in POLICIES.items()}, DATASETS)
TYPES = {"dataset_no": pa.int32(), "source_time": pa.timestamp("us", "UTC"), "ingested_at": pa.timestamp("us", "UTC"),
         "batch_id": pa.string(), "record_id": pa.string()}  # fmt: skip
IDENTITY = {"profile_id": pa.string(), "owner_id": pa.int64(), "rank": pa.int32(), "namespace": pa.string(), "value": pa.string()}  # fmt: skip


def rows_of(people: Mapping[str, Sequence[Mapping[str, Any]]], shuffled: random.Random) -> pa.Table:
    """Every person has two identities; the fragments are with the first."""
    arrow = {leaf.path: to_arrow_type(leaf.type) for leaf in LEAVES}
    rows = []
    for number, (person, fragments) in enumerate(people.items()):
        first = {"profile_id": person, "owner_id": 2 * number, "rank": 2, "namespace": "email", "value": "b"}
        rows.append({**first, "owner_id": 2 * number + 1, "rank": 1, "namespace": "crm_id", "value": "c"})
        for each in fragments or [{}]:
            leaves = {f"{LEAF}{place}": _stored(_at(each, path)) for place, path in enumerate(PATHS)}
            dataset = DATASETS.index(each["dataset"]) if each else None
            rows.append({**first, **{name: each.get(name) for name in TYPES}, "dataset_no": dataset, **leaves})
    shuffled.shuffle(rows)
    types = {**IDENTITY, **TYPES, **{f"{LEAF}{place}": arrow[path] for place, path in enumerate(PATHS)}}
    return pa.table({name: pa.array([row.get(name) for row in rows], type_) for name, type_ in types.items()})


def _at(fragment: Mapping[str, Any], path: str) -> Any:
    value: Any = fragment.get("attributes")
    for step in path.split("."):
        value = None if value is None else value.get(step)
    return None if value == "" else value


def _stored(value: Any) -> Any:
    return [{"key": key, "value": each} for key, each in value] if isinstance(value, tuple) else value


def merged(rows: pa.Table) -> dict[tuple[str, str], dict[str, Any]]:
    found = {}
    for row in merged_rows(rows, PLAN).to_pylist():
        assert row.pop("identities") == [
            {"namespace": "crm_id", "value": "c"}, {"namespace": "email", "value": "b"}
        ]  # fmt: skip
        values = {path: row.pop(f"{LEAF}{place}") for place, path in enumerate(PATHS)}
        found[row.pop("profile_id"), row.pop("merge_policy")] = {**values, "provenance": row["provenance"]}
    return found


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(min_value=0, max_value=2**32))
def test_random_people_equal_the_oracle_in_any_order_of_rows(seed: int) -> None:
    people = random_fragments(seed, people=60)
    expected = {
        (person, name): oracle_profile(fragments, policy, SHAPE, DATASETS)
        for person, fragments in people.items() for name, policy in POLICIES.items()
    }  # fmt: skip
    flat = {
        key: {**{path: _at({"attributes": one}, path) for path in PATHS}, "provenance": one["provenance"]}
        for key, one in expected.items()
    }
    assert merged(rows_of(people, random.Random(seed))) == flat
    assert merged(rows_of(people, random.Random(seed + 1))) == flat


def test_nobody_at_all_is_no_row() -> None:
    assert merged(rows_of({}, random.Random(0))) == {}

"""Numbers and versions of segments: given once, never used again, a new version for a new meaning."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from profile_engine.config.problems import Position, Problems
from profile_engine.config.yaml_document import parse_yaml
from profile_engine.segments.segment import Segment, check_cycles, read_segment, with_names
from profile_engine.segments.set_aside import SetAside
from profile_engine.segments.versions import SegmentVersion, current_versions, numbers_set_aside
from tests.support.rule_people import scope

DAYS = [datetime(2026, 5, day, tzinfo=UTC) for day in range(1, 8)]


def segment(id: str, rule: str, *others: str, name: str | None = None, renamed_from: str | None = None) -> Segment:
    problems = Problems()
    node = parse_yaml(f"name: {name or id}\nmembers: {rule}\n", f"{id}.yaml", problems)
    assert node is not None
    read = read_segment(id, node, scope(id, *others), problems)
    problems.raise_if_any()
    assert read is not None
    return replace(read, renamed_from=renamed_from)


def history(*days: list[Segment]) -> list[dict[str, SegmentVersion]]:
    """The current versions of each day, each from the rows of all days before."""
    known: dict[tuple[str, int], SegmentVersion] = {}
    found = []
    for number, segments in enumerate(days):
        current = current_versions(known.values(), {one.id: one for one in segments}, DAYS[number], f"r{number}")
        known |= {(one.segment, one.version): one for one in current.values()}
        found.append(current)
    return found


def numbered(current: dict[str, SegmentVersion]) -> dict[str, tuple[int, int]]:
    return {id: (one.segment_no, one.version) for id, one in current.items()}


def test_numbers_are_given_in_the_order_of_ids_once_and_never_again():
    a, b, c, d = (segment(id, "{age: 1}") for id in "abcd")
    first, second, third, fourth = history([c, b], [a, c], [a, d], [b, d])
    assert numbered(first) == {"b": (1, 1), "c": (2, 1)}
    assert numbered(second) == {"a": (3, 1), "c": (2, 1)}
    assert numbered(third) == {"a": (3, 1), "d": (4, 1)}
    assert numbered(fourth) == {"b": (1, 1), "d": (4, 1)}


def test_a_new_meaning_is_a_new_version_and_a_new_name_is_not():
    old, named, new = (segment("a", "{age: 1}"), segment("a", "{age: 1}", name="A"), segment("a", "{age: 2}", name="A"))
    first, second, third, fourth = history([old], [named], [new], [named])
    assert [numbered(one)["a"] for one in (first, second, third, fourth)] == [(1, 1), (1, 1), (1, 2), (1, 3)]
    assert (second["a"].name, second["a"].valid_from, second["a"].run_id) == ("A", DAYS[0], "r0")
    assert (third["a"].sentence, third["a"].valid_from, third["a"].run_id) == ("People whose age is 2.", DAYS[2], "r2")


def test_a_renamed_segment_keeps_its_number_and_its_history_goes_on():
    first, second = history(
        [segment("a", "{age: 1}")], [segment("b", "{age: 1}", renamed_from="a"), segment("c", "{age: 3}")]
    )
    assert numbered(first) == {"a": (1, 1)}
    assert numbered(second) == {"b": (1, 2), "c": (2, 1)}


def test_an_old_name_used_again_is_a_new_segment_and_the_renamed_one_keeps_its_number():
    old, new, other = segment("a", "{age: 1}"), segment("b", "{age: 1}", renamed_from="a"), segment("a", "{age: 5}")
    _, renamed, both, gone, back = history([old], [new], [new, other], [other], [segment("b", "{age: 1}"), other])
    assert numbered(renamed) == {"b": (1, 2)}
    # versions of an id count on, as id and version are the key of a row
    assert numbered(both) == {"a": (2, 2), "b": (1, 2)}
    assert both["a"].valid_from == DAYS[2]
    assert numbered(gone) == {"a": (2, 2)}
    assert numbered(back) == {"a": (2, 2), "b": (1, 2)}


def test_a_segment_renamed_and_renamed_back_keeps_its_number():
    _, there, back, still = history(
        [segment("a", "{age: 1}")], [segment("b", "{age: 1}", renamed_from="a")],
        [segment("a", "{age: 1}", renamed_from="b")], [segment("a", "{age: 1}")],
    )  # fmt: skip
    assert numbered(there) == {"b": (1, 2)}
    assert numbered(back) == numbered(still) == {"a": (1, 3)}


def test_nobody_goes_on_from_a_segment_that_is_there_that_another_took_or_that_never_was():
    a, b, c = (
        segment("a", "{age: 1}"),
        segment("b", "{age: 2}", renamed_from="a"),
        segment("c", "{age: 3}", renamed_from="a"),
    )
    assert numbered(history([a], [a, b])[1]) == {"a": (1, 1), "b": (2, 1)}
    assert numbered(history([a], [b, c])[1]) == {"b": (1, 2), "c": (2, 1)}
    assert numbered(history([b])[0]) == {"b": (1, 1)}


def test_a_segment_that_is_set_aside_has_the_number_that_it_had_or_that_its_old_name_had():
    known = history([segment("a", "{age: 1}"), segment("b", "{age: 2}")])[0].values()
    aside = {"b": SetAside("broken"), "c": SetAside("broken", renamed_from="a"), "d": SetAside("broken")}
    assert numbers_set_aside(known, aside, taken=()) == {"b": 2, "c": 1}
    assert numbers_set_aside(known, aside, taken=(1,)) == {"b": 2}


@pytest.mark.parametrize("seed", range(40))
def test_numbers_are_distinct_and_stay_with_their_segment_whatever_is_renamed(seed: int):
    """Law over drawn projects of eight days: names come, go, come back and are renamed, with any `renamed_from`."""
    draw = random.Random(seed)
    days = [
        [
            segment(id, f"{{age: {draw.randrange(3)}}}", renamed_from=draw.choice([None, None, *"abcd"]))
            for id in draw.sample("abcd", draw.randint(1, 4))
        ]
        for _ in range(len(DAYS))
    ]
    seen: dict[tuple[str, int], SegmentVersion] = {}
    for before, current in pairwise([{}, *history(*days)]):
        assert len({one.segment_no for one in current.values()}) == len(current)
        for id in before.keys() & current.keys():
            assert current[id].segment_no == before[id].segment_no
        for id, one in current.items():
            row = seen.setdefault((id, one.version), one)
            assert (row.segment_no, row.content_hash) == (one.segment_no, one.content_hash)


def test_the_hash_is_of_the_meaning():
    rule = segment("a", "{all: [{age: 1}, {name: [x, y]}]}").content_hash
    assert segment("b", "{all: [{name: [y, x]}, {age: 1}]}", name="other").content_hash == rule
    assert segment("a", "\n  name: [x, y]\n  age: 1").content_hash == rule
    assert segment("a", '{all: [{age: 1}, {name: ["x", "y"]}]}').content_hash == rule
    assert segment("a", "{any: [{age: 1}, {name: [x, y]}]}").content_hash != rule
    assert segment("a", "{name: '1'}").content_hash != segment("a", "{age: 1}").content_hash
    read = segment("a", "{age: 1}")
    assert read.position == Position("a.yaml", 2, 10)


def test_a_circle_is_shown_with_its_path_and_names_are_put_in():
    problems = Problems()
    both = {
        "a": segment("a", "{in_segment: b}", "b"),
        "b": segment("b", "\n  not: {in_segment: a}", "a", name="The Bs"),
    }
    check_cycles(both, problems)
    assert [(str(one.position), one.message) for one in problems.errors] == [
        ("a.yaml:2:11", "segments name each other in a circle: a -> b -> a")
    ]
    assert with_names(both)["a"].sentence == "People who are in The Bs."


def test_a_mistake_at_the_top_does_not_hide_those_in_the_rule():
    problems = Problems()
    node = parse_yaml("nmae: A\nmembers: {aeg: 1}\n", "a.yaml", problems)
    assert node is not None
    assert read_segment("a", node, scope("a"), problems) is None
    assert {one.code for one in problems.errors} == {"E111", "E301"}

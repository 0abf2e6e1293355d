"""Environments: mappings merge by key, lists and scalars are replaced whole, null takes away, places stay."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from profile_engine.config.environments import overlaid
from profile_engine.config.problems import Problems
from profile_engine.config.yaml_document import Mapping, Node, Scalar, Sequence, parse_yaml


def tree(text: str, file: str = "base.yaml") -> Node:
    problems = Problems()
    node = parse_yaml(text, file, problems)
    assert node is not None
    assert problems.found == []
    return node


def plain(node: Node) -> object:
    if isinstance(node, Mapping):
        return {key.text: plain(value) for key, value in node}
    return [plain(item) for item in node.items] if isinstance(node, Sequence) else node.text


def test_mappings_merge_and_all_else_is_replaced() -> None:
    base = tree("a: {b: 1, c: {d: 2, e: 3}}\nlist: [1, 2, 3]\nkind: {x: 1}\ngone: 4\nkept: 5\n")
    overlay = tree("a: {c: {d: 9}}\nlist: [7]\nkind: plain\ngone: null\nnew: {f: 1}\n", "prod.yaml")
    assert plain(overlaid(base, overlay)) == {
        "a": {"b": "1", "c": {"d": "9", "e": "3"}}, "list": ["7"], "kind": "plain", "kept": "5", "new": {"f": "1"},
    }  # fmt: skip


def test_a_merged_node_keeps_the_place_of_its_own_file() -> None:
    merged = overlaid(tree("a: {b: 1, c: 2}\n"), tree("\n\na: {c: 3}\n", "prod.yaml"))
    assert isinstance(merged, Mapping)
    inner = merged.get("a")
    assert isinstance(inner, Mapping)
    assert str(inner.position) == "base.yaml:1:4"
    assert {key.text: (str(key.position), str(value.position)) for key, value in inner} == {
        "b": ("base.yaml:1:5", "base.yaml:1:8"), "c": ("prod.yaml:3:5", "prod.yaml:3:8"),
    }  # fmt: skip


def test_quoted_null_is_text_and_takes_nothing_away() -> None:
    assert plain(overlaid(tree("a: 1\n"), tree("a: 'null'\n"))) == {"a": "null"}


WORDS = st.sampled_from(["a", "b", "c", "d"])
CONTENT = st.recursive(
    st.sampled_from(["1", "2", "x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=10,
)


def as_node(content: object) -> Node:
    at = Mapping.empty().position
    if isinstance(content, dict):
        return Mapping(tuple((Scalar(key, at), as_node(value)) for key, value in content.items()), at)
    return Sequence(tuple(map(as_node, content)), at) if isinstance(content, list) else Scalar(str(content), at)


def expected(base: object, overlay: object) -> object:
    if not (isinstance(base, dict) and isinstance(overlay, dict)):
        return overlay
    return {**base, **{key: expected(base[key], value) if key in base else value for key, value in overlay.items()}}


@settings(max_examples=100, deadline=None)
@given(CONTENT, CONTENT)
def test_overlaying_equals_the_merge_of_plain_dictionaries(base: object, overlay: object) -> None:
    merged = overlaid(as_node(base), as_node(overlay))
    assert plain(merged) == expected(base, overlay)
    assert plain(overlaid(merged, as_node(overlay))) == plain(merged)
